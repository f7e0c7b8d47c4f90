import type { FeatureColumn, Interval, Modality, Truncation } from "@engraft/core/predict";
import {
  CLASSIFIER_KINDS,
  type FineTuneConfig,
  fineTuneConfigSchema,
  MODALITIES,
  namedValues,
  POOLINGS,
  type Preprocessing,
  preprocessingSchema,
} from "@engraft/core/predict";
import { z } from "zod";
import {
  count,
  gain,
  type NamesRecord,
  namesRecordSchema,
  share,
  type UnlabelledRecord,
  unlabelledRecordSchema,
} from "./beside-labels.js";
import { type TrainConfig, trainConfigSchema } from "./config.js";
import type { Trust } from "./trust.js";

/** How good a classifier is on some examples. */
export interface SummaryMetrics {
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
export interface Metrics extends SummaryMetrics {
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
export interface ComparedMetrics extends Metrics {
  /**
   * By name: `majority` always says the most frequent label; `words` or `colours` need no base
   * model; `last` is a probe on the last layer alone; `labels-only` is the task without what it learned
   * from the names of the labels and from unlabelled examples, `labels-and-names` without the latter.
   */
  readonly baselines: Readonly<Record<string, SummaryMetrics>>;
}

/** One view of the stack. */
export interface ViewSummary {
  readonly name: string;
  /** Its weight in the stack; views of weight 0 are not computed when predicting. */
  readonly weight: number;
  /** Inverse regularisation strength of its probe, chosen out of fold. */
  readonly c?: number | undefined;
}

/** One view of the stack of a task. */
export interface TaskView extends ViewSummary {
  /**
   * In how many of the answers out of fold it gives the label of the stack. Undefined where no held-out
   * part had it, and in tasks of an earlier time.
   */
  readonly agreement?: number | undefined;
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
  readonly frozen: SummaryMetrics;
  readonly tuned: SummaryMetrics;
}

/**
 * How many examples of the other splits are training examples too (texts: apart from case, white space
 * and Unicode form): metrics on these say nothing about new ones.
 */
export interface Overlap {
  readonly val?: number | undefined;
  readonly test?: number | undefined;
}

/** What `task.json` says. */
export interface TaskManifest {
  readonly schemaVersion: 1;
  readonly kind: "engraft-task";
  readonly engraft: string;
  readonly createdAt: string;
  readonly modality: Modality;
  readonly labels: readonly string[];
  readonly base: { readonly id: string; readonly digest: string };
  readonly preprocessing: Preprocessing;
  /** What `head.onnx` reads, in the order of its input `features`. */
  readonly columns: readonly FeatureColumn[];
  readonly head: { readonly kind: TrainConfig["head"]; readonly views: readonly TaskView[] };
  readonly config: TrainConfig;
  readonly dataset: {
    readonly digest: string;
    /**
     * Where the data was, relative to the task folder, with `/` between folders: a task of images,
     * which keeps none, finds them where both have moved together. Undefined where it was no file or
     * folder, and in tasks of version 0.1.0.
     */
    readonly location?: string | undefined;
    readonly examples: number;
    readonly perLabel: readonly { readonly label: string; readonly examples: number }[];
    /** Training examples that have a near-duplicate; these were kept together in splits. */
    readonly nearDuplicates: number;
    readonly skipped: readonly { readonly where: string; readonly what: string }[];
    /** Tasks of version 0.1.0 are without. */
    readonly overlap?: Overlap | undefined;
    /** What the base did not read of the texts, of all splits. Tasks of version 0.1.0 are without. */
    readonly truncation?: Truncation | undefined;
  };
  readonly evaluation: {
    /** How the out-of-fold metrics were measured, in words. */
    readonly method: string;
    /** Undefined where nothing was measured: a task that was started without labels. */
    readonly outOfFold?: ComparedMetrics | undefined;
    readonly val?: ComparedMetrics | undefined;
    readonly test?: ComparedMetrics | undefined;
  };
  /** How far the probabilities can be trusted. Tasks of version 0.1.0 may be without. */
  readonly trust?: Trust | undefined;
  /** Where unlabelled examples were given. */
  readonly unlabelled?: UnlabelledRecord | undefined;
  /** Where the names of the labels were read: of texts, with few examples or with descriptions. */
  readonly names?: NamesRecord | undefined;
  /** Where fine-tuning was asked for. */
  readonly fineTuning?: FineTuningRecord | undefined;
  readonly seconds: number;
  readonly files: Readonly<Record<string, { readonly sha256: string; readonly bytes: number }>>;
}

/** A manifest of a task that was measured. */
export type MeasuredManifest = TaskManifest & {
  readonly evaluation: { readonly outOfFold: ComparedMetrics };
};

/** Whether a task was measured; one that was started without labels was not. */
export function isMeasured(manifest: TaskManifest): manifest is MeasuredManifest {
  return manifest.evaluation.outOfFold !== undefined;
}

const digest = z.string().regex(/^[0-9a-f]{64}$/, "expected a SHA-256 in hexadecimal");

const interval = z.tuple([z.number(), z.number()]);

const summary = {
  n: count,
  accuracy: share,
  balancedAccuracy: share,
  macroF1: share,
  logLoss: z.number().min(0),
  intervals: z.strictObject({
    accuracy: interval,
    balancedAccuracy: interval,
    macroF1: interval,
    logLoss: interval,
  }),
};

const comparedMetrics = z.strictObject({
  ...summary,
  perClass: z.array(
    z.strictObject({
      label: z.string(),
      precision: share,
      recall: share,
      f1: share,
      support: z.number().min(0),
    }),
  ),
  confusion: z.array(z.array(z.number().min(0))),
  labels: z.array(z.string()),
  calibrationError: share.optional(),
  baselines: namedValues(z.strictObject(summary)),
});

/** A path that goes up and then down to something with a name. */
const RELATIVE_PATH = /^(?:\.\.\/)*(?!\.{0,2}(?:\/|$))[^/\\\0][^\0]*$/;

export const SCHEMA_VERSION = 1;

/** More than any base and any task has; so much that nothing can be asked for that has no end. */
const MAX_LABELS = 100_000;
const MAX_COLUMNS = 10_000;
const MAX_WIDTH = 1_000_000;

/** Every field by itself; what several say together is checked by `parseManifest`. */
export const manifestSchema: z.ZodType<TaskManifest> = z.strictObject({
  schemaVersion: z.literal(SCHEMA_VERSION),
  kind: z.literal("engraft-task"),
  engraft: z.string(),
  createdAt: z.string(),
  modality: z.enum(MODALITIES),
  labels: z.array(z.string()).min(2).max(MAX_LABELS),
  base: z.strictObject({ id: z.string(), digest }),
  preprocessing: preprocessingSchema,
  columns: z
    .array(
      z.strictObject({
        tap: z.string(),
        pooling: z.enum(POOLINGS),
        width: z.int().min(1).max(MAX_WIDTH),
      }),
    )
    .max(MAX_COLUMNS),
  head: z.strictObject({
    kind: z.enum(CLASSIFIER_KINDS),
    views: z
      .array(
        z.strictObject({
          name: z.string(),
          weight: z.number().min(0),
          c: z.number().positive().optional(),
          agreement: share.optional(),
        }),
      )
      .min(1)
      .max(MAX_COLUMNS),
  }),
  config: trainConfigSchema,
  dataset: z.strictObject({
    digest,
    location: z.string().regex(RELATIVE_PATH).optional(),
    examples: count,
    perLabel: z.array(z.strictObject({ label: z.string(), examples: count })),
    nearDuplicates: count,
    skipped: z.array(z.strictObject({ where: z.string(), what: z.string() })),
    overlap: z
      .strictObject({ val: z.int().min(0).optional(), test: z.int().min(0).optional() })
      .optional(),
    truncation: z
      .strictObject({
        texts: z.int().min(0),
        truncated: z.int().min(0),
        share: z.number().min(0).max(1),
        markup: z.int().min(0),
      })
      .optional(),
  }),
  evaluation: z.strictObject({
    method: z.string(),
    outOfFold: comparedMetrics.optional(),
    val: comparedMetrics.optional(),
    test: comparedMetrics.optional(),
  }),
  trust: z
    .strictObject({
      abstaining: z.array(z.strictObject({ maxError: share, threshold: share, coverage: share })),
      sets: z.array(z.strictObject({ coverage: share, limit: share })),
    })
    .optional(),
  unlabelled: unlabelledRecordSchema.optional(),
  names: namesRecordSchema.optional(),
  fineTuning: z
    .strictObject({
      config: fineTuneConfigSchema,
      kept: z.boolean(),
      gain: z.number().min(-1).max(1),
      standardError: z.number().min(0),
      logLoss: gain.optional(),
      frozen: z.strictObject(summary),
      tuned: z.strictObject(summary),
    })
    .optional(),
  seconds: z.number(),
  files: namedValues(z.strictObject({ sha256: digest, bytes: count })),
});
