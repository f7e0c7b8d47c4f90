import { Model as EngineModel, parseBaseSpec } from "@engraft/core";
import { decodeModel, type LeftOut, type Model, OnnxError } from "@engraft/onnx";
import { bindModel } from "./bases/bind.js";
import type { BaseId } from "./bases/registry.js";
import { readStoredTask } from "./format/files/stored-task.js";
import type { InputBinding } from "./format/manifest/config.js";
import { withInterval } from "./format/manifest/describe-task.js";
import type { TaskManifest } from "./format/manifest/manifest.js";
import type { Host, ModelFile } from "./host.js";
import { openTask } from "./predict/open-task.js";

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

/** What `inspect` found. */
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

/** Describes a base model. */
export async function inspectBase(
  id: BaseId,
  host: Pick<Host, "readBaseFile" | "sha256">,
): Promise<Inspection> {
  const spec = parseBaseSpec(await host.readBaseFile(id, "spec.json"));
  return {
    title: `Base model ${spec.id}: ${spec.title}`,
    facts: [
      ["kind of data", spec.modality],
      ["licence", spec.license],
      ["source", spec.source],
      ["taps", spec.taps.map(({ name, width }) => `${name} (${width})`).join(", ")],
    ],
    parts: [await summarizeFile(spec.model, await host.readBaseFile(id, spec.model), false, host)],
  };
}

/**
 * Describes a task.
 *
 * @throws UsageError when there is none at the place.
 */
export async function inspectTask(
  place: string,
  host: Pick<Host, "tasks" | "sha256">,
): Promise<Inspection> {
  const stored = await readStoredTask(place, host);
  openTask(stored); // Refuses a head that is not what the manifest says.
  const { manifest, files } = stored;
  const { evaluation, base, head } = manifest;
  return {
    title: `Task ${place}`,
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
    parts: await Promise.all(
      [...files]
        .filter(([name]) => name.endsWith(".onnx"))
        .map(([name, bytes]) => summarizeFile(name, bytes, true, host)),
    ),
  };
}

function accuracyOf({ outOfFold, method }: TaskManifest["evaluation"]): string {
  if (outOfFold === undefined) return method;
  return `${withInterval(outOfFold.accuracy, outOfFold.intervals.accuracy)}, ${method}`;
}

/**
 * Describes an ONNX model.
 *
 * @param place - Where it was found.
 * @param name - Of its file.
 */
export async function inspectModel(
  place: string,
  name: string,
  { bytes, model: stored, dataFiles }: ModelFile,
  { bind = [] }: Pick<InspectOptions, "bind">,
  host: Pick<Host, "sha256">,
): Promise<Inspection> {
  const model = bindModel(stored, bind);
  const external = Array.from(
    dataFiles,
    async ([location, content]): Promise<[string, string]> => [
      "external data",
      `${location}, ${content.length} bytes, SHA-256 ${await host.sha256(content)}`,
    ],
  );
  const { graph, opsets, producer } = model;
  return {
    title: `ONNX model ${place}`,
    facts: [
      ["producer", `${producer.name} ${producer.version}`.trim() || "unknown"],
      ["operator sets", [...opsets].map(([domain, v]) => `${domain || "ai.onnx"} ${v}`).join(", ")],
      ["inputs", describeValues(graph.inputs)],
      ["outputs", describeValues(graph.outputs)],
      ["nodes", String(graph.nodes.length)],
      ...(await Promise.all(external)),
    ],
    parts: [await summarize(name, bytes, model, false, host)],
  };
}

function describeValues(values: Model["graph"]["inputs"]): string {
  return values
    .map(({ name, type }) => `${name} ${type.dtype}[${type.shape?.join(", ") ?? "?"}]`)
    .join(", ");
}

function summarizeFile(
  name: string,
  bytes: Uint8Array,
  trainable: boolean,
  host: Pick<Host, "sha256">,
): Promise<PartSummary> {
  return summarize(name, bytes, decodeModel(bytes), trainable, host);
}

async function summarize(
  name: string,
  bytes: Uint8Array,
  model: Model,
  trainable: boolean,
  host: Pick<Host, "sha256">,
): Promise<PartSummary> {
  return {
    name,
    bytes: bytes.length,
    sha256: await host.sha256(bytes),
    ...weightsOf(model, trainable),
  };
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
