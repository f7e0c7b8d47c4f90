// Draws of Hymenoptera: 20 images of each label or all of them to train on, `val` to test on.
import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { sample } from "../../examples/dist/spam-filter/mails.js";
import { every, options, SEEDS, writeDraw } from "../lib.mjs";

const { data, work, limit } = options();
const train = listRows("train");
const test = every(listRows("val"), limit);
for (const seed of SEEDS) {
  writeDraw(work, "20 a class", seed, { train: sample(train, 20, seed).drawn, test });
}
writeDraw(work, "all", 0, { train, test });

function listRows(split) {
  return ["ants", "bees"].flatMap((label) => {
    const folder = resolve(data, "hymenoptera", split, label);
    const names = readdirSync(folder).filter((name) => name.endsWith(".jpg"));
    return names.sort().map((name) => ({ image: join(folder, name), label }));
  });
}
