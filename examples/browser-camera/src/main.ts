/** A page that learns to tell two things apart that the camera sees, and then says which one it sees. */
import { createEngraft, EngraftError, type Task } from "@engraft/web";
import { recordFrames } from "./record.js";

const engraft = createEngraft();
/** Frames of each class. */
const frames: readonly [ImageBitmap[], ImageBitmap[]] = [[], []];
/** So many frames of each are enough to begin with. */
const ENOUGH = 8;
/** Ends the answers of the task that was trained before. */
let watching = new AbortController();

const find = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;
const video = find<HTMLVideoElement>("video");
const train = find<HTMLButtonElement>("train");
const progress = find<HTMLProgressElement>("progress");
const state = find("state");

find("start").addEventListener("click", () => void start());
train.addEventListener("click", () => void learn());
for (const [at, own] of frames.entries()) {
  recordFrames(find<HTMLButtonElement>(`record-${at}`), video, (frame) => {
    own.push(frame);
    find(`count-${at}`).textContent = `${own.length} frames`;
    train.disabled = frames.some(({ length }) => length < ENOUGH);
  });
}

async function start(): Promise<void> {
  try {
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: true });
  } catch (error) {
    state.textContent = `The camera cannot be used: ${String(error)}`;
    return;
  }
  video.hidden = false;
  find("classes").hidden = false;
  find("start").hidden = true;
  await video.play();
}

/** Trains on what was recorded. */
async function learn(): Promise<void> {
  const names = [0, 1].map((at) => find<HTMLInputElement>(`name-${at}`).value.trim());
  const rows = frames.flatMap((own, at) => own.map((frame) => [frame, names[at]!] as const));
  progress.hidden = false;
  train.disabled = true;
  try {
    const trained = await engraft.train(rows, {
      seed: 1,
      onProgress({ phase, done, total }) {
        state.textContent = phase === "download" ? "Loading the base model, once" : phase;
        progress.value = done / total;
      },
    });
    watching.abort();
    watching = new AbortController();
    void watch(trained as Task<"image">, watching.signal);
    const { accuracy, n } = trained.metrics;
    state.textContent = `Right on ${Math.round(100 * accuracy)} % of ${n} frames that it had not seen.`;
  } catch (error) {
    if (!(error instanceof EngraftError)) throw error;
    state.textContent = error.message;
  } finally {
    progress.hidden = true;
    train.disabled = false;
  }
}

/** Says what the camera sees: the newest frame, once the one before is answered. */
async function watch(task: Task<"image">, signal: AbortSignal): Promise<void> {
  try {
    for await (const { prediction } of task.predictFrames(video, { signal })) {
      const { label, probability } = prediction;
      find("answer").textContent = `${label} (${Math.round(100 * probability)} %)`;
    }
  } catch (error) {
    if (!signal.aborted) state.textContent = String(error);
  } finally {
    await task.close();
  }
}
