// Puts the program in place, and trains the tasks that are asked for predictions: the demo's spam filter,
// and ants and bees.
import { join } from "node:path";
import { train } from "engraft";
import { loadMails, sample } from "../../examples/dist/spam-filter/mails.js";
import { options, writeDraw } from "../lib.mjs";
import { installProgram } from "./cli.mjs";

const { data, work } = options();
await installProgram(work);
const mails = (await loadMails()).map(({ text, label }) => ({ text, label }));
const folder = writeDraw(work, "mails", 1, { train: sample(mails, 32, 1).drawn });
await trainTo("mails.engraft", folder);
await trainTo("photos.engraft", join(data, "hymenoptera", "train"));

async function trainTo(name, source) {
  const task = await train(source, { output: join(work, name) });
  await task.close();
}
