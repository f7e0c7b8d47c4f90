// The mails and photos that both homes are measured on.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createRandom } from "@engraft/core";
import { loadMails, sample } from "../../examples/dist/spam-filter/mails.js";

/** Mails in a drawn order. */
export async function loadTexts() {
  const { drawn } = sample(await loadMails(), 84, 1);
  const rows = createRandom(1).shuffle([...drawn]);
  return rows.map(({ text, label }) => [text, label]);
}

/** Files of photos, the labels by turns. */
export function loadPhotos(data, count = 100) {
  const files = ["ants", "bees"].map((label) => {
    const folder = join(data, "hymenoptera", "train", label);
    const names = readdirSync(folder).filter((name) => name.endsWith(".jpg"));
    return names.sort().map((name) => [readFileSync(join(folder, name)), label]);
  });
  return Array.from({ length: count }, (_, at) => files[at % 2][at >> 1]);
}
