import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { onnxLinearAlgebra, ortRuntime, StepRunner } from "@engraft/core";
import { DataError, UsageError } from "@engraft/core/errors";
import { prepareImage, type RgbImage } from "@engraft/core/images";
import { openMemoryCache } from "@engraft/core/internal";
import { type LabelledRow, readDataset } from "@engraft/data";
import * as ort from "onnxruntime-node";
import sharp from "sharp";
import { BASE_PACKAGES } from "../src/bases/registry.js";
import type { DataReader, Host, HostFiles, TaskStorage } from "../src/host.js";
import type { ImageSource } from "../src/sources/source.js";
import { OutputError, TaskChangedError, UnreadableFile } from "../src/storage-errors.js";

/** A host on the calling thread that keeps everything in memory, and what a test finds in it. */
export interface MemoryHost extends Host {
  /** Labelled rows by their place: what other hosts have in files. */
  readonly rows: Map<string, readonly LabelledRow[]>;
  /** Files that were written, by their place. */
  readonly written: Map<string, Uint8Array>;
}

/**
 * The smallest machine that the product runs on: one thread, no disk. It shows that the seam is whole:
 * what it lacks, nothing needs.
 */
export function createMemoryHost(): MemoryHost {
  const runtime = ortRuntime(ort);
  const rows = new Map<string, readonly LabelledRow[]>();
  const written = new Map<string, Uint8Array>();
  const caches = new Map<string, ReturnType<typeof openMemoryCache>>();
  let now = 1_700_000_000_000;
  return {
    version: "0.0.0",
    rows,
    written,
    runtime,
    linearAlgebra: onnxLinearAlgebra(runtime),
    sha256,
    prepareImage: (file, spec, options) => prepareImage(file, spec, decode, options),
    openStepEngine: (step, settings, state) => StepRunner.open(runtime, step, settings, state),
    clock: { now: () => now++ },
    files: memoryFiles(written),
    tasks: memoryTasks(),
    data: memoryData(rows),
    openReportDrawer: () =>
      Promise.resolve({
        isReport: (bytes) => new TextDecoder().decode(bytes).startsWith("<p>"),
        draw: ({ manifest, missing }) => {
          const html = `<p>${manifest.labels.length} labels</p>`;
          return Promise.resolve({ html, findings: [html], missing });
        },
      }),
    readPageParts: () => Promise.resolve({ program: "run()", wasm: new Uint8Array(8) }),
    openTrainingLog: () => Promise.resolve({ write: () => {}, close: () => Promise.resolve() }),
    openFeatureCache: () => (featureSet, width) => {
      const cache = caches.get(featureSet) ?? openMemoryCache(featureSet, width);
      caches.set(featureSet, cache);
      return cache;
    },
    readBaseFile: (base, name) =>
      readFile(new URL(import.meta.resolve(`${BASE_PACKAGES[base]}/${name}`))),
    warmUp: () => {},
    close: () => Promise.resolve(),
  };
}

function sha256(data: Uint8Array | string): Promise<string> {
  return Promise.resolve(createHash("sha256").update(data).digest("hex"));
}

async function decode(file: Uint8Array): Promise<RgbImage> {
  try {
    const { data, info } = await sharp(file)
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    return { data: Uint8Array.from(data), width: info.width, height: info.height };
  } catch (cause) {
    throw new DataError("data/unreadable", "the image cannot be decoded", { cause });
  }
}

function memoryFiles(written: Map<string, Uint8Array>): HostFiles {
  return {
    read: (place) => {
      const bytes = written.get(place);
      return bytes ? Promise.resolve(bytes) : Promise.reject(new UnreadableFile("it is missing"));
    },
    beside: (place, name) => place.replace(/[^/]*$/, name),
    readModel: (_, unreadable) =>
      Promise.reject(unreadable(new UnreadableFile("there are no files here"))),
    prepareFile: (place, what, isOurs) => {
      const there = written.get(place);
      if (there !== undefined && !isOurs(there)) {
        return Promise.reject(new UsageError(`${place} is not ${what}.`));
      }
      return Promise.resolve({
        read: () => Promise.resolve(written.get(place)),
        write: async (bytes) => void written.set(place, bytes),
      });
    },
    prepareFolder: (place) =>
      Promise.resolve({
        write: async (files) => {
          for (const [name, bytes] of files) written.set(`${place}/${name}`, bytes);
        },
      }),
  };
}

function memoryTasks(): TaskStorage {
  const tasks = new Map<string, ReadonlyMap<string, Uint8Array>>();
  const state = async (place: string): Promise<string | undefined> => {
    const manifest = tasks.get(place)?.get("task.json");
    return manifest && sha256(manifest);
  };
  const fileOf = (place: string, name: string): Uint8Array => {
    const bytes = tasks.get(place)?.get(name);
    if (bytes === undefined) throw new UnreadableFile("it is missing");
    return bytes;
  };
  return {
    state,
    readManifest: async (place) => {
      if (tasks.has(place)) return fileOf(place, "task.json");
      throw new UsageError(`${place} is not a task.`);
    },
    readFile: async (place, name) => fileOf(place, name),
    isBeingReplaced: () => Promise.resolve(false),
    prepare: async (place, seen) => {
      if (place === "") throw new OutputError(place, "it has no name", "ENOENT");
      const before = seen === undefined ? await state(place) : seen.state;
      return {
        write: async (files) => {
          const isChanged = (await state(place)) !== before;
          tasks.set(isChanged ? `${place}-2` : place, files);
          if (isChanged) throw new TaskChangedError(place, `${place}-2`);
          return [];
        },
      };
    },
    nameOf: (place) => place.replace(/\.engraft$/, ""),
    reportOf: (place) => `${place}/report.html`,
  };
}

function memoryData(rows: ReadonlyMap<string, readonly LabelledRow[]>): DataReader {
  const at = (place: string): readonly LabelledRow[] => {
    const found = rows.get(place);
    if (found === undefined) throw new UsageError(`${place} does not exist.`);
    return found;
  };
  const data: DataReader = {
    dataset: async (source, options) =>
      readDataset(typeof source === "string" ? at(source) : source, options),
    inputs: async function* (place, options) {
      const { splits } = await readDataset(at(place), { ...options, purpose: "evaluate" });
      for (const { source, input } of splits.train) yield { source, input };
    },
    image: (image) => ({ kind: "image", read: async () => contentOf(image) }),
    locationOf: (place) => place,
    placeOf: (location) => location,
    folderOf: async (place) => (rows.has(place) ? place : undefined),
    guess: () => Promise.resolve(undefined),
    images: (places) => async (example) => {
      for (const [image] of places.flatMap((place) => at(place).filter(isPair))) {
        if (image instanceof Uint8Array && (await sha256(image)) === example.digest) return image;
      }
      throw new DataError("data/unreadable", "the image was not found");
    },
    thumbnail: () => Promise.resolve(undefined),
  };
  return data;
}

function isPair(row: LabelledRow): row is Extract<LabelledRow, readonly unknown[]> {
  return Array.isArray(row);
}

function contentOf(image: ImageSource): Uint8Array {
  if (image instanceof Uint8Array) return image;
  throw new DataError("data/unreadable", `there is no file ${image}`);
}
