import { readdir, stat } from "node:fs/promises";
import {
  type BaseModel,
  type DataProblem,
  type Dataset,
  type OnProgress,
  type SingleLabelExample,
  UsageError,
} from "@engraft/core";
import {
  type Agreement,
  agreementOf,
  EXPORT_FILES,
  evaluateTask,
  type Metrics,
  Predictor,
  packExport,
  type RecordedExample,
  type TaskManifest,
  type TaskParts,
  trainingSetOf,
} from "@engraft/tasks";
import { type DataOptions, type NamedInput, readDataset, readInputs } from "../data/index.js";
import { requireWritable, targetOf } from "../host/files/durable.js";
import { type Replacing, replaceFolder } from "../host/files/replace-folder.js";
import { createNodeHost, type NodeHost } from "../host/node-host.js";
import { version } from "../version.js";
import { findTaskExamples } from "./folder.js";
import { readBaseOf, readTask } from "./read-task.js";

export interface ExportOptions {
  /** Folder to write. An earlier export there is replaced; anything else is refused. */
  readonly output: string;
  /** Store the large weights of the base in 8 bits: smaller, a little less exact. Default false. */
  readonly int8?: boolean | undefined;
  /** Labelled data to measure the task and the exported model on: a file or folder, or a data set. */
  readonly data?: string | Dataset | undefined;
  /** Texts, files or folders, as `predict` takes them, to compare both on without labels. */
  readonly inputs?: readonly string[] | undefined;
  /** Names of columns, where images are, and limits; all have defaults. */
  readonly columns?: DataOptions | undefined;
  /** Go on without examples and inputs that cannot be used. Default false. */
  readonly skipBad?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
  /** Told about what is doubtful in the data without stopping the work. Default: ignored. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** How an exported model compares with its task. */
export interface ExportComparison {
  /** Both on the labelled data, where some was given. */
  readonly measured?: { readonly task: Metrics; readonly exported: Metrics };
  /** How alike both are on the inputs, where some were given. */
  readonly agreement?: Agreement;
}

/** What {@link exportTask} wrote, and what it measured. */
export interface ExportedTask extends ExportComparison {
  readonly output: string;
  readonly weights: "float" | "int8";
  /** Size of every file in bytes, by name. */
  readonly files: Readonly<Record<string, number>>;
  /** Size of `model.onnx` in bytes where `int8` is left out. */
  readonly floatBytes: number;
  /** What was left out of the data and inputs because it could not be read. */
  readonly skipped: readonly DataProblem[];
}

/**
 * Exports a task as one ONNX model that needs no Engraft, with what is needed to use it in Python,
 * Node or elsewhere: see the `README.md` in the folder.
 *
 * ```ts
 * const { files, measured } = await exportTask("mails.engraft", {
 *   output: "out",
 *   int8: true,
 *   data: "test.csv",
 * });
 * console.log(files["model.onnx"], measured?.task.accuracy, measured?.exported.accuracy);
 * ```
 *
 * @throws UsageError when there is no such task, or the place is taken by something else.
 * @throws DataError when the data or an input cannot be used.
 * @throws IntegrityError when a file of the task or of its base model was altered or is missing.
 */
export async function exportTask(path: string, options: ExportOptions): Promise<ExportedTask> {
  const { output, int8 = false, signal } = options;
  await requireExportPlace(output);
  const task = await readTask(path);
  const samples = await readSamples(task.manifest, options);
  const platform = createNodeHost();
  try {
    const base = await readBaseOf(task, path, platform);
    const float = packExport(task, base, { int8: false, version });
    signal?.throwIfAborted();
    const { files, base: exported } = int8 ? packExport(task, base, { int8, version }) : float;
    const trainedOn = samples.examples && (await findTaskExamples(path, task.manifest));
    const bases = [base, exported] as const;
    const comparison = await compare(task, bases, samples, options, platform, trainedOn);
    signal?.throwIfAborted();
    await replaceFolder(output, files, EXPORT);
    return {
      output,
      weights: int8 ? "int8" : "float",
      files: Object.fromEntries(Array.from(files, ([name, { length }]) => [name, length])),
      floatBytes: float.files.get(EXPORT_FILES.model)!.length,
      skipped: samples.skipped,
      ...comparison,
    };
  } finally {
    await platform.close();
  }
}

/** What a task and its export are compared on. */
interface Samples {
  readonly examples: readonly SingleLabelExample[] | undefined;
  readonly inputs: readonly NamedInput[] | undefined;
  readonly skipped: readonly DataProblem[];
}

async function readSamples(manifest: TaskManifest, options: ExportOptions): Promise<Samples> {
  const { data, inputs } = options;
  const dataset = data === undefined ? undefined : await readData(data, manifest, options);
  const skipped = [...(dataset?.skipped ?? [])];
  return {
    // Those of the `test` split, else `val`, else all.
    examples: dataset?.splits.test ?? dataset?.splits.val ?? dataset?.splits.train,
    inputs: inputs === undefined ? undefined : await readAll(inputs, manifest, options, skipped),
    skipped,
  };
}

async function readData(
  data: string | Dataset,
  { modality }: TaskManifest,
  { columns, skipBad, signal, onWarning }: ExportOptions,
): Promise<Dataset> {
  const dataset =
    typeof data === "string"
      ? await readDataset(data, { ...columns, skipBad, signal, onWarning, purpose: "evaluate" })
      : data;
  if (dataset.modality === modality) return dataset;
  const names = { text: "texts", image: "images" };
  throw new UsageError(
    `The task works on ${names[modality]}, and the data is ${names[dataset.modality]}.`,
  );
}

/** Reads all inputs. What cannot be read goes to `skipped` where that is allowed. */
async function readAll(
  given: readonly string[],
  { modality }: TaskManifest,
  { columns, skipBad, signal, onWarning }: ExportOptions,
  skipped: DataProblem[],
): Promise<NamedInput[]> {
  const onSkip = skipBad ? (problem: DataProblem) => void skipped.push(problem) : undefined;
  const inputs: NamedInput[] = [];
  for await (const input of readInputs(given, {
    modality,
    ...columns,
    signal,
    onSkip,
    onWarning,
  })) {
    inputs.push(input);
  }
  return inputs;
}

/** Runs the task on its own base and on that of the export. */
async function compare(
  task: TaskParts,
  [own, exported]: readonly [own: BaseModel, exported: BaseModel],
  { examples, inputs }: Samples,
  { skipBad, signal, onProgress }: ExportOptions,
  platform: NodeHost,
  trainedOn: readonly RecordedExample[] | undefined,
): Promise<ExportComparison> {
  if (examples === undefined && inputs === undefined) return {};
  const before = await Predictor.open(task, own, platform);
  const after = await Predictor.open(task, exported, platform);
  const { labels } = task.manifest;
  const settings = { skipBad, signal, onProgress };
  const trainingSet = trainedOn && trainingSetOf(trainedOn, platform);
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
}

/** An export is replaced only where nothing else is in its folder. */
const EXPORT: Replacing = {
  names: Object.values(EXPORT_FILES),
  own: () => Promise.resolve(EXPORT.names),
  check: requireExportPlace,
};

/**
 * Makes sure that an export can be written to a place: nothing is there, or nothing but an earlier
 * export.
 *
 * @throws UsageError when there is something else that would be lost.
 */
async function requireExportPlace(output: string): Promise<void> {
  const target = await targetOf(output);
  await requireWritable(target);
  const entry = await stat(target).catch(() => undefined);
  if (entry === undefined) return;
  const names = entry.isDirectory() ? await readdir(target) : undefined;
  const own: readonly string[] = Object.values(EXPORT_FILES);
  const isExport = names?.includes(EXPORT_FILES.model) && names.includes(EXPORT_FILES.labels);
  if (names?.length === 0 || (isExport && names?.every((name) => own.includes(name)))) return;
  throw new UsageError(
    `${target} exists and holds something else than an earlier export. Choose another folder.`,
  );
}
