// Resident memory of `engraft predict` while it reads 100,000 lines from stdin.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { options, readQuestions, report, seconds } from "../lib.mjs";
import { finished, startPredict } from "./cli.mjs";

/** The memory is looked at this often. */
const SAMPLES = 20;

const { data, work, limit: lines = 100_000 } = options();
const { splits } = await readQuestions(data, "train");
const child = startPredict(work, "mails.engraft", [], ["pipe", "pipe", "inherit"]);
const ended = finished(child);
const samples = [];
const elapsed = await seconds(() =>
  Promise.all([pipeline(Readable.from(makeLines()), child.stdin), watchOutput(), ended]),
);

const growth = samples.at(-1).resident - samples[SAMPLES / 5 - 1].resident;
report(
  { peak: { engraft: samples.at(-1).peak }, growth: { engraft: growth } },
  { lines, linesPerSecond: lines / elapsed, samples },
);

/** Real questions, each made different by a number. */
function* makeLines() {
  const { train } = splits;
  for (let index = 0; index < lines; index++) {
    yield `${index} ${train[index % train.length].input.text.replace(/\s+/g, " ")}\n`;
  }
}

async function watchOutput() {
  const interval = Math.floor(lines / SAMPLES);
  let count = 0;
  for await (const _ of createInterface(child.stdout)) {
    count++;
    if (count % interval === 0 && samples.length < SAMPLES) {
      samples.push({ lines: count, resident: megabytes("VmRSS"), peak: megabytes("VmHWM") });
    }
  }
}

/** A figure of the process, in units of 1,000,000 bytes. */
function megabytes(field) {
  const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
  return (Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)[1]) * 1024) / 1e6;
}
