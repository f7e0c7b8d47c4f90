import { createRandom } from "@engraft/core";
import { type LabelledRow, type TrainOptions, train } from "engraft";
import sharp from "sharp";
import { expect, it } from "vitest";
import { drawImage } from "../support.js";

/** Half a point of accuracy. */
const LITTLE = 0.005;
/** Eight draws of images that are hard to tell vary by half a point themselves. */
const LITTLE_BESIDE_NOISE = 0.01;

/** What help beside the labels cost on the test rows; mean over draws. */
async function meanLoss(
  draws: number,
  rowsOf: (seed: number) => Promise<readonly LabelledRow[]>,
  options: TrainOptions,
): Promise<number> {
  let sum = 0;
  for (let seed = 0; seed < draws; seed++) {
    const task = await train(await rowsOf(seed), { seed, ...options });
    const { accuracy, baselines } = task.manifest.evaluation.test!;
    // Where help was used nowhere there is no such baseline: the task is that of the labels alone.
    sum += (baselines["labels-only"]?.accuracy ?? accuracy) - accuracy;
    await task.close();
  }
  return sum / draws;
}

/** Eight mails of each label to train on, and 200 others; the labels may have other names. */
async function mailsOf(seed: number, names: ReadonlyMap<string, string>): Promise<LabelledRow[]> {
  const place = new URL("../../../../examples/dist/spam-filter/mails.js", import.meta.url);
  const { loadMails, sample } = (await import(place.href)) as MailsModule;
  const { drawn: tested, rest } = sample(await loadMails(), 100, 1);
  const parts = { train: sample(rest, 8, seed).drawn, test: tested };
  return (["train", "test"] as const).flatMap((split) =>
    parts[split].map(({ text, label }) => ({ text, label: names.get(label) ?? label, split })),
  );
}

interface Mail {
  readonly text: string;
  readonly label: string;
}

interface MailsModule {
  readonly loadMails: () => Promise<Mail[]>;
  readonly sample: (
    mails: readonly Mail[],
    perLabel: number,
    seed: number,
  ) => { drawn: Mail[]; rest: Mail[] };
}

it("names of the other label cost little, with 8 labels of a kind", async () => {
  const swapped = new Map([
    ["ham", "spam"],
    ["spam", "ham"],
  ]);
  expect(await meanLoss(4, (seed) => mailsOf(seed, swapped), {})).toBeLessThanOrEqual(LITTLE);
}, 600_000);

it("descriptions of the other label cost little, with 8 labels of a kind", async () => {
  const descriptions = {
    ham: "advertising, free offers, prizes and money that nobody asked for",
    spam: "messages of colleagues, discussions on mailing lists and newsletters",
  };
  const loss = await meanLoss(4, (seed) => mailsOf(seed, new Map()), { descriptions });
  expect(loss).toBeLessThanOrEqual(LITTLE);
}, 600_000);

/** Stripes that are hard to tell, under noise. */
async function dimStripes(kind: "stand" | "lie", seed: number): Promise<Buffer> {
  const random = createRandom(2 * seed + Number(kind === "lie"));
  const [width, height, channels] = [96, 96, 3] as const;
  // A buffer of bytes holds them within 0 and 255.
  const noise = Uint8ClampedArray.from(
    { length: width * height * channels },
    () => 128 + 60 * random.normal(),
  );
  const over = await sharp(await drawImage(kind, seed))
    .ensureAlpha(0.12)
    .png()
    .toBuffer();
  return sharp(noise, { raw: { width, height, channels } })
    .composite([{ input: over }])
    .jpeg()
    .toBuffer();
}

/** Discs of some colour and size. */
function discs(seed: number): Promise<Buffer> {
  const disc = (n: number) =>
    `<circle cx="${(37 * (seed + n)) % 96}" cy="${(53 * (seed + 2 * n)) % 96}" r="${6 + ((seed * n) % 14)}" fill="hsl(${(47 * seed + 90 * n) % 360} 70% 50%)"/>`;
  const drawn = `<svg xmlns="http://www.w3.org/2000/svg" width="96" height="96"><rect width="96" height="96" fill="hsl(${(31 * seed) % 360} 30% 80%)"/>${[1, 2, 3, 4].map(disc).join("")}</svg>`;
  return sharp(Buffer.from(drawn)).jpeg().toBuffer();
}

it("images of other things cost little, with 8 labels of a kind, and are said to be unlike", async () => {
  const unlabelled = await Promise.all(Array.from({ length: 60 }, (_, n) => discs(n)));
  const heard: string[] = [];
  const rowsOf = async (seed: number): Promise<LabelledRow[]> => {
    const draw = (split: "train" | "test", count: number) =>
      (["stand", "lie"] as const).flatMap((label) =>
        Array.from({ length: count }, async (_, n) => {
          const number = 1000 * seed + n + (split === "test" ? 500 : 0);
          return { image: await dimStripes(label, number), label, split };
        }),
      );
    return Promise.all([...draw("train", 8), ...draw("test", 60)]);
  };
  const onWarning = (warning: string) => heard.push(warning);
  const loss = await meanLoss(8, rowsOf, { unlabelled, onWarning });
  expect(loss).toBeLessThanOrEqual(LITTLE_BESIDE_NOISE);
  expect(heard.filter((warning) => /look unlike the labelled ones/.test(warning))).toHaveLength(8);
}, 600_000);
