// Trains and predicts on texts with @engraft/web in runtimes that are no browser: in those that are
// installed here. To have them: npm install --no-save deno bun.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { bundleWeb } from "./bundle.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Each runtime: where its program may be, and how it runs a file. */
const RUNTIMES = [
  {
    name: "Deno",
    programs: [process.env.ENGRAFT_DENO, join(ROOT, "node_modules/.bin/deno"), "/usr/bin/deno"],
    options: ["run", "--allow-all", "--quiet"],
  },
  {
    name: "Bun",
    programs: [
      process.env.ENGRAFT_BUN,
      ...["", "-musl"].map((libc) =>
        join(ROOT, `node_modules/@oven/bun-${process.platform}-${process.arch}${libc}/bin/bun`),
      ),
      "/usr/bin/bun",
    ],
    options: ["run"],
  },
];

const PROGRAM = `
import { createEngraft } from "./worker.js";

const mails = [
  ["win a free prize now", "spam"], ["the meeting moved to tuesday morning", "ham"],
  ["claim your cash reward today", "spam"], ["please review the attached report", "ham"],
  ["cheap pills online offer", "spam"], ["lunch with the team at noon", "ham"],
  ["you won the lottery, click here", "spam"], ["the build failed on the main branch", "ham"],
  ["limited offer, buy now and save", "spam"], ["notes from the weekly planning call", "ham"],
];
const engraft = createEngraft({
  baseUrl: import.meta.url,
  bases: ${JSON.stringify(pathToFileURL(join(ROOT, "models/")).href)},
  device: "wasm",
  onWarning: () => {},
});
const task = await engraft.train(mails, { views: "last", seed: 1 });
const predictions = await task.predict(["free cash prize, click now", "the report of the meeting"]);
await engraft.close();
console.log("labels: " + predictions.map(({ label }) => label).join(" "));
`;

const folder = mkdtempSync(join(tmpdir(), "engraft-runtimes-"));
try {
  await bundleWeb(folder);
  writeFileSync(join(folder, "program.mjs"), PROGRAM);
  const found = RUNTIMES.map((runtime) => ({
    ...runtime,
    program: runtime.programs.find((path) => path !== undefined && existsSync(path)),
  }));
  for (const { name, program, options } of found) {
    if (program === undefined) console.log(`${name}: not installed, left out.`);
    else tryIn(name, program, options);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function tryIn(name, program, options) {
  const { status, stdout, stderr } = spawnSync(program, [...options, join(folder, "program.mjs")], {
    encoding: "utf8",
    timeout: 120_000,
    killSignal: "SIGKILL",
  });
  const isRight = status === 0 && stdout.includes("labels: spam ham");
  console.log(`${name}: ${isRight ? "trains and predicts." : `fails.\n${stdout}${stderr}`}`);
  if (!isRight) process.exitCode = 1;
}
