import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { vi } from "vitest";
// The compiled one, as the program runs it.
import { main } from "../dist/cli/main.js";
import { atEnd } from "./at-end.js";

const root = mkdtempSync(join(tmpdir(), "engraft-test-"));
process.on("exit", () => rmSync(root, { recursive: true, force: true }));
let folders = 0;

/** The feature cache, for the library and for the command line; each test file begins without one. */
export const cache: string = join(root, "cache");
process.env.ENGRAFT_CACHE = cache;

/** Writes files into a new folder and returns its path. */
export async function writeFiles(
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<string> {
  const folder = join(root, `folder ${++folders}`);
  await mkdir(folder);
  atEnd(() => rm(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

const spam = [
  "win a free prize now",
  "claim your cash reward today",
  "cheap pills online offer",
  "you won the lottery, click here",
  "limited offer, buy now and save",
  "free money is waiting for you",
  "exclusive deal, act fast",
  "earn dollars from home quickly",
  "your account won a bonus",
  "click to get a free cruise",
  "hot singles deal, huge discount",
  "lowest price guaranteed, order now",
];

const ham = [
  "the meeting moved to tuesday morning",
  "please review the attached report",
  "lunch with the team at noon",
  "the build failed on the main branch",
  "notes from the weekly planning call",
  "can you send me the slides",
  "the train is late, start without me",
  "thanks for the feedback on the draft",
  "the printer on floor two is broken",
  "I will be on holiday next week",
  "the server update is done",
  "dinner at eight with my parents",
];

/** 24 short texts of two classes, as `[text, label]`. */
export const mails: readonly (readonly [text: string, label: string])[] = spam.flatMap(
  (text, index) => [
    [text, "spam"],
    [ham[index]!, "ham"],
  ],
);

/** Rows as CSV with the columns text and label. */
export function toCsv(rows: readonly (readonly [text: string, label: string])[]): string {
  const quote = (cell: string) => `"${cell.replaceAll('"', '""')}"`;
  return ["text,label", ...rows.map((row) => row.map(quote).join(","))].join("\n");
}

/** A folder with `mails.csv`. */
export function writeMails(): Promise<string> {
  return writeFiles({ "mails.csv": toCsv(mails) });
}

/** A drawn image: stripes that stand or lie, on noise that depends on `seed`. */
export function drawImage(kind: "stand" | "lie", seed: number): Promise<Buffer> {
  const size = 96;
  const width = 6 + (seed % 5);
  const data = new Uint8Array(3 * size * size);
  let state = seed + 1;
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const stripe = Math.floor((kind === "stand" ? x : y) / width) % 2;
      for (let channel = 0; channel < 3; channel++) {
        state = (Math.imul(1664525, state) + 1013904223) >>> 0;
        data[3 * (y * size + x) + channel] =
          150 * stripe + 40 * ((seed + channel) % 3) + (state >>> 27);
      }
    }
  }
  return sharp(data, { raw: { width: size, height: size, channels: 3 } })
    .jpeg()
    .toBuffer();
}

/** 12 images in two class folders. */
export async function writeImages(): Promise<string> {
  const files: Record<string, Uint8Array> = {};
  for (let n = 0; n < 6; n++) {
    files[`stehend/Bild ü ${n}.jpg`] = await drawImage("stand", n);
    files[`横/写真${n}.jpg`] = await drawImage("lie", n);
  }
  return writeFiles(files);
}

/** How a command ended. */
export interface Finished {
  /** Null where a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Standard input; closed at once where left out. */
  readonly input?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** The program to run, where it is not the one of this repository. */
  readonly program?: string;
}

export const ownProgram: string = fileURLToPath(new URL("../bin/engraft.js", import.meta.url));

/** Starts `engraft` as a process of its own. */
export function start(
  parameters: readonly string[],
  { env, cwd, program = ownProgram }: RunOptions = {},
): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [program, ...parameters], {
    cwd,
    env: { ...process.env, ...env },
  });
}

/** Waits until a process has ended and its output was read. */
export function finished(child: ChildProcessWithoutNullStreams): Promise<Finished> {
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

/** Runs `engraft` to its end. */
export async function engraft(
  parameters: readonly string[],
  options: RunOptions = {},
): Promise<Finished> {
  const child = start(parameters, options);
  const end = finished(child);
  // A command that does not read its input may be gone before it is written.
  child.stdin.on("error", () => {});
  child.stdin.end(options.input ?? "");
  return end;
}

/** Runs a command line that needs no process of its own: it fails early, or only prints. */
export async function engraftHere(parameters: readonly string[]): Promise<Finished> {
  const written = { stdout: "", stderr: "" };
  const spies = (["stdout", "stderr"] as const).map((name) =>
    vi.spyOn(process[name], "write").mockImplementation((text, ...others: readonly unknown[]) => {
      written[name] += String(text);
      for (const taken of others) if (typeof taken === "function") taken();
      return true;
    }),
  );
  try {
    const code = await main(parameters);
    return { code, ...written };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
