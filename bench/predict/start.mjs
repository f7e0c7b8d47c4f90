// One prediction by the command line, from the start of the process to its end.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { options, report, seconds } from "../lib.mjs";
import { finished, startPredict } from "./cli.mjs";

const { data, work } = options();
const bees = join(data, "hymenoptera", "val", "bees");
const photo = join(bees, readdirSync(bees).sort()[0]);
const text = await predict("mails.engraft", "Congratulations, you have won a free cruise!");
const image = await predict("photos.engraft", photo);
report({ text: { engraft: text }, image: { engraft: image } });

function predict(task, input) {
  return seconds(() =>
    finished(startPredict(work, task, [input], ["ignore", "ignore", "inherit"])),
  );
}
