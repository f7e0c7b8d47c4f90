import type { BaseModel, DataProblem, SingleLabelExample } from "@engraft/core";
import { measuredSplit } from "@engraft/core/predict";
import { evaluateTask } from "../evaluate/evaluate.js";
import { packExport } from "../export/export.js";
import { type Agreement, agreementOf } from "../export/export-agreement.js";
import { EXPORT_FILES } from "../export/export-description.js";
import type { Metrics } from "../format/manifest/manifest.js";
import { Predictor } from "../predict/predictor.js";
import { unpredictable } from "../predict/unpredictable.js";
import { openInputs, requireModality } from "../sources/open-inputs.js";
import type { ReadingOptions, RunOptions } from "../sources/options.js";
import type { DataSource, NamedInput, UnlabelledSource } from "../sources/source.js";
import type { TaskHandle } from "../task-handle.js";
import type { Workspace } from "../workspace.js";
import { trainingSetFor } from "./evaluate.js";
import { readingOf } from "./options.js";

/** What is exported, and what it is compared on. */
export interface ExportOptions extends ReadingOptions, RunOptions {
  /** One ONNX model, and what is needed to use it. Default. */
  readonly format?: "onnx" | undefined;
  /** Store the large weights of the base in 8 bits: smaller, a little less exact. Default false. */
  readonly int8?: boolean | undefined;
  /** Labelled data to measure the task and the exported model on. */
  readonly data?: DataSource | undefined;
  /** Unlabelled inputs to compare both on. */
  readonly inputs?: UnlabelledSource | undefined;
}

/** How an exported model compares with its task. */
export interface ExportComparison {
  /** Both on the labelled data, where some was given. */
  readonly measured?: { readonly task: Metrics; readonly exported: Metrics };
  /** How alike both are on the inputs, where some were given. */
  readonly agreement?: Agreement;
}

/** What was exported, and what was measured. */
export interface ExportedTask extends ExportComparison {
  /** The place that it was written to. */
  readonly output: string;
  readonly weights: "float" | "int8";
  /** Size of every file in bytes, by name. */
  readonly files: Readonly<Record<string, number>>;
  /** Size of `model.onnx` in bytes where `int8` is left out. */
  readonly floatBytes: number;
  /** What was left out of the data and inputs because it could not be read. */
  readonly skipped: readonly DataProblem[];
}

/** Exports a task as one ONNX model; `Task.export` is its form for programs. */
export async function exportTask(
  task: TaskHandle,
  output: string,
  options: ExportOptions,
  workspace: Workspace,
): Promise<ExportedTask> {
  const { host, bases } = workspace;
  const { int8 = false, signal } = options;
  const place = await host.files.prepareFolder(output, "an export", Object.values(EXPORT_FILES));
  const samples = await readSamples(task, options, workspace);
  const base = await bases.openTuned(task.trained, task.name);
  const { version } = host;
  const float = packExport(task.trained, base, { int8: false, version });
  signal?.throwIfAborted();
  const packed = int8 ? packExport(task.trained, base, { int8, version }) : float;
  const comparison = await compare(task, [base, packed.base], samples, options, workspace);
  signal?.throwIfAborted();
  await place.write(packed.files);
  return {
    output,
    weights: int8 ? "int8" : "float",
    files: Object.fromEntries(Array.from(packed.files, ([name, { length }]) => [name, length])),
    floatBytes: float.files.get(EXPORT_FILES.model)!.length,
    skipped: samples.skipped,
    ...comparison,
  };
}

/** What a task and its export are compared on. */
interface Samples {
  readonly examples: readonly SingleLabelExample[] | undefined;
  readonly inputs: readonly NamedInput[] | undefined;
  readonly skipped: readonly DataProblem[];
}

async function readSamples(
  { trained, name }: TaskHandle,
  options: ExportOptions,
  { host }: Workspace,
): Promise<Samples> {
  const { data, inputs: source, skipBad = false } = options;
  const { modality } = trained.manifest;
  const reading = readingOf(options, "evaluate");
  const dataset = data === undefined ? undefined : await host.data.dataset(data, reading);
  if (dataset !== undefined) requireModality(name, modality, dataset);
  const inputs: NamedInput[] = [];
  const problems: DataProblem[] = [];
  const { purpose: _, ...unlabelled } = reading;
  for await (const found of source === undefined
    ? []
    : openInputs(source, host, { ...unlabelled, modality })) {
    if ("input" in found) inputs.push(found);
    else problems.push(found);
  }
  if (problems.length > 0 && !skipBad) throw unpredictable(problems);
  return {
    examples: dataset && measuredSplit(dataset),
    inputs: source === undefined ? undefined : inputs,
    skipped: [...(dataset?.skipped ?? []), ...problems],
  };
}

/** Runs the task on its own base and on that of the export. */
async function compare(
  task: TaskHandle,
  [own, exported]: readonly [own: BaseModel, exported: BaseModel],
  { examples, inputs }: Samples,
  { skipBad, signal, onProgress }: ExportOptions,
  workspace: Workspace,
): Promise<ExportComparison> {
  if (examples === undefined && inputs === undefined) return {};
  const { host } = workspace;
  const { labels } = task.trained.manifest;
  const before = await Predictor.open(task.trained, own, host);
  const after = await Predictor.open(task.trained, exported, host);
  try {
    const settings = { skipBad, signal, onProgress };
    const trainingSet = examples && (await trainingSetFor(task, workspace));
    const measuring = { ...settings, trainingSet };
    return {
      ...(examples && {
        measured: {
          task: await evaluateTask(before, labels, examples, measuring),
          exported: await evaluateTask(after, labels, examples, measuring),
        },
      }),
      ...(inputs && { agreement: await agreementOf(before, after, inputs, settings) }),
    };
  } finally {
    await Promise.all([before.release(), after.release()]);
  }
}
