import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { Model as EngineModel, parseBaseSpec, UsageError } from "@engraft/core";
import { decodeModel, type LeftOut, type Model, OnnxError } from "@engraft/onnx";
import {
  type BaseId,
  baseIds,
  bindModel,
  type InputBinding,
  isBaseId,
  openTask,
  readStoredTask,
} from "@engraft/tasks/internal";
import { isTaskZip, type TaskManifest, withInterval } from "@engraft/tasks/predict";
import { defaultEngraft } from "./engraft.js";
import { readModelFile } from "./host/files/model-file.js";

/** A group of weights that belong together: `encoder.layer.0.attention`. */
export interface LayerSummary {
  readonly name: string;
  /** Number of weights in it. */
  readonly weights: number;
  /** Whether training changes them: the layers of a base are frozen, those of a head are not. */
  readonly trainable: boolean;
}

/** One model file of what is inspected. */
export interface PartSummary {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly layers: readonly LayerSummary[];
  /** Floats that are stored beside the weights, and why they are not trained. */
  readonly leftOut: readonly LeftOut[];
}

/** What {@link inspect} found. */
export interface Inspection {
  readonly title: string;
  /** Facts in the order in which they are shown. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly parts: readonly PartSummary[];
}

/** How something is inspected. */
export interface InspectOptions {
  /** Inputs and sizes of an ONNX file that are fixed: `[{ name: "sr", values: [16000] }]`. */
  readonly bind?: readonly InputBinding[] | undefined;
  /** Stops the work before the file is read. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Describes a task, a base model by its name, or an ONNX file.
 *
 * @throws UsageError when it is none of these.
 * @throws OnnxError when the file is not an ONNX model.
 */
export async function inspect(
  what: string,
  { bind = [], signal }: InspectOptions = {},
): Promise<Inspection> {
  signal?.throwIfAborted();
  if (isBaseId(what)) return inspectBase(what);
  const entry = await stat(what).catch(() => undefined);
  signal?.throwIfAborted();
  const isTask = entry?.isDirectory() || (entry?.isFile() && isTaskZip(what));
  if (isTask) return inspectTask(what);
  if (entry?.isFile()) return inspectFile(what, bind);
  throw new UsageError(
    `${what} is neither a task, nor an ONNX file, nor a base model ` + `(${baseIds().join(", ")}).`,
  );
}

async function inspectBase(id: BaseId): Promise<Inspection> {
  const { host } = defaultEngraft();
  const spec = parseBaseSpec(await host.readBaseFile(id, "spec.json"));
  return {
    title: `Base model ${spec.id}: ${spec.title}`,
    facts: [
      ["kind of data", spec.modality],
      ["licence", spec.license],
      ["source", spec.source],
      ["taps", spec.taps.map(({ name, width }) => `${name} (${width})`).join(", ")],
    ],
    parts: [summarizeFile(spec.model, await host.readBaseFile(id, spec.model), false)],
  };
}

async function inspectTask(path: string): Promise<Inspection> {
  const stored = await readStoredTask(path, defaultEngraft().host);
  openTask(stored); // Refuses a head that is not what the manifest says.
  const { manifest, files } = stored;
  const { evaluation, base, head } = manifest;
  return {
    title: `Task ${path}`,
    facts: [
      ["kind of data", manifest.modality],
      ["labels", manifest.labels.join(", ")],
      ["base", `${base.id}, digest ${base.digest}`],
      [
        "reads",
        manifest.columns.map(({ tap, pooling }) => `${tap} (${pooling})`).join(", ") ||
          "words only",
      ],
      [
        "head",
        `${head.kind}: ${head.views.map(({ name, weight }) => `${name} ${weight.toFixed(3)}`).join(", ")}`,
      ],
      ["examples", String(manifest.dataset.examples)],
      ["accuracy", accuracyOf(evaluation)],
      ["made", `${manifest.createdAt} by Engraft ${manifest.engraft}`],
    ],
    parts: [...files]
      .filter(([name]) => name.endsWith(".onnx"))
      .map(([name, bytes]) => summarizeFile(name, bytes, true)),
  };
}

function accuracyOf({ outOfFold, method }: TaskManifest["evaluation"]): string {
  if (outOfFold === undefined) return method;
  return `${withInterval(outOfFold.accuracy, outOfFold.intervals.accuracy)}, ${method}`;
}

async function inspectFile(path: string, bindings: readonly InputBinding[]): Promise<Inspection> {
  const { bytes, model: stored, dataFiles } = await readModelFile(path);
  const model = bindModel(stored, bindings);
  const { graph, opsets, producer } = model;
  return {
    title: `ONNX model ${path}`,
    facts: [
      ["producer", `${producer.name} ${producer.version}`.trim() || "unknown"],
      ["operator sets", [...opsets].map(([domain, v]) => `${domain || "ai.onnx"} ${v}`).join(", ")],
      [
        "inputs",
        graph.inputs
          .map(({ name, type }) => `${name} ${type.dtype}[${type.shape?.join(", ") ?? "?"}]`)
          .join(", "),
      ],
      [
        "outputs",
        graph.outputs
          .map(({ name, type }) => `${name} ${type.dtype}[${type.shape?.join(", ") ?? "?"}]`)
          .join(", "),
      ],
      ["nodes", String(graph.nodes.length)],
      ...Array.from(dataFiles, ([location, content]): [string, string] => [
        "external data",
        `${location}, ${content.length} bytes, SHA-256 ${sha256Of(content)}`,
      ]),
    ],
    parts: [summarize(basename(path), bytes, model, false)],
  };
}

function summarizeFile(name: string, bytes: Uint8Array, trainable: boolean): PartSummary {
  return summarize(name, bytes, decodeModel(bytes), trainable);
}

function summarize(name: string, bytes: Uint8Array, model: Model, trainable: boolean): PartSummary {
  return {
    name,
    bytes: bytes.length,
    sha256: sha256Of(bytes),
    ...weightsOf(model, trainable),
  };
}

function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Weights as `summary` and training count them, grouped by the module that their names start with. */
function weightsOf(onnx: Model, trainable: boolean): Pick<PartSummary, "layers" | "leftOut"> {
  const model = tryToOpen(onnx);
  if (model instanceof OnnxError) return { layers: [], leftOut: storedFloats(onnx, model.message) };
  const counts = new Map<string, number>();
  for (const { name, size } of model.weights) {
    const layer = name.replace(/[./][^./]+$/, "");
    counts.set(layer, (counts.get(layer) ?? 0) + size);
  }
  return {
    layers: Array.from(counts, ([name, weights]) => ({ name, weights, trainable })),
    leftOut: model.leftOut,
  };
}

/** A file that no layers can be taken from can be looked into all the same. */
function tryToOpen(onnx: Model): EngineModel | OnnxError {
  try {
    return EngineModel.fromOnnx(onnx);
  } catch (error) {
    if (error instanceof OnnxError && error.code === "onnx/unsupported") return error;
    throw error;
  }
}

function storedFloats({ graph }: Model, reason: string): LeftOut[] {
  return Array.from(graph.initializers).flatMap(([name, { dtype, dims }]) =>
    dtype.includes("float") ? [{ name, shape: dims, reason }] : [],
  );
}
