import { join } from "node:path";
import { expect, it } from "vitest";
import { drawImage, writeFiles } from "./data-support.js";
import { engraftHere } from "./support.js";

const image = await drawImage(40, 30);

/** What `train` says about data that is read and then lacks a second label. */
async function trainOn(...given: string[]): Promise<string> {
  const { code, stderr } = await engraftHere(["train", ...given]);
  expect(code).toBe(3);
  return stderr;
}

it("train says what it understood before it says what is wrong", async () => {
  const folder = await writeFiles({
    "train/1.jpg": image,
    "train/2.jpg": image,
    "train.csv": "id,label\n1,a\n2,a\n",
    "test/1.jpg": image,
    "bare.csv": "x,a\ny,a\n",
    "pipes.csv": "text|label\nx|a\ny|a\n",
    "lists/names.csv": "name|label\n1|a\n2|a\n",
  });
  const oneLabel = 'have the label "a"; a classifier needs examples of at least two labels';
  expect(await trainOn(folder)).toMatch(
    /^warning: train\.csv: is read as the labels.*\nwarning: test: has no labels and is left out\.\nerror: All 2 examples/,
  );
  expect(await trainOn(folder, "--max-pixels", "0.001")).toContain(
    "the limit is 0.001 megapixels (--max-pixels)",
  );
  expect(await trainOn(join(folder, "bare.csv"))).toContain("say so (--no-header)");
  const numbered = ["--no-header", "--text", "1", "--label", "2"];
  expect(await trainOn(join(folder, "bare.csv"), ...numbered)).toContain(oneLabel);
  expect(await trainOn(join(folder, "pipes.csv"))).toContain(oneLabel);
  const elsewhere = ["--image-folder", join(folder, "train")];
  expect(await trainOn(join(folder, "lists/names.csv"), ...elsewhere)).toContain(oneLabel);
});
