import { nearMatches } from "@engraft/onnx";
import { UsageError } from "../../errors.js";
import type { Layer, LayerWeight } from "./layer.js";
import { patternOf } from "./patterns.js";

/** A layer and everything in it, outer layers first. */
export function allLayers<W extends LayerWeight>(root: Layer<W>): Layer<W>[] {
  return [root, ...root.children.flatMap((child) => allLayers(child))];
}

/**
 * The layer at a dotted path. Outer parts may be left out where what is left is unambiguous, and so
 * may underscores that names begin with.
 *
 * @throws UsageError when there is no such layer, or more than one.
 */
export function findLayer<W extends LayerWeight>(root: Layer<W>, path: string): Layer<W> {
  const layers = allLayers(root).slice(1);
  const exact = layers.find((layer) => layer.path === path);
  if (exact !== undefined) return exact;
  const wanted = `.${plainPath(path)}`;
  const ending = layers.filter((layer) => `.${plainPath(layer.path)}`.endsWith(wanted));
  if (ending.length === 1) return ending[0]!;
  if (ending.length > 1) {
    throw new UsageError(
      `More than one layer is called "${path}": ${listSome(ending)}. Write more of the path.`,
    );
  }
  const near = nearMatches(
    path,
    layers.map((layer) => layer.path),
  );
  const hint = near.length > 0 ? `Did you mean ${near.join(" or ")}?` : hintOfLayers(root);
  throw new UsageError(`The model has no layer "${path}". ${hint}`);
}

/** What a pattern selects: whole layers, and weights of other layers. */
export interface Selection<W extends LayerWeight> {
  /** The outermost matching layers; what is in them is selected too. */
  readonly layers: readonly Layer<W>[];
  /** Matching weights outside of these. */
  readonly weights: readonly W[];
}

/**
 * The layers and weights whose paths match a pattern: `encoder.layer.*.attention`, `**.bias`.
 *
 * @throws UsageError when nothing matches.
 */
export function select<W extends LayerWeight>(root: Layer<W>, pattern: string): Selection<W> {
  const expression = patternOf(pattern);
  const layers: Layer<W>[] = [];
  const weights: W[] = [];
  const visit = (layer: Layer<W>): void => {
    for (const weight of layer.ownWeights) if (expression.test(weight.name)) weights.push(weight);
    for (const child of layer.children) {
      if (expression.test(child.path)) layers.push(child);
      else visit(child);
    }
  };
  visit(root);
  if (layers.length > 0 || weights.length > 0) return { layers, weights };
  throw new UsageError(
    `Nothing in the model matches "${pattern}". ${hintOfLayers(root)} ` +
      "* stands for one part of a path, ** for any number.",
  );
}

/** All weights that a selection covers. */
export function weightsIn<W extends LayerWeight>({ layers, weights }: Selection<W>): W[] {
  return [...weights, ...layers.flatMap((layer) => layer.weights)];
}

/** Covers what is selected; what is in the layers remembers its own setting. */
export function freezeSelection<W extends LayerWeight>({ layers, weights }: Selection<W>): void {
  for (const part of [...layers, ...weights]) part.trainable = false;
}

/** Makes everything trainable that is selected, whatever was frozen inside or around it. */
export function unfreezeSelection<W extends LayerWeight>({ layers, weights }: Selection<W>): void {
  const inside = layers.flatMap((layer) => [...allLayers(layer), ...layer.weights]);
  for (const part of [...inside, ...weights]) part.trainable = true;
}

/**
 * The outermost layers all of whose weights are among some, and the weights of other layers.
 * Layers without weights are left alone.
 */
export function coveringSelection<W extends LayerWeight>(
  root: Layer<W>,
  names: ReadonlySet<string>,
): Selection<W> {
  const isCovered = ({ weights }: Layer<W>): boolean =>
    weights.length > 0 && weights.every(({ name }) => names.has(name));
  const layers: Layer<W>[] = [];
  const weights: W[] = [];
  const visit = (layer: Layer<W>): void => {
    for (const weight of layer.ownWeights) if (names.has(weight.name)) weights.push(weight);
    for (const child of layer.children) {
      if (isCovered(child)) layers.push(child);
      else visit(child);
    }
  };
  visit(root);
  return { layers, weights };
}

function hintOfLayers<W extends LayerWeight>({ children }: Layer<W>): string {
  return children.length === 0
    ? "It has no layers with names."
    : `Its layers are ${listSome(children)}.`;
}

function listSome(layers: readonly { readonly path: string }[]): string {
  const paths = layers.slice(0, 5).map(({ path }) => path);
  return layers.length > paths.length ? `${paths.join(", ")}, ...` : paths.join(", ");
}

/** `_blocks.6._bn1` as people write it: `blocks.6.bn1`. */
function plainPath(path: string): string {
  return path
    .split(".")
    .map((part) => part.replace(/^_+/, ""))
    .join(".");
}
