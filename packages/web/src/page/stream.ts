import type { Modality } from "@engraft/core";
import type { PredictStreamOptions } from "@engraft/tasks";
import type { SentInput, SentUnlabelled } from "../protocol/sources.js";
import { type EngineConnection, sendable } from "./engine.js";
import { closeAll, sendInput, type WebImage } from "./inputs.js";
import { receiveStreamed, type WebStreamedPrediction } from "./receive.js";
import { isFilesSource, sendFiles, type WebUnlabelledSource } from "./sources.js";

/** Inputs of a list or stream that cross together. */
const AT_ONCE = 64;

/** Predicts the inputs of a source in constant memory, in order. */
export async function* streamPredictions(
  engine: EngineConnection,
  task: number,
  modality: Modality,
  source: WebUnlabelledSource,
  options: Omit<PredictStreamOptions, "imageFolder">,
): AsyncGenerator<WebStreamedPrediction> {
  if (isFilesSource(source)) {
    yield* streamSent(engine, task, sendFiles(source), options);
    return;
  }
  let before = 0;
  for await (const inputs of portions(source, modality)) {
    yield* streamSent(engine, task, { kind: "inputs", inputs, before }, options);
    before += inputs.length;
  }
}

async function* streamSent(
  engine: EngineConnection,
  task: number,
  source: SentUnlabelled,
  options: Omit<PredictStreamOptions, "imageFolder">,
): AsyncGenerator<WebStreamedPrediction> {
  const opened = await engine.call("stream", { task, source, options: sendable(options) }, options);
  try {
    for (let isDone = false; !isDone; ) {
      const { predictions, done } = await engine.call("next", opened, options);
      for (const sent of predictions) yield receiveStreamed(sent);
      isDone = done;
    }
  } finally {
    await engine.call("end", opened);
  }
}

/** The inputs of a list or stream, some at a time: each portion is sent before the next one is asked for. */
async function* portions(
  source: Iterable<WebImage> | AsyncIterable<WebImage>,
  modality: Modality,
): AsyncGenerator<SentInput[]> {
  const made: ImageBitmap[] = [];
  let portion: SentInput[] = [];
  try {
    for await (const input of source) {
      portion.push(await sendInput(input, modality, made));
      if (portion.length < AT_ONCE) continue;
      yield portion;
      closeAll(made);
      portion = [];
    }
    if (portion.length > 0) yield portion;
  } finally {
    closeAll(made);
  }
}
