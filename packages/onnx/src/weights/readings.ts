import type { Graph, Node } from "../ir/graph.js";
import { subgraphsOf } from "../ir/scope.js";

/** A place where the values of an initializer are read. */
export interface Reading {
  readonly node: Node;
  /** Which input of the node it is. */
  readonly position: number;
  /** What is read: the initializer, or what is computed from it and other constants. */
  readonly value: string;
  /** Whether the node reads something else that is fed or depends on what is fed. */
  readonly meetsData: boolean;
}

/** Operators that arrange their first input anew; what else they read says only how. */
const ARRANGING: ReadonlySet<string> = new Set([
  ...["Slice", "Split", "Reshape", "Squeeze", "Unsqueeze", "Flatten", "Transpose"],
]);

/** Operators that take a part of their first input. */
const PARTIAL: ReadonlySet<string> = new Set(["Slice", "Split", "Gather", "GatherElements"]);

/** A value that is computed from more constants than this is not followed: each has its own list. */
const MAX_ORIGINS = 1000;

/**
 * Follows the constants of a graph to where they meet data: through `Cast`, `Slice`, `Concat`,
 * `Transpose`, `Reshape` and arithmetic with other constants. So a matrix whose gates are put into
 * another order is read by the recurrent layer behind, as if it were stored in that order.
 */
export class ConstantReadings {
  readonly #origins = new Map<string, ReadonlySet<string>>();
  readonly #byOrigin = new Map<string, Reading[]>();
  readonly #byValue = new Map<string, Reading[]>();

  constructor({ initializers, nodes }: Graph) {
    for (const name of initializers.keys()) this.#origins.set(name, new Set([name]));
    for (const node of nodes) this.#visit(node);
  }

  /** Where an initializer, or what is computed from it, is read; in the order of the graph. */
  of(initializer: string): readonly Reading[] {
    return this.#byOrigin.get(initializer) ?? [];
  }

  /** Where nodes read an initializer itself. */
  direct(initializer: string): readonly Reading[] {
    return this.#byValue.get(initializer) ?? [];
  }

  /** Where what is read in one place meets data first; the reading itself where it never does. */
  meeting(reading: Reading): Reading {
    const seen = new Set([reading]);
    // A Set is iterated in insertion order and includes what is added on the way.
    for (const current of seen) {
      if (current.meetsData) return current;
      for (const output of current.node.outputs) {
        for (const next of this.#byValue.get(output) ?? []) seen.add(next);
      }
    }
    return reading;
  }

  #visit(node: Node): void {
    const meetsData = !this.#isConstant(node);
    const carried = new Set<string>();
    for (const [position, value] of node.inputs.entries()) {
      const origins = this.#origins.get(value);
      if (origins === undefined) continue;
      const reading = { node, position, value, meetsData };
      addTo(this.#byValue, value, reading);
      for (const origin of origins) {
        addTo(this.#byOrigin, origin, reading);
        carried.add(origin);
      }
    }
    if (meetsData || carried.size > MAX_ORIGINS) return;
    for (const output of node.outputs) if (output !== "") this.#origins.set(output, carried);
  }

  /** Whether the values of a node's outputs depend on constants alone. */
  #isConstant(node: Node): boolean {
    if (subgraphsOf(node).length > 0 || node.inputs.length === 0) return false;
    const isArranging = node.domain === "" && ARRANGING.has(node.opType);
    const inputs = isArranging ? node.inputs.slice(0, 1) : node.inputs;
    return inputs.every((name) => name === "" || this.#origins.has(name));
  }
}

function addTo(map: Map<string, Reading[]>, key: string, reading: Reading): void {
  const readings = map.get(key);
  if (readings === undefined) map.set(key, [reading]);
  else readings.push(reading);
}

/** Whether a reading takes a part of a constant, other than the rows that data choose. */
export function takesPart({ node, meetsData }: Reading): boolean {
  return !meetsData && node.domain === "" && PARTIAL.has(node.opType);
}
