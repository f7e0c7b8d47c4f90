// From process start to task: a cold training on 5,000 questions of Banking77, and the extension of
// the task by 10 more.
import { spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { every, options, readQuestions, report, seconds } from "../lib.mjs";
import { CLI } from "../predict/cli.mjs";

const { data, work, limit = 5000 } = options();
const questions = (await readQuestions(data, "train")).splits.train;
const old = every(questions, limit).slice(0, limit);
const known = new Set(old);
const rest = questions.filter((question) => !known.has(question));
const more = every(rest, 10).slice(0, 10);

rmSync(process.env.ENGRAFT_CACHE, { recursive: true, force: true });
const task = join(work, "questions.engraft");
const cold = await seconds(() => engraft("train", write("old", old), "-o", task));
let extension;
const extended = await seconds(() => {
  extension = engraft("extend", task, write("more", more));
});
const { added, searched, before, after } = JSON.parse(extension);
report(
  { share: { engraft: extended / cold } },
  { cold, extended, added, searched, before: before.accuracy, after: after.accuracy },
);

function write(name, chosen) {
  const rows = chosen.map(({ input, target }) => ({ text: input.text, label: target.label }));
  const file = join(work, `${name}.jsonl`);
  writeFileSync(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  return file;
}

/** Runs a command and returns what it printed. */
function engraft(...parameters) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [CLI, ...parameters, "--quiet", "--json"],
    { encoding: "utf8", maxBuffer: 2 ** 28 },
  );
  if (status !== 0) throw new Error(`engraft ${parameters[0]}: ${stderr}`);
  return stdout;
}
