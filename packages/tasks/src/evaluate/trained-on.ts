import type { Input, Platform } from "@engraft/core";
import { DataError } from "@engraft/core";
import { digestOfInput, normalizedText } from "@engraft/core/internal";
import type { RecordedExample } from "../format/files/record.js";

/** Tells what a task was trained on. */
export interface TrainingSet {
  /**
   * Whether the task was trained on an input: on a text that differs at most in case, white space and
   * Unicode form, or on the very file of an image. False for an image that cannot be read.
   */
  has(input: Input): Promise<boolean>;
}

/** The training set of a task, from what it remembers of its examples. */
export function trainingSetOf(
  examples: readonly RecordedExample[],
  platform: Pick<Platform, "sha256">,
): TrainingSet {
  const digests = new Set(examples.map(({ digest }) => digest));
  const texts = new Set(
    examples.flatMap(({ text }) => (text === undefined ? [] : [normalizedText(text)])),
  );
  return {
    has: async (input) => {
      if (input.kind === "text" && texts.has(normalizedText(input.text))) return true;
      const digest = await digestOfInput(input, platform).catch((error: unknown) => {
        if (error instanceof DataError) return undefined;
        throw error;
      });
      return digest !== undefined && digests.has(digest);
    },
  };
}

/** How many of some inputs a task was trained on; undefined where that is not known. */
export async function countKnown(
  trainingSet: TrainingSet | undefined,
  inputs: readonly Input[],
): Promise<number | undefined> {
  if (trainingSet === undefined) return undefined;
  let known = 0;
  for (const input of inputs) if (await trainingSet.has(input)) known += 1;
  return known;
}
