import { IntegrityError } from "@engraft/core/errors";
import type { TfidfModel } from "@engraft/core/predict";
import { HEAD, type HeadShape, headShapes, totalWidth } from "@engraft/core/predict";
import { decodeModel, type Graph, type Model } from "@engraft/onnx/graph";
import type { TaskManifest } from "../manifest/manifest.js";
import { HEAD_FILE } from "../manifest/task-files.js";

/**
 * Reads `head.onnx`: a graph of the operators that heads are made of, with all of its weights in the
 * file, that fits the task.
 *
 * @param tfidf - The words of the task, where a view on words has weight.
 * @throws IntegrityError `task/invalid` when it is not the head of this task.
 */
export function readHead(
  bytes: Uint8Array,
  manifest: Pick<TaskManifest, "columns" | "labels">,
  tfidf: TfidfModel | undefined,
): Model {
  try {
    // Without the option externalData, weights in another file are refused.
    const model = decodeModel(bytes);
    checkGraph(model.graph, manifest, tfidf);
    return model;
  } catch (cause) {
    throw invalidHead(cause instanceof Error ? cause.message : String(cause), cause);
  }
}

/** The error of a task whose head cannot be used. */
export function invalidHead(reason: string, cause: unknown): IntegrityError {
  return new IntegrityError(
    "task/invalid",
    HEAD_FILE,
    `${HEAD_FILE} is not the head of this task: ${reason.replace(/\.$/, "")}. Restore it, or train the task again.`,
    { cause },
  );
}

/** @throws Error with the reason. */
function checkGraph(
  graph: Graph,
  { columns, labels }: Pick<TaskManifest, "columns" | "labels">,
  tfidf: TfidfModel | undefined,
): void {
  const width = totalWidth(columns);
  const expected = new Map<string, Width>();
  if (width > 0) expected.set(HEAD.features, { size: width, unit: "features in its columns" });
  if (tfidf !== undefined) {
    expected.set(HEAD.words, { size: tfidf.idf.length, unit: "words in its vocabulary" });
  }
  const shapes = headShapes(graph);
  for (const { name } of graph.inputs) {
    const asked = expected.get(name);
    if (asked === undefined) throw new Error(`the task has nothing for its input "${name}"`);
    requireWidth(`its input "${name}"`, shapes.get(name), asked);
    expected.delete(name);
  }
  for (const [name] of expected) throw new Error(`it has no input "${name}"`);
  if (graph.outputs.length !== 1 || graph.outputs[0]!.name !== HEAD.output) {
    throw new Error(`its output is not "${HEAD.output}"`);
  }
  const answers = { size: labels.length, unit: "labels" };
  requireWidth(`its output "${HEAD.output}"`, shapes.get(HEAD.output), answers);
}

/** How many there are of something that a task counts. */
interface Width {
  readonly size: number;
  readonly unit: string;
}

/** A row for each input, and as many columns as the task says. */
function requireWidth(what: string, shape: HeadShape | undefined, { size, unit }: Width): void {
  const [rows, columns] = shape ?? [];
  if (shape?.length === 2 && rows === null && columns === size) return;
  throw new Error(
    `${what} is [${shape?.map((axis) => axis ?? "inputs").join(", ")}], and the task has ${size} ${unit}`,
  );
}
