import { join } from "node:path";
import { train } from "engraft";
import { loadTask } from "engraft/predict";
import { describe, expect, it } from "vitest";
import { writeMails } from "../support.js";

describe("engraft/predict", { timeout: 180_000 }, () => {
  it("predicts one input or several, as the whole library does", async () => {
    const folder = await writeMails();
    const path = join(folder, "mails.engraft");
    const trained = await train(join(folder, "mails.csv"), { output: path });
    const texts = ["free money, click now", "see you at the meeting"];
    const expected = await trained.predict(texts);
    await trained.close();

    const task = await loadTask(path);
    expect(task).toMatchObject({ labels: trained.manifest.labels, modality: "text" });
    expect(await task.predict(texts)).toEqual(expected);
    const { label, probability } = await task.predict(texts[0]!);
    expect(label).toBe("spam");
    expect(probability).toBeCloseTo(expected[0]!.probability, 6);
    await task.close();
    await expect(task.predict("later")).rejects.toThrow(/closed/);
  });
});
