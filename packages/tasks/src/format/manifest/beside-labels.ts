import { z } from "zod";

/** A mean over rows, and how far off it may be. */
export interface MeasuredGain {
  readonly gain: number;
  readonly standardError: number;
}

/** What part of the unlabelled examples has a label. */
export interface ClassShare {
  readonly label: string;
  readonly share: number;
}

/** What unlabelled examples were worth, on the same rows out of fold. */
export interface UnlabelledRecord {
  /** How many were given. */
  readonly given: number;
  /** How many of these are copies of labelled examples, or nearly so, and were left out. */
  readonly copies: number;
  /**
   * What part of them has each label, as it was given. Undefined: they were taken to be equally frequent.
   */
  readonly classShares?: readonly ClassShare[] | undefined;
  /**
   * How many of the others students learned from; the rest had a part in axes and neighbours. Undefined
   * where all of them were taught, or there were too few.
   */
  readonly taught?: number | undefined;
  /** How many of them the head keeps vectors of, to classify by; undefined: none. */
  readonly kept?: number | undefined;
  /** Whether the head of the task has learned from them. */
  readonly used: boolean;
  /** Gain in accuracy over the labels alone. Undefined where there were too few to learn from. */
  readonly accuracy?: MeasuredGain | undefined;
  /** Gain in log-loss, in nats. */
  readonly logLoss?: MeasuredGain | undefined;
  /** How many of them look unlike the labelled ones. Undefined where there were too few to learn from. */
  readonly unlike?: UnlikeRecord | undefined;
  /** Which answers are others than without them. Undefined where there were too few to learn from. */
  readonly moved?: MovedCounts | undefined;
}

/** How many of the unlabelled examples look unlike the labelled ones: see `shareOfUnlike`. */
export interface UnlikeRecord {
  /** Part of them. */
  readonly share: number;
  /** How far from 0 it comes out by chance where they are alike. */
  readonly standardError: number;
}

/** Answers that are others than those of the same stack without the unlabelled examples. */
export interface MovedCounts {
  /** Labelled examples, out of fold, that became right. */
  readonly toRight: number;
  /** Labelled examples, out of fold, that became wrong. */
  readonly toWrong: number;
  /** Labelled examples, out of fold, that are wrong in another way. */
  readonly wrongBefore: number;
  /** Unlabelled examples that both stacks were asked about, evenly spaced; 0 where they are not used. */
  readonly asked: number;
  /** Of these, how many the two answer differently. */
  readonly differing: number;
}

/**
 * What the names of the labels, or descriptions of them, were worth, on the same rows out of fold. A task
 * that was extended with its settings kept has what was measured when they were chosen.
 */
export interface NamesRecord {
  /** Whether all labels were described; else names stand for them. */
  readonly described: boolean;
  /** Whether the head of the task has learned from them. */
  readonly used: boolean;
  /** Gain in accuracy over the labels alone. */
  readonly accuracy: MeasuredGain;
  /** Gain in log-loss, in nats. */
  readonly logLoss: MeasuredGain;
}

/** How many of something there are. */
export const count: z.ZodInt = z.int().min(0).max(0x7fff_ffff);
/** A part of a whole. */
export const share: z.ZodNumber = z.number().min(0).max(1);
export const gain: z.ZodType<MeasuredGain> = z.strictObject({
  gain: z.number(),
  standardError: z.number().min(0),
});

export const unlabelledRecordSchema: z.ZodType<UnlabelledRecord> = z.strictObject({
  given: count,
  copies: count,
  classShares: z.array(z.strictObject({ label: z.string(), share })).optional(),
  taught: count.optional(),
  kept: count.optional(),
  used: z.boolean(),
  accuracy: gain.optional(),
  logLoss: gain.optional(),
  unlike: z.strictObject({ share, standardError: share }).optional(),
  moved: z
    .strictObject({
      toRight: count,
      toWrong: count,
      wrongBefore: count,
      asked: count,
      differing: count,
    })
    .optional(),
});

export const namesRecordSchema: z.ZodType<NamesRecord> = z.strictObject({
  described: z.boolean(),
  used: z.boolean(),
  accuracy: gain,
  logLoss: gain,
});
