import type { ImageInput, Input, TextInput } from "@engraft/core";
import { DataError } from "@engraft/core/errors";
import {
  type DataSource,
  type FileSource,
  type FolderSource,
  fileOfBlob,
  folderOfFiles,
  folderOfHandle,
} from "@engraft/data";
import type { NamedInput, PredictOptions, UnlabelledSource } from "@engraft/tasks";
import { isTaskZip } from "@engraft/tasks/predict";
import { fileAt } from "../host/data/address-source.js";
import { type CanvasPixels, encodeBitmap } from "../host/image/encode-bitmap.js";
import { sizeProblem } from "../host/net/fetch-file.js";
import { directoryTask, folderTask, zipTask } from "../host/tasks/other-places.js";
import type { TaskPlace } from "../host/tasks/task-place.js";
import type { WebHost } from "../host/web-host.js";
import { mapInputs, type SentExampleImage } from "../protocol/datasets.js";
import type { SentExamples } from "../protocol/models.js";
import type {
  SentData,
  SentFile,
  SentFiles,
  SentInput,
  SentPlace,
  SentUnlabelled,
} from "../protocol/sources.js";
import type { Opened } from "./opened.js";

/** Labelled data as the product takes it. */
export interface ReceivedData {
  readonly source: DataSource;
  /** The place that was made for it, at which a task finds its images again; undefined: none. */
  readonly place: string | undefined;
}

/** The place of a task. */
export interface ReceivedPlace {
  readonly place: string;
  /** The same, where it was made for this task: it is to be removed with it. */
  readonly added: readonly string[];
}

/** How large an image may be. */
type ReadingLimits = Pick<PredictOptions, "maxImagePixels">;

/** Makes of data that has arrived what the product reads. */
export class Receiver {
  readonly #host: WebHost;
  readonly #datasets: Opened<readonly ImageInput[]>;

  constructor(host: WebHost, datasets: Opened<readonly ImageInput[]>) {
    this.#host = host;
    this.#datasets = datasets;
  }

  /** Labelled data. A folder becomes a place. */
  data(sent: SentData): ReceivedData {
    if (sent.kind === "rows") {
      return { source: sent.rows.map(receiveRow) as DataSource, place: undefined };
    }
    if (sent.kind === "dataset") {
      return { source: mapInputs(sent.dataset, (input) => this.#input(input)), place: undefined };
    }
    if (sent.kind === "address") return { source: sent.href, place: undefined };
    const opened = openFiles(sent);
    if (opened.kind === "file") return { source: opened, place: undefined };
    const place = this.#host.given.add(opened);
    return { source: place, place };
  }

  /** Labelled data for some work: a folder has a place for as long as that takes. */
  async withData<T>(sent: SentData, work: (source: DataSource) => Promise<T>): Promise<T> {
    const { source, place } = this.data(sent);
    try {
      return await work(source);
    } finally {
      if (place !== undefined) this.#host.given.forget(place);
    }
  }

  /** Labelled data, or tensors, for some work. */
  withExamples<E extends object, T>(
    sent: SentExamples<E>,
    work: (examples: DataSource | E) => Promise<T>,
  ): Promise<T> {
    return sent.kind === "tensors" ? work(sent.tensors) : this.withData(sent, work);
  }

  /** Unlabelled data for some work: files have a place for as long as that takes. */
  async withUnlabelled<T>(
    sent: SentUnlabelled | undefined,
    limits: ReadingLimits,
    work: (source: UnlabelledSource | undefined) => Promise<T>,
  ): Promise<T> {
    const { source, forget } = sent === undefined ? NO_INPUTS : this.unlabelled(sent, limits);
    try {
      return await work(source);
    } finally {
      forget();
    }
  }

  /** Unlabelled data, and what ends the place of its files. */
  unlabelled(
    sent: SentUnlabelled,
    limits: ReadingLimits,
  ): {
    readonly source: UnlabelledSource;
    readonly forget: () => void;
  } {
    if (sent.kind === "address") return { source: sent.href, forget: () => {} };
    if (sent.kind === "inputs") {
      return { source: this.inputs(sent.inputs, limits, sent.before), forget: () => {} };
    }
    const place = this.#host.given.add(openFiles(sent));
    return { source: place, forget: () => this.#host.given.forget(place) };
  }

  /**
   * Inputs, which are read when they are needed: one that cannot be read is named beside the others.
   *
   * @param before - How many were sent before, which the names of inputs count.
   */
  inputs(
    sent: readonly SentInput[],
    { maxImagePixels }: ReadingLimits,
    before = 0,
  ): (string | NamedInput)[] {
    return sent.map((input, at) => this.#named(input, before + at + 1, maxImagePixels));
  }

  /** The place of a task. */
  task(sent: SentPlace): ReceivedPlace {
    if (typeof sent === "string") return { place: sent, added: [] };
    if (sent.kind === "address") return { place: sent.href, added: [] };
    const { name, place } = taskPlaceOf(sent);
    const added = this.#host.places.add(name, place);
    return { place: added, added: [added] };
  }

  /** A file or folder that was sent. */
  openFiles(sent: SentFiles): FileSource | FolderSource {
    return sent.kind === "address" ? fileAt(sent.href) : openFiles(sent);
  }

  #input(input: TextInput | SentExampleImage): Input {
    if (input.kind === "text") return input;
    if ("file" in input) return { kind: "image", read: () => receiveFile(input.file) };
    return this.#datasets.get(input.dataset)[input.image]!;
  }

  #named(
    input: SentInput,
    number: number,
    maxImagePixels: number | undefined,
  ): string | NamedInput {
    if (typeof input === "string") return input;
    const { data } = this.#host;
    const source = input instanceof File ? input.name : `input ${number}`;
    // Pixels become a file at once: an image is read more than once, and a bitmap only once.
    const kept = input instanceof Uint8Array || input instanceof Blob ? input : fileOfPixels(input);
    const read = async (): Promise<Uint8Array> =>
      data.image(kept instanceof Blob ? await receiveFile(kept) : kept, maxImagePixels).read();
    return { source, input: { kind: "image", read } };
  }
}

const NO_INPUTS = { source: undefined, forget: () => {} };

/** An image as the content of a file, or its address. */
export async function receiveImage(sent: SentInput): Promise<Uint8Array | string> {
  if (typeof sent === "string" || sent instanceof Uint8Array) return sent;
  return sent instanceof Blob ? receiveFile(sent) : fileOfPixels(sent);
}

function fileOfPixels(pixels: ImageData | ImageBitmap): Uint8Array<ArrayBuffer> {
  return encodeBitmap(pixels instanceof ImageData ? pixels : pixelsOf(pixels));
}

/** The content of a file. @throws DataError where it cannot be read. */
export async function receiveFile(blob: Blob): Promise<Uint8Array> {
  const problem = sizeProblem(blob.size);
  if (problem !== undefined) {
    throw new DataError("data/unreadable", `the file cannot be read: ${problem}`);
  }
  try {
    return new Uint8Array(await blob.arrayBuffer());
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DataError("data/unreadable", `the file cannot be read (${reason})`, { cause });
  }
}

function pixelsOf(bitmap: ImageBitmap): CanvasPixels {
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext("2d", {
    willReadFrequently: true,
  })!;
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return context.getImageData(0, 0, width, height);
}

/** Pixels among the cells of a row become files; all else is as it was sent. */
function receiveRow(row: unknown): unknown {
  if (Array.isArray(row)) return row.map(receiveCell);
  if (typeof row !== "object" || row === null) return row;
  return Object.fromEntries(Object.entries(row).map(([name, cell]) => [name, receiveCell(cell)]));
}

function receiveCell(cell: unknown): unknown {
  return cell instanceof ImageData || cell instanceof ImageBitmap ? fileOfPixels(cell) : cell;
}

function taskPlaceOf(sent: Exclude<SentFiles, { kind: "address" }>): {
  readonly name: string;
  readonly place: TaskPlace;
} {
  if (sent.kind === "directory") {
    return { name: sent.handle.name, place: directoryTask(sent.handle) };
  }
  const opened = openFiles(sent);
  const { name } = opened;
  if (opened.kind === "folder") return { name, place: folderTask(opened) };
  if (isTaskZip(name)) return { name, place: zipTask(() => opened.bytes()) };
  return { name, place: folderTask(folderOfFiles(name, new Map([[name, opened]]))) };
}

function openFiles(sent: Exclude<SentFiles, { kind: "address" }>): FileSource | FolderSource {
  switch (sent.kind) {
    case "file":
      return sourceOf(sent.file);
    case "folder":
      return folderOfFiles(
        sent.name,
        new Map(sent.files.map((file) => [file.path, sourceOf(file)])),
      );
    case "directory":
      return folderOfHandle(sent.handle);
  }
}

function sourceOf({ path, file }: SentFile): FileSource {
  return fileOfBlob(file, path);
}
