import { DataError } from "@engraft/core/errors";
import { prepareImage } from "@engraft/core/images";
import { type Input, type Platform, plainLinearAlgebra } from "@engraft/core/predict";
import { DEFAULT_MAX_IMAGE_PIXELS } from "@engraft/data";
import {
  decodeBase64,
  MANIFEST_FILE,
  OpenBases,
  openPageContent,
  openTask,
  type Prediction,
  Predictor,
  parseManifest,
  replayBase,
  type TaskManifest,
  UnreadableFile,
} from "@engraft/tasks/internal";
import { receiveImage } from "../engine/receive.js";
import { decodeImage } from "../host/image/decode-image.js";
import { headerProblem } from "../host/image/image-size.js";
import { embeddedRuntime } from "../host/runtime/embedded-ort.js";
import type { SentInput } from "../protocol/sources.js";
import { sha256 } from "./sha256.js";

/** A task that a page has in it, loaded. */
export interface EmbeddedTask {
  readonly name: string;
  readonly manifest: TaskManifest;
  predict(input: SentInput): Promise<Prediction>;
}

/** Loads the task of a page. @param content - In base64. */
export async function openEmbeddedTask(content: string): Promise<EmbeddedTask> {
  const { name, task, base: recorded, wasm } = openPageContent(decodeBase64(content));
  const platform: Platform = {
    runtime: embeddedRuntime(wasm),
    linearAlgebra: plainLinearAlgebra,
    sha256,
    prepareImage: (file, spec, how) => prepareImage(file, spec, decodeImage, how),
  };
  const json = task.get(MANIFEST_FILE);
  if (json === undefined) throw new UnreadableFile("it has no task.json");
  const manifest = parseManifest(json);
  const trained = openTask({ manifest, files: task });
  const bases = new OpenBases({ sha256, ...replayBase(recorded) });
  const base = await bases.openTuned(trained, "The task");
  const predictor = await Predictor.open(trained, base, platform);
  return {
    name,
    manifest,
    async predict(sent) {
      const [answer] = await predictor.predict([await inputOf(sent, manifest)]);
      if (answer instanceof DataError) throw answer;
      return answer!;
    },
  };
}

async function inputOf(sent: SentInput, { modality }: TaskManifest): Promise<Input> {
  if (modality === "text") return { kind: "text", text: sent as string };
  const file = await receiveImage(sent);
  if (typeof file === "string") {
    throw new DataError("data/unreadable", "a page loads nothing: give the image itself");
  }
  const problem = headerProblem(file, DEFAULT_MAX_IMAGE_PIXELS);
  if (problem !== undefined) throw new DataError("data/unreadable", `the image ${problem}`);
  return { kind: "image", read: async () => file };
}
