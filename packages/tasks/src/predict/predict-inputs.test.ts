import type { Input } from "@engraft/core";
import { DataError } from "@engraft/core/errors";
import { expect, it } from "vitest";
import type { TaskManifest } from "../format/manifest/manifest.js";
import type { Host } from "../host.js";
import type { NamedInput } from "../sources/source.js";
import { predictInputs } from "./predict-inputs.js";
import type { Predictor } from "./predictor.js";

const MANIFEST = { modality: "image" } as TaskManifest;

const HOST = {
  data: { image: (given) => ({ kind: "image", read: async () => given as Uint8Array }) },
} as { data: Pick<Host["data"], "image"> } as Pick<Host, "data">;

/** Reads what it is given, and predicts nothing of it. */
const predictor = {
  predict: (inputs: readonly Input[]) =>
    Promise.all(
      inputs.map((input) => (input as { read(): Promise<unknown> }).read().catch((error) => error)),
    ),
} as unknown as Predictor;

function unreadable(source: string): NamedInput {
  const read = async (): Promise<never> => {
    throw new DataError("data/unreadable", "the file cannot be read");
  };
  return { source, input: { kind: "image", read } };
}

it("every input that cannot be read is named, beside those that can", async () => {
  const given = [unreadable("a.png"), new Uint8Array(1), unreadable("c.png")];
  const error = await predictInputs(given, MANIFEST, HOST, async () => predictor, {}).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({
    code: "data/unreadable",
    problems: [{ where: "a.png" }, { where: "c.png" }],
  });
});

it("an input that was read is refused where it is of another kind", async () => {
  const text: NamedInput = { source: "mails.csv:2", input: { kind: "text", text: "hello" } };
  const predicting = predictInputs([text], MANIFEST, HOST, async () => predictor, {});
  await expect(predicting).rejects.toThrow("Input 1 is a text; expected an image.");
});
