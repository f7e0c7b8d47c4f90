import { z } from "zod";

/** How the learning rate changes over a run. */
export interface ScheduleConfig {
  /**
   * After the warm-up the learning rate stays (`constant`), falls to 0 along a line (`linear`) or half
   * a cosine (`cosine`). `one-cycle` rises from 1/25 along half a cosine during its warm-up, and falls
   * along another to 1/250,000 (Smith 2018, with the numbers of PyTorch and fastai).
   */
  readonly name: "constant" | "linear" | "cosine" | "one-cycle";
  /** Updates before the learning rate is reached; or `warmupRatio`. */
  readonly warmupSteps?: number | undefined;
  /** The same as a share of all updates. Default 0.3 for `one-cycle`, otherwise 0. */
  readonly warmupRatio?: number | undefined;
}

/** A name alone means no warm-up, or that of the cycle. */
export type ScheduleConfigInput = ScheduleConfig["name"] | ScheduleConfig;

const scheduleObject = z
  .strictObject({
    name: z.enum(["constant", "linear", "cosine", "one-cycle"]),
    warmupSteps: z.int().min(0).optional(),
    warmupRatio: z.number().min(0).max(1).optional(),
  })
  .refine(
    ({ warmupSteps, warmupRatio }) => warmupSteps === undefined || warmupRatio === undefined,
    {
      error: "give warmupSteps or warmupRatio, not both",
      path: ["warmupRatio"],
    },
  );

/** Validates a schedule. */
export const scheduleConfigSchema: z.ZodType<ScheduleConfig, ScheduleConfigInput> = z
  .union([scheduleObject.shape.name.transform((name) => ({ name })), scheduleObject])
  .pipe(scheduleObject);

/**
 * What to multiply the learning rate by at an update, from 0 to 1. A pure function, so that a resumed
 * run needs no state for it.
 *
 * @param step - Updates made before, from 0.
 */
export type Schedule = (step: number) => number;

/** Where the one-cycle policy begins, and where it ends from there. */
const CYCLE_START = 1 / 25;
const CYCLE_END = CYCLE_START / 1e4;

/**
 * The schedule of a run of `totalSteps` updates. Steps beyond that count as its end.
 *
 * `constant`, `linear` and `cosine` are those of transformers (`get_scheduler`), `one-cycle` is
 * PyTorch's `OneCycleLR`. During a linear warm-up the factor of update `i` is `i / warmup`: the very
 * first update does not move the weights and only fills the averages of the optimiser.
 */
export function createSchedule(config: ScheduleConfig, totalSteps: number): Schedule {
  const warmup = warmupOf(config, totalSteps);
  if (config.name === "one-cycle") return (step) => oneCycle(step, warmup, totalSteps);
  const decay = decays[config.name];
  const length = Math.max(1, totalSteps - warmup);
  return (step) =>
    step < warmup ? step / Math.max(1, warmup) : decay(Math.min(1, (step - warmup) / length));
}

function warmupOf({ name, warmupSteps, warmupRatio }: ScheduleConfig, totalSteps: number): number {
  if (warmupSteps !== undefined) return warmupSteps;
  // PyTorch's cycle turns between two updates; elsewhere the warm-up is a whole number of them.
  if (name === "one-cycle") return (warmupRatio ?? 0.3) * totalSteps;
  return Math.ceil((warmupRatio ?? 0) * totalSteps);
}

/** The factor after a share of the updates that follow the warm-up, from 0 to 1. */
const decays: Readonly<Record<Exclude<ScheduleConfig["name"], "one-cycle">, Schedule>> = {
  constant: () => 1,
  linear: (progress) => 1 - progress,
  cosine: (progress) => halfCosine(1, 0, progress),
};

function oneCycle(step: number, warmup: number, totalSteps: number): number {
  const top = Math.max(0, warmup - 1);
  if (step < top) return halfCosine(CYCLE_START, 1, step / top);
  const length = Math.max(Number.EPSILON, totalSteps - 1 - top);
  return halfCosine(1, CYCLE_END, Math.min(1, (step - top) / length));
}

/** From `start` to `end` along half a wave. */
function halfCosine(start: number, end: number, progress: number): number {
  return end + ((start - end) / 2) * (1 + Math.cos(Math.PI * progress));
}
