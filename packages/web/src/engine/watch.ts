import type { OnProgress, OnTrainingEvent, Progress } from "@engraft/core";
import type { Call } from "@engraft/core/workers/rpc";
import type { RunOptions } from "@engraft/tasks";
import type { EngineEvent } from "../protocol/facts.js";
import type { SentOptions } from "../protocol/method.js";

/** A page that draws each frame has no use for more. Milliseconds. */
const INTERVAL = 40;

/** Options of work on data, with those that watch and stop it in place of what cannot be sent. */
export function watched<T extends object>(
  sent: SentOptions,
  call: Call<EngineEvent>,
): T & RunOptions {
  const { notify } = call;
  return {
    ...watchedRun<T>(sent, call),
    onTrainingEvent: tellTraining(call),
    onBase: (base: string) => notify({ kind: "base", base }),
  };
}

/** The same, of all work: what is done, what is doubtful, and a signal. */
export function watchedRun<T extends object>(
  sent: SentOptions,
  { signal, notify }: Call<EngineEvent>,
): T & RunOptions {
  return {
    ...(sent as T),
    signal,
    onProgress: thinned((progress) => notify({ kind: "progress", progress })),
    onWarning: (message) => notify({ kind: "warning", message }),
  };
}

/** Tells every event of a training. */
export function tellTraining({ notify }: Call<EngineEvent>): OnTrainingEvent {
  return (event) => notify({ kind: "training", event });
}

/** Tells the first and last of each phase, and in between one now and then. */
export function thinned(tell: OnProgress): OnProgress {
  let last: { readonly phase: Progress["phase"]; readonly at: number } | undefined;
  return (progress) => {
    const now = performance.now();
    const { phase, done, total } = progress;
    if (last?.phase === phase && done < total && now - last.at < INTERVAL) return;
    last = { phase, at: now };
    tell(progress);
  };
}
