import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { checkCase, TOLERANCE } from "../../../conformance/check.mjs";

const FIXTURES = new URL("../../../conformance/fixtures/", import.meta.url);

/** Small exports of real architectures, with what PyTorch says about them. */
const names = readdirSync(FIXTURES).filter((name) => name !== "parity");

describe("exported networks against PyTorch", () => {
  it.each(names)("%s: loss, gradient of every weight, ten steps of training", async (name) => {
    const { lossError, gradients, trainingError } = await checkCase(
      fileURLToPath(new URL(name, FIXTURES)),
    );
    expect(gradients.length).toBeGreaterThan(0);
    expect(gradients[0]!.error).toBeLessThan(TOLERANCE);
    expect(lossError).toBeLessThan(TOLERANCE);
    expect(trainingError).toBeLessThan(TOLERANCE);
  });
});
