import type { BaseModel } from "@engraft/core";
import { FEATURES_OUTPUT, featureGraph, HEAD } from "@engraft/core/internal";
import {
  append,
  castWeights,
  createNode,
  encodeModel,
  type Graph,
  gatherBeforeCast,
  type Model,
  normalize,
  quantizeWeights,
  renameValues,
  type ValueInfo,
} from "@engraft/onnx";
import { encodeVocabulary } from "../format/files/vocabulary.js";
import type { TaskParts } from "../predict/task-head.js";
import {
  EXPORT_FILES,
  type ExportDescription,
  exportMetadata,
  inputsOf,
  PROBABILITIES,
} from "./export-description.js";
import { exportReadme } from "./export-readme.js";

export interface ExportSettings {
  /** Store the large weights of the base in 8 bits; see `quantizeWeights`. */
  readonly int8: boolean;
  /** Version of Engraft, for the record. */
  readonly version: string;
}

/** A task in the form in which it works without Engraft. */
export interface PackedExport {
  /** Content of every file, by name. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** The base with its weights as in the files: a `Predictor` on it shows what int8 costs. */
  readonly base: BaseModel;
}

/**
 * Packs a task and the layers of the base that it reads into one ONNX model, with everything that is
 * needed to run it on a plain ONNX Runtime: labels, tokenizer, vocabulary, and a page that says how.
 *
 * The model's inputs are those of the base, and `words` where a view on words has weight; its
 * outputs are `logProbabilities` and `probabilities`, float32 [batch, labels]. What a reader of the
 * file alone must know is in its metadata.
 */
export function packExport(
  task: TaskParts,
  base: BaseModel,
  { int8, version }: ExportSettings,
): PackedExport {
  const normal = normalize(base.model);
  const exported = { ...base, model: int8 ? quantizeWeights(normal) : normal };
  const joined = joinHead(task, exported);
  const description: ExportDescription = {
    manifest: task.manifest,
    base,
    inputs: inputsOf(joined, base.spec),
    tokenization: task.tfidf?.tokenization,
    int8,
    version,
  };
  const files = new Map<string, Uint8Array>([
    [EXPORT_FILES.model, encodeExport(joined, description)],
    [EXPORT_FILES.labels, encodeJson(task.manifest.labels)],
    [EXPORT_FILES.readme, new TextEncoder().encode(exportReadme(description))],
  ]);
  if (description.inputs.some(({ role }) => role === "ids")) {
    files.set(EXPORT_FILES.tokenizer, encodeJson(base.tokenizer()));
  }
  if (task.tfidf !== undefined) files.set(EXPORT_FILES.vocabulary, encodeVocabulary(task.tfidf));
  return { files, base: exported };
}

/** The layers that a task reads, with its head on top. */
function joinHead({ manifest, head }: TaskParts, base: BaseModel): Model {
  const top = withProbabilities(normalize(head));
  if (manifest.columns.length === 0) return top;
  const backbone = featureGraph(base, manifest.columns);
  // A base may be newer than the head; the head's operators mean the same in all later operator sets.
  const fitted = { ...top, opsets: backbone.opsets };
  const joined = append(backbone, fitted, { [HEAD.features]: FEATURES_OUTPUT });
  return { ...joined, graph: withOutputNames(joined.graph, top.graph.outputs) };
}

function encodeExport(joined: Model, description: ExportDescription): Uint8Array {
  // Weights that the base stores in 16 bits are in 16 bits again.
  const stored = gatherBeforeCast(castWeights(joined, "float16", { exact: true }));
  return encodeModel({
    ...stored,
    producer: { name: "engraft", version: description.version },
    metadata: exportMetadata(description),
  });
}

function withProbabilities(head: Model): Model {
  const { graph } = head;
  const [logProbabilities] = graph.outputs as [ValueInfo];
  return {
    ...head,
    graph: {
      ...graph,
      nodes: [...graph.nodes, createNode("Exp", [logProbabilities.name], [PROBABILITIES])],
      outputs: [logProbabilities, { ...logProbabilities, name: PROBABILITIES }],
    },
  };
}

/** Gives outputs the names that they were to have, where the base calls inner values the same. */
function withOutputNames(graph: Graph, wanted: readonly ValueInfo[]): Graph {
  const swapped = new Map<string, string>();
  graph.outputs.forEach(({ name }, index) => {
    const { name: other } = wanted[index]!;
    swapped.set(name, other).set(other, name);
  });
  return renameValues(graph, swapped);
}

function encodeJson(value: unknown): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value)}\n`);
}
