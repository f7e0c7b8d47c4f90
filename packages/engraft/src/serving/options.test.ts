import { UsageError } from "@engraft/core/errors";
import { expect, it } from "vitest";
import { parseServingOptions } from "./options.js";

it("options that are not given have their defaults", () => {
  expect(parseServingOptions({ maxBatch: 8, maxWait: undefined })).toEqual({
    maxBatch: 8,
    maxWait: 0,
    maxQueue: 1024,
    maxDelay: 600,
    maxImagePixels: 25_000_000,
    outliers: false,
    reloadEvery: 1000,
  });
});

it.each([
  [{ maxBatch: 0 }, /"maxBatch" is not valid/],
  [{ maxImageMemory: 1 }, /"maxImageMemory" is not valid/],
  [{ outliers: 1 as unknown as boolean }, /"outliers" is not valid/],
])("%j is refused by its name", (options, message) => {
  expect(() => parseServingOptions(options)).toThrow(message);
  expect(() => parseServingOptions(options)).toThrow(UsageError);
});
