// The mails and photos that both homes are measured on.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { loadMails, sample } from "../../examples/dist/spam-filter/mails.js";

export async function loadTexts() {
  const { drawn } = sample(await loadMails(), 84, 1);
  return drawn.map(({ text, label }) => [text, label]);
}

/** Files of photos, the labels by turns. */
export function loadPhotos(data) {
  const files = ["ants", "bees"].map((label) => {
    const folder = join(data, "hymenoptera", "train", label);
    const names = readdirSync(folder).filter((name) => name.endsWith(".jpg"));
    return names.sort().map((name) => [readFileSync(join(folder, name)), label]);
  });
  return Array.from({ length: 100 }, (_, at) => files[at % 2][at >> 1]);
}
