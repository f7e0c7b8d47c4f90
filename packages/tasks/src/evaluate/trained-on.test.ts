import type { Input } from "@engraft/core";
import { DataError } from "@engraft/core";
import { describe, expect, it } from "vitest";
import { countingPlatform, imageOf } from "../../../core/test/tiny-bases.js";
import { countKnown, trainingSetOf } from "./trained-on.js";

const platform = countingPlatform();

describe("examples that a task was trained on", () => {
  it("are texts that differ in case, white space and Unicode form at most", async () => {
    const texts = ["Win a free cruise!", "caf\u00e9", "tea"];
    const trainingSet = trainingSetOf(
      await Promise.all(
        texts.map(async (text) => ({
          source: "mails.csv:2",
          label: "a",
          digest: await platform.sha256(text),
          text,
        })),
      ),
      platform,
    );
    const asked = ["win a  free\tcruise! ", "cafe\u0301", "tea", "Win a free cruise", "coffee"];
    const inputs = asked.map((text): Input => ({ kind: "text", text }));
    expect(await Promise.all(inputs.map((input) => trainingSet.has(input)))).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
    expect(await countKnown(trainingSet, inputs)).toBe(3);
    expect(await countKnown(undefined, inputs)).toBeUndefined();
  });

  it("are images with the very bytes, wherever they are", async () => {
    const [one, other] = [imageOf(1, 2, 3, 4), imageOf(4, 3, 2, 1)];
    const read = async (input: Input) => (input.kind === "image" ? input.read() : Uint8Array.of());
    const digest = await platform.sha256(await read(one));
    const trainingSet = trainingSetOf([{ source: "ants/1.jpg", label: "a", digest }], platform);
    const lost: Input = {
      kind: "image",
      read: () => Promise.reject(new DataError("data/unreadable", "not found")),
    };
    expect(await countKnown(trainingSet, [one, other, lost, one])).toBe(2);
  });
});
