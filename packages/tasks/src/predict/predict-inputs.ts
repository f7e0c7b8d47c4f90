import { DataError } from "@engraft/core/errors";
import type { TaskManifest } from "../format/manifest/manifest.js";
import type { Host } from "../host.js";
import { nameOfInput, rawInput } from "../sources/open-inputs.js";
import type { PredictOptions } from "./options.js";
import type { Predictor } from "./predictor.js";
import { type SelectivePrediction, selectiveLimits, withSelection } from "./selective.js";
import { unpredictable } from "./unpredictable.js";

/**
 * Predicts some inputs of a task.
 *
 * @param open - Called once it is known that everything can be predicted.
 * @throws DataError when images cannot be decoded, listing every one of them.
 * @throws UsageError when an input is not of a kind that the task reads, or it cannot promise what
 *   `maxErrorRate` or `confidence` ask for.
 */
export async function predictInputs(
  given: readonly unknown[],
  manifest: TaskManifest,
  { data }: Pick<Host, "data">,
  open: () => Promise<Predictor>,
  { maxImagePixels, signal, topK, ...selection }: PredictOptions,
): Promise<SelectivePrediction[]> {
  const limits = selectiveLimits(manifest, selection);
  const inputs = given.map((input, index) =>
    rawInput(input, index + 1, manifest.modality, data, maxImagePixels),
  );
  const results = await (await open()).predict(inputs, signal);
  const problems = results.flatMap((result, index) =>
    result instanceof DataError
      ? [{ where: nameOfInput(given[index], index + 1), what: result.message }]
      : [],
  );
  if (problems.length > 0) throw unpredictable(problems);
  return results.flatMap((result) =>
    result instanceof DataError ? [] : [withSelection(result, limits, topK)],
  );
}
