import { z } from "zod";
import { IntegrityError } from "../errors.js";
import type { FeatureColumn } from "../features/columns.js";
import { type FineTuneConfig, fineTuneConfigSchema } from "../finetune/config.js";
import { type Preprocessing, preprocessingSchema } from "../preprocess/spec.js";
import { type TrainConfig, trainConfigSchema } from "./config.js";
import type { Trust } from "./trust.js";

/** A figure and its 95 % interval. */
export type Interval = readonly [low: number, high: number];

/** How good a classifier is on some examples. */
export interface SummaryFigures {
  /** Number of examples measured. */
  readonly n: number;
  readonly accuracy: number;
  /** Mean recall over the classes. */
  readonly balancedAccuracy: number;
  /** Mean F1 over the classes. */
  readonly macroF1: number;
  /** Mean negative log-probability of the right label, in nats. */
  readonly logLoss: number;
  /** 95 % intervals, `[low, high]`. */
  readonly intervals: {
    readonly accuracy: Interval;
    readonly balancedAccuracy: Interval;
    readonly macroF1: Interval;
    readonly logLoss: Interval;
  };
}

/** The same, down to each label. */
export interface Figures extends SummaryFigures {
  readonly perClass: readonly {
    readonly label: string;
    readonly precision: number;
    readonly recall: number;
    readonly f1: number;
    readonly support: number;
  }[];
  /** Rows are the right labels, columns the predicted ones, both in the order of `labels`. */
  readonly confusion: readonly (readonly number[])[];
  readonly labels: readonly string[];
  /**
   * Expected calibration error in 15 bins: how far stated probabilities are from how often they are
   * right, on average. Tasks of version 0.1.0 may be without.
   */
  readonly calibrationError?: number | undefined;
}

/** A task measured beside what is without transfer, on the same examples. */
export interface ComparedFigures extends Figures {
  /**
   * By name: `majority` always says the most frequent label; `words` or `colours` need no base
   * model; `last` is a probe on the last layer alone.
   */
  readonly baselines: Readonly<Record<string, SummaryFigures>>;
}

/** One view of the stack. */
export interface ViewSummary {
  readonly name: string;
  /** Its weight in the stack; views of weight 0 are not computed when predicting. */
  readonly weight: number;
  /** Inverse regularisation strength of its probe, chosen out of fold. */
  readonly c?: number | undefined;
}

/** How fine-tuning the base compared with leaving it frozen, on the same rows out of fold. */
export interface FineTuningRecord {
  readonly config: FineTuneConfig;
  /** Whether the tuned base is the one of the task. */
  readonly kept: boolean;
  /** Gain in accuracy, tuned minus frozen. */
  readonly gain: number;
  readonly standardError: number;
  /**
   * Gain in log-loss, frozen minus tuned: what decides. Undefined in tasks of a time when accuracy did.
   */
  readonly logLoss?: { readonly gain: number; readonly standardError: number } | undefined;
  readonly frozen: SummaryFigures;
  readonly tuned: SummaryFigures;
}

/** What `task.json` says. */
export interface TaskManifest {
  readonly schemaVersion: 1;
  readonly kind: "engraft-task";
  readonly engraft: string;
  readonly createdAt: string;
  readonly modality: "text" | "image";
  readonly labels: readonly string[];
  readonly base: { readonly id: string; readonly digest: string };
  readonly preprocessing: Preprocessing;
  /** What `head.onnx` reads, in the order of its input `features`. */
  readonly columns: readonly FeatureColumn[];
  readonly head: { readonly kind: TrainConfig["head"]; readonly views: readonly ViewSummary[] };
  readonly config: TrainConfig;
  readonly dataset: {
    readonly digest: string;
    readonly examples: number;
    readonly perLabel: readonly { readonly label: string; readonly examples: number }[];
    /** Training examples that have a near-duplicate; these were kept together in splits. */
    readonly nearDuplicates: number;
    readonly skipped: readonly { readonly where: string; readonly what: string }[];
  };
  readonly evaluation: {
    /** How the out-of-fold figures were measured, in words. */
    readonly method: string;
    readonly outOfFold: ComparedFigures;
    readonly val?: ComparedFigures | undefined;
    readonly test?: ComparedFigures | undefined;
  };
  /** How far the probabilities can be trusted. Tasks of version 0.1.0 may be without. */
  readonly trust?: Trust | undefined;
  /** Where fine-tuning was asked for. */
  readonly fineTuning?: FineTuningRecord | undefined;
  readonly seconds: number;
  readonly files: Readonly<Record<string, { readonly sha256: string; readonly bytes: number }>>;
}

const interval = z.tuple([z.number(), z.number()]);

const summary = {
  n: z.int(),
  accuracy: z.number(),
  balancedAccuracy: z.number(),
  macroF1: z.number(),
  logLoss: z.number(),
  intervals: z.strictObject({
    accuracy: interval,
    balancedAccuracy: interval,
    macroF1: interval,
    logLoss: interval,
  }),
};

const comparedFigures = z.strictObject({
  ...summary,
  perClass: z.array(
    z.strictObject({
      label: z.string(),
      precision: z.number(),
      recall: z.number(),
      f1: z.number(),
      support: z.number(),
    }),
  ),
  confusion: z.array(z.array(z.number())),
  labels: z.array(z.string()),
  calibrationError: z.number().optional(),
  baselines: z.record(z.string(), z.strictObject(summary)),
});

export const SCHEMA_VERSION = 1;

const manifestSchema: z.ZodType<TaskManifest> = z.strictObject({
  schemaVersion: z.literal(SCHEMA_VERSION),
  kind: z.literal("engraft-task"),
  engraft: z.string(),
  createdAt: z.string(),
  modality: z.enum(["text", "image"]),
  labels: z.array(z.string()).min(2),
  base: z.strictObject({ id: z.string(), digest: z.string() }),
  preprocessing: preprocessingSchema,
  columns: z.array(
    z.strictObject({
      tap: z.string(),
      pooling: z.enum(["mean", "max", "none"]),
      width: z.int().min(1),
    }),
  ),
  head: z.strictObject({
    kind: z.enum(["logistic", "nearest-mean", "nearest-neighbours"]),
    views: z.array(
      z.strictObject({ name: z.string(), weight: z.number(), c: z.number().optional() }),
    ),
  }),
  config: trainConfigSchema,
  dataset: z.strictObject({
    digest: z.string(),
    examples: z.int(),
    perLabel: z.array(z.strictObject({ label: z.string(), examples: z.int() })),
    nearDuplicates: z.int(),
    skipped: z.array(z.strictObject({ where: z.string(), what: z.string() })),
  }),
  evaluation: z.strictObject({
    method: z.string(),
    outOfFold: comparedFigures,
    val: comparedFigures.optional(),
    test: comparedFigures.optional(),
  }),
  trust: z
    .strictObject({
      abstaining: z.array(
        z.strictObject({ maxError: z.number(), threshold: z.number(), coverage: z.number() }),
      ),
      sets: z.array(z.strictObject({ coverage: z.number(), limit: z.number() })),
    })
    .optional(),
  fineTuning: z
    .strictObject({
      config: fineTuneConfigSchema,
      kept: z.boolean(),
      gain: z.number(),
      standardError: z.number(),
      logLoss: z.strictObject({ gain: z.number(), standardError: z.number() }).optional(),
      frozen: z.strictObject(summary),
      tuned: z.strictObject(summary),
    })
    .optional(),
  seconds: z.number(),
  files: z.record(z.string(), z.strictObject({ sha256: z.string(), bytes: z.int() })),
});

/**
 * Parses and validates `task.json`.
 *
 * @throws IntegrityError `task/version` for a schema version that this Engraft does not know, and
 *   `task/invalid` for anything else that is wrong with it.
 */
export function parseManifest(bytes: Uint8Array): TaskManifest {
  const value = parseJson(bytes);
  const version = (value as { schemaVersion?: unknown } | null)?.schemaVersion;
  if (typeof version === "number" && version !== SCHEMA_VERSION) {
    throw new IntegrityError(
      "task/version",
      "task.json",
      `task.json has schema version ${version}; this Engraft reads version ${SCHEMA_VERSION}. ` +
        "Use the Engraft that made the task, or train it again.",
    );
  }
  const result = manifestSchema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new IntegrityError(
    "task/invalid",
    "task.json",
    `task.json is not a valid task at ${issue?.path.join(".") || "its root"}: ${issue?.message}. ` +
      "Train the task again, or restore the file.",
  );
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new IntegrityError("task/invalid", "task.json", "task.json is not JSON.", { cause });
  }
}
