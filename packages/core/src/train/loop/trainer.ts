import { UsageError } from "../../errors.js";
import { chunk } from "../../features/batches.js";
import { drawUpdates, type FedSamples, feedUpdate, updatesPerEpoch } from "../feed/batch-feed.js";
import type { FitConfig } from "../settings/config.js";
import { EarlyStopping } from "../settings/early-stopping.js";
import {
  MetricsAccumulator,
  type MetricsState,
  type TrainingMetrics,
} from "../settings/metrics.js";
import { createSchedule } from "../settings/schedules.js";
import { meanLoss, type StepEngine, type TrainedValues } from "../step/step-engine.js";
import type { OnTrainingEvent, Position, Truncated } from "./events.js";
import type { EpochSummary, RunPosition, RunState } from "./run-state.js";

export interface TrainerOptions {
  readonly engine: StepEngine;
  readonly config: FitConfig;
  readonly training: FedSamples;
  readonly validation: FedSamples | undefined;
  readonly onEvent: OnTrainingEvent;
  /** Stores the state of the run. */
  readonly onCheckpoint?: ((state: RunState) => Promise<void>) | undefined;
  readonly resume?: RunState | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Facts for the first event. */
  readonly counts: { readonly trainableValues: number; readonly values: number };
  readonly truncation?: Truncated | undefined;
}

/** What a run came to. */
export interface TrainingRun {
  /** The weights to keep: the best ones where early stopping watched, otherwise the last. */
  readonly state: TrainedValues;
  readonly history: readonly EpochSummary[];
  /** Epoch whose weights are kept, from 1. */
  readonly keptEpoch: number;
}

/**
 * Runs the epochs of a training: batches in an order drawn from the seed, updates, metrics, early
 * stopping, checkpoints. Everything random is derived from the seed and the position, so that a run
 * that goes on from a checkpoint makes the same numbers as one that was never interrupted.
 */
export class Trainer {
  readonly #options: TrainerOptions;
  readonly #stopping: EarlyStopping | undefined;
  readonly #history: EpochSummary[];
  #best: TrainedValues | undefined;
  #step: number;

  constructor(options: TrainerOptions) {
    const { resume, config } = options;
    this.#options = options;
    this.#stopping =
      config.earlyStopping &&
      new EarlyStopping(config.earlyStopping, resume?.position.earlyStopping);
    this.#history = [...(resume?.position.history ?? [])];
    this.#best = resume?.best;
    this.#step = resume?.training.updates ?? 0;
  }

  async run(): Promise<TrainingRun> {
    const { config, resume, onEvent } = this.#options;
    this.#started();
    let epoch = resume?.position.epoch ?? 0;
    let isOver = this.#stopping !== undefined && this.#hasStopped();
    for (; epoch < config.epochs && !isOver; epoch++) {
      const summary = await this.#epoch(epoch);
      this.#history.push(summary);
      isOver = await this.#judge(summary);
      const next = { epoch: epoch + 1, updatesInEpoch: 0, metrics: NOTHING };
      await this.#checkpoint(next);
    }
    const state = this.#best ?? (await this.#options.engine.values());
    onEvent({ type: "finished", ...this.#position(epoch) });
    const keptEpoch = this.#best === undefined ? epoch : this.#stopping!.state!.bestEpoch;
    return { state, history: this.#history, keptEpoch };
  }

  /** One pass over the training samples, from where a checkpoint left it. */
  async #epoch(epoch: number): Promise<EpochSummary> {
    const { engine, config, resume, onEvent, training } = this.#options;
    const position = resume?.position.epoch === epoch ? resume.position : undefined;
    const metrics = new MetricsAccumulator(config.loss.name, position?.metrics);
    const updates = updatesPerEpoch(training, config);
    const schedule = createSchedule(config.schedule, updates * config.epochs);
    const batches = drawUpdates(training, config, epoch);
    const first = position?.updatesInEpoch ?? 0;
    let prepared = feedUpdate(training, batches[first] ?? [], epoch);
    for (let update = first; update < updates; update++) {
      await this.#stopIfAborted(epoch, update, metrics);
      const fed = await prepared;
      // The next batches are read while this update runs.
      prepared = feedUpdate(training, batches[update + 1] ?? [], epoch);
      prepared.catch(() => {});
      const targets = fed.map((feeds) => feeds.get(training.target)!);
      const learningRate = config.learningRate * schedule(this.#step);
      const result = await engine.update(fed, learningRate);
      this.#step += 1;
      result.batches.forEach((batch, i) => {
        metrics.add({ ...batch, targets: targets[i]! });
      });
      const { gradientNorm } = result;
      const loss = meanLoss(result.batches);
      onEvent({ type: "step", ...this.#position(epoch + 1), loss, learningRate, gradientNorm });
      if (!Number.isFinite(loss)) throw diverged(this.#step, learningRate);
      const isDue =
        config.checkpointEvery !== undefined && this.#step % config.checkpointEvery === 0;
      if (isDue && update + 1 < updates) {
        await this.#checkpoint({ epoch, updatesInEpoch: update + 1, metrics: metrics.state() });
      }
    }
    onEvent({ type: "epoch", ...this.#position(epoch + 1), metrics: metrics.metrics() });
    const validation = await this.#validate(epoch);
    return {
      epoch: epoch + 1,
      training: metrics.metrics(),
      ...(validation && { validation }),
    };
  }

  async #validate(epoch: number): Promise<TrainingMetrics | undefined> {
    const { engine, config, validation, onEvent } = this.#options;
    if (validation === undefined) return undefined;
    const accumulator = new MetricsAccumulator(config.loss.name);
    const all = Array.from({ length: validation.samples.count }, (_, sample) => sample);
    for (const samples of chunk(all, config.batchSize)) {
      this.#options.signal?.throwIfAborted();
      const [feeds] = await feedUpdate(validation, [samples], epoch);
      const targets = feeds!.get(validation.target)!;
      accumulator.add({ ...(await engine.evaluate(feeds!)), targets });
    }
    const metrics = accumulator.metrics();
    onEvent({ type: "validation", ...this.#position(epoch + 1), metrics });
    return metrics;
  }

  /** Whether to stop after an epoch; keeps the best weights. */
  async #judge({ epoch, training, validation }: EpochSummary): Promise<boolean> {
    if (this.#stopping === undefined) return false;
    const { improved, stop } = this.#stopping.observe(epoch, validation ?? training);
    if (improved) this.#best = await this.#options.engine.values();
    if (stop) {
      const { best, bestEpoch } = this.#stopping.state!;
      const { metric } = this.#options.config.earlyStopping!;
      this.#options.onEvent({
        type: "stopped-early",
        ...this.#position(epoch),
        metric,
        best,
        bestEpoch,
      });
    }
    return stop;
  }

  async #checkpoint(at: Pick<RunPosition, "epoch" | "updatesInEpoch" | "metrics">): Promise<void> {
    const { engine, onCheckpoint, onEvent } = this.#options;
    if (onCheckpoint === undefined) return;
    const position: RunPosition = {
      ...at,
      earlyStopping: this.#stopping?.state,
      history: [...this.#history],
    };
    await onCheckpoint({ position, training: await engine.state(), best: this.#best });
    onEvent({ type: "checkpoint", ...this.#position(at.epoch + 1) });
  }

  /** Stores where the run stands before it gives up. */
  async #stopIfAborted(epoch: number, update: number, metrics: MetricsAccumulator): Promise<void> {
    const { signal, onEvent } = this.#options;
    try {
      signal?.throwIfAborted();
    } catch (reason) {
      await this.#checkpoint({ epoch, updatesInEpoch: update, metrics: metrics.state() });
      onEvent({ type: "aborted", ...this.#position(epoch + 1) });
      throw reason;
    }
  }

  #started(): void {
    const { config, training, validation, resume, counts, truncation, onEvent } = this.#options;
    onEvent({
      type: "started",
      ...this.#position((resume?.position.epoch ?? 0) + 1),
      epochs: config.epochs,
      stepsPerEpoch: updatesPerEpoch(training, config),
      trainExamples: training.samples.count,
      validationExamples: validation?.samples.count ?? 0,
      ...counts,
      resumed: resume !== undefined,
      truncation,
    });
  }

  /** Whether early stopping had ended the run that is resumed. */
  #hasStopped(): boolean {
    const { earlyStopping } = this.#options.config;
    return (this.#stopping?.state?.waited ?? 0) >= earlyStopping!.patience;
  }

  #position(epoch: number): Position {
    return { epoch, step: this.#step };
  }
}

/** Metrics of an epoch that has not begun. */
const NOTHING: MetricsState = { loss: 0, weightSum: 0, sums: [] };

function diverged(step: number, learningRate: number): UsageError {
  return new UsageError(
    `The loss is no longer a number after update ${step}, at learning rate ${learningRate}. ` +
      "Lower the learning rate, or shorten gradients with maxGradientNorm.",
  );
}
