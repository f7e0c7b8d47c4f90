import { parseJson } from "@engraft/core/predict";
import { unzipSync, type ZippableFile, zipSync } from "fflate";
import { UnreadableFile } from "../storage-errors.js";

/** What a page about a task holds beside its program. */
export interface PageContent {
  /** What the page is called. */
  readonly name: string;
  /** The files that the task predicts with, `task.json` among them, by name. */
  readonly task: ReadonlyMap<string, Uint8Array>;
  /** What was read when its base was opened, by the keys of `BaseRecorder`. */
  readonly base: ReadonlyMap<string, Uint8Array>;
  /** ONNX Runtime as WebAssembly. */
  readonly wasm: Uint8Array;
}

/** The list of what is in the archive: keys are strings of users, and no names of entries. */
interface Index {
  readonly name: string;
  readonly task: readonly string[];
  readonly base: readonly string[];
}

const INDEX = "index.json";
const WASM = "runtime.wasm";
/** The earliest day that an archive can name: the same page has the same bytes. */
const NO_TIME = new Date(1980, 0, 1);
/** Weights hardly get smaller; all else gets much smaller. */
const WEIGHTS = /\.onnx$/i;

/** Packs the content of a page as one archive. */
export function packPageContent({ name, task, base, wasm }: PageContent): Uint8Array {
  const index: Index = { name, task: [...task.keys()], base: [...base.keys()] };
  const entries = new Map<string, ZippableFile>();
  const add = (entry: string, bytes: Uint8Array, level: 0 | 6): void => {
    entries.set(entry, [bytes, { level, mtime: NO_TIME }]);
  };
  add(INDEX, new TextEncoder().encode(JSON.stringify(index)), 6);
  add(WASM, wasm, 6);
  for (const [folder, files] of [
    ["task", task],
    ["base", base],
  ] as const) {
    for (const [at, [key, bytes]] of [...files].entries()) {
      add(`${folder}/${at}`, bytes, WEIGHTS.test(key) ? 0 : 6);
    }
  }
  return zipSync(Object.fromEntries(entries));
}

/**
 * Unpacks the content of a page.
 *
 * @throws UnreadableFile when something is missing: the page was cut off or altered.
 */
export function openPageContent(archive: Uint8Array): PageContent {
  const entries = new Map(Object.entries(unzip(archive)));
  const read = (entry: string): Uint8Array => {
    const bytes = entries.get(entry);
    if (bytes === undefined) throw new UnreadableFile("a part of it is missing");
    return bytes;
  };
  const index = parseJson(read(INDEX), damaged) as Index;
  const files = (folder: "task" | "base"): ReadonlyMap<string, Uint8Array> =>
    new Map(index[folder].map((key, at) => [key, read(`${folder}/${at}`)]));
  return { name: index.name, task: files("task"), base: files("base"), wasm: read(WASM) };
}

function unzip(archive: Uint8Array): Record<string, Uint8Array> {
  try {
    return unzipSync(archive);
  } catch (cause) {
    throw damaged(cause);
  }
}

function damaged(cause: unknown): UnreadableFile {
  return new UnreadableFile("it is damaged", cause instanceof Error ? cause : undefined);
}
