import type { Dataset, ImageInput, Input, TextInput } from "@engraft/core";
import {
  inputsOf,
  mapInputs,
  type ReadDataset,
  type SentDataset,
  type SentExampleImage,
} from "../protocol/datasets.js";
import type { EngineConnection } from "./engine.js";
import { Handle } from "./handle.js";

/** An image that the worker has. */
interface KnownImage {
  readonly handle: Handle;
  readonly image: number;
}

/** The images of data sets that were read here. */
const known = new WeakMap<Input, KnownImage>();

/** A data set that the worker has read. Its images are read there when they are asked for. */
export function receiveDataset(
  { dataset, number }: ReadDataset,
  engine: EngineConnection,
): Dataset {
  if (number === undefined) return dataset as Dataset;
  const handle = new Handle(engine, number, closeDataset, "The data set was released.");
  return mapInputs(dataset, (input): Input => {
    if (!isKnown(input)) return input as TextInput;
    const received = receiveImage(input.image, input.digest, handle);
    known.set(received, { handle, image: input.image });
    return received;
  });
}

/** A data set in the form in which it crosses: images that the worker has are named, others are read. */
export async function sendDataset(
  dataset: Dataset,
  engine: EngineConnection,
): Promise<SentDataset> {
  const sent = new Map<Input, TextInput | SentExampleImage>();
  for (const input of inputsOf(dataset)) sent.set(input, await sendExample(input, engine));
  return mapInputs(dataset, (input) => sent.get(input)!);
}

async function sendExample(
  input: Input,
  engine: EngineConnection,
): Promise<TextInput | SentExampleImage> {
  if (input.kind === "text") return input;
  const found = known.get(input);
  if (found?.handle.engine === engine) {
    const { handle, image } = found;
    return { kind: "image", dataset: handle.number, image, digest: input.digest };
  }
  return { kind: "image", file: new Blob([(await input.read()) as Uint8Array<ArrayBuffer>]) };
}

function receiveImage(image: number, digest: string | undefined, handle: Handle): ImageInput {
  return {
    kind: "image",
    digest,
    async read() {
      const sent = { dataset: handle.number, image };
      return (await handle.engine.call("readImage", sent)).file;
    },
  };
}

function isKnown(
  input: TextInput | SentExampleImage,
): input is Extract<SentExampleImage, { readonly dataset: number }> {
  return "dataset" in input;
}

function closeDataset(dataset: number, engine: EngineConnection): Promise<unknown> {
  return engine.call("closeDataset", { dataset });
}
