import { type LabelledRow, type TrainOptions, train } from "engraft";
import sharp from "sharp";
import { expect, it } from "vitest";
import { drawImage } from "../support.js";

/** What a task lost on its test rows by what it was given beside labels; mean over draws. */
async function meanLoss(
  draws: number,
  rowsOf: (seed: number) => readonly LabelledRow[] | Promise<readonly LabelledRow[]>,
  options: TrainOptions = {},
): Promise<number> {
  let sum = 0;
  for (let seed = 0; seed < draws; seed++) {
    const task = await train(await rowsOf(seed), { seed, ...options });
    const { accuracy, baselines } = task.manifest.evaluation.test!;
    // Where it was used nowhere, there is no such baseline: the task is that of the labels alone.
    sum += (baselines["labels-only"]?.accuracy ?? accuracy) - accuracy;
    await task.close();
  }
  return sum / draws;
}

const HALF_A_POINT = 0.005;

it("names and descriptions of the other label cost half a point at most, with 8 labels of a kind", async () => {
  const place = new URL("../../../../examples/dist/spam-filter/mails.js", import.meta.url);
  const { loadMails, sample } = (await import(place.href)) as MailsModule;
  const { drawn: tested, rest } = sample(await loadMails(), 100, 1);
  const other = new Map([
    ["ham", "spam"],
    ["spam", "ham"],
  ]);
  const rowsOf = (seed: number): LabelledRow[] => [
    ...sample(rest, 8, seed).drawn.map(({ text, label }) => rowOf(text, label, "train")),
    ...tested.map(({ text, label }) => rowOf(text, label, "test")),
  ];
  const rowOf = (text: string, label: string, split: "train" | "test"): LabelledRow => ({
    text,
    label: other.get(label)!,
    split,
  });
  expect(await meanLoss(4, rowsOf)).toBeLessThanOrEqual(HALF_A_POINT);
  const descriptions = {
    ham: "advertising, free offers, prizes and money that nobody asked for",
    spam: "messages of colleagues, discussions on mailing lists and newsletters",
  };
  const described = (seed: number) =>
    rowsOf(seed).map((row) => ({ ...row, label: other.get(row.label)! }));
  const swapped = { ham: descriptions.spam, spam: descriptions.ham };
  expect(await meanLoss(4, rowsOf, { descriptions: swapped })).toBeLessThanOrEqual(HALF_A_POINT);
  expect(
    await meanLoss(4, described, {
      descriptions: { ham: descriptions.ham, spam: descriptions.spam },
    }),
  ).toBeLessThanOrEqual(HALF_A_POINT);
}, 900_000);

it("images of other things cost half a point at most, with 8 labels of a kind", async () => {
  const unlabelled = await Promise.all(Array.from({ length: 60 }, (_, n) => drawRings(n)));
  const loss = await meanLoss(
    3,
    async (seed) => {
      const rows: LabelledRow[] = [];
      for (const [split, count] of [
        ["train", 8],
        ["test", 30],
      ] as const) {
        for (let n = 0; n < count; n++) {
          for (const kind of ["stand", "lie"] as const) {
            const image = await blurred(await drawImage(kind, 1000 * seed + n + (split === "test" ? 500 : 0)));
            rows.push({ image, label: kind, split });
          }
        }
      }
      return rows;
    },
    { unlabelled },
  );
  expect(loss).toBeLessThanOrEqual(HALF_A_POINT);
}, 900_000);
