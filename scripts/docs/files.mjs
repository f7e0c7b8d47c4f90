import { cp, mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const SPAM = [
  "win a free prize now",
  "claim your cash reward today",
  "cheap pills online offer",
  "you won the lottery, click here",
  "limited offer, buy now and save",
  "free money is waiting for you",
  "exclusive deal, act fast",
  "earn dollars from home quickly",
];
const HAM = [
  "the meeting moved to tuesday morning",
  "please review the attached report",
  "lunch with the team at noon",
  "the build failed on the main branch",
  "notes from the weekly planning call",
  "can you send me the slides",
  "the train is late, start without me",
  "thanks for the feedback on the draft",
];

/**
 * The files that the programs of the documentation take for granted: labelled mails, images in folders,
 * and a task that was trained on each.
 *
 * @param folder - Where they are written.
 * @param modules - The modules that the programs import.
 */
export async function makeFiles(folder, modules) {
  await mkdir(folder, { recursive: true });
  const csv = (from, to) =>
    ["text,label", ...SPAM.slice(from, to).map((text) => `"${text}",spam`)]
      .concat(HAM.slice(from, to).map((text) => `"${text}",ham`))
      .join("\n");
  await writeFile(join(folder, "mails.csv"), csv(0, 6));
  await writeFile(join(folder, "more.csv"), csv(6, 8));
  await writeFile(join(folder, "test.csv"), csv(5, 8));
  await writeFile(
    join(folder, "inbox.csv"),
    ["text", ...SPAM, ...HAM].map((t) => `"${t}"`).join("\n"),
  );
  await writePhotos(join(folder, "photos"));
  await cp(join(folder, "photos"), join(folder, "more-photos"), { recursive: true });
  const entry = createRequire(join(modules, "x.js")).resolve("engraft");
  const { train } = await import(pathToFileURL(entry).href);
  for (const [data, task] of [
    ["mails.csv", "mails.engraft"],
    ["photos", "parts.engraft"],
  ]) {
    const options = { output: join(folder, task), views: "last" };
    await (await train(join(folder, data), options)).close();
  }
  await cp(join(folder, "mails.engraft"), join(folder, "spam.engraft"), { recursive: true });
}

/** Two classes of drawn images: stripes that stand, and stripes that lie. */
async function writePhotos(folder) {
  const { default: sharp } = await import("sharp");
  const size = 64;
  for (const [label, across] of [
    ["ants", true],
    ["bees", false],
  ]) {
    await mkdir(join(folder, label), { recursive: true });
    for (let n = 0; n < 8; n++) {
      const data = new Uint8Array(3 * size * size);
      for (let i = 0; i < data.length; i++) {
        const pixel = Math.floor(i / 3);
        const at = across ? pixel % size : Math.floor(pixel / size);
        data[i] = 40 * (i % 3) + 150 * (Math.floor(at / (4 + n)) % 2);
      }
      await sharp(data, { raw: { width: size, height: size, channels: 3 } })
        .png()
        .toFile(join(folder, label, `${n}.png`));
    }
  }
}
