import type { Modality } from "@engraft/core";
import { UsageError } from "@engraft/core/errors";
import type { SentInput } from "../protocol/sources.js";

/**
 * An image in a page: its address, the content of its file, or pixels of any kind. Of a video, the
 * frame of the moment.
 */
export type WebImage =
  | string
  | URL
  | Uint8Array
  | Blob
  | ImageBitmap
  | ImageData
  | HTMLImageElement
  | HTMLCanvasElement
  | HTMLVideoElement
  | OffscreenCanvas
  | VideoFrame;

/** What a task on a kind of data predicts. */
export type WebInputOf<M extends Modality> = M extends "text" ? string : WebImage;

/**
 * An input in the form in which it crosses to the worker. Pixels are copied by the browser, without a
 * conversion of their colours.
 *
 * @param modality - Strings are texts or addresses.
 * @param made - Gets the bitmap that is made of pixels, to be closed once it was sent.
 * @throws UsageError when it is something else: pages without types give anything.
 */
export async function sendInput(
  input: WebImage,
  modality: Modality,
  made: ImageBitmap[],
): Promise<SentInput> {
  refuseSound(input);
  if (typeof input === "string") {
    return modality === "text" ? input : absolute(input);
  }
  if (input instanceof URL) return input.href;
  if (input instanceof Uint8Array || input instanceof Blob) return input;
  if (input instanceof ImageBitmap || input instanceof ImageData) return input;
  if (!hasPixels(input)) throw wrongInput(input);
  const bitmap = await createImageBitmap(input, {
    colorSpaceConversion: "none",
    premultiplyAlpha: "none",
  });
  made.push(bitmap);
  return bitmap;
}

/** Some inputs, as {@link sendInput}: one after the other, as a canvas may be drawn on in between. */
export async function sendInputs(
  given: Iterable<WebImage> | AsyncIterable<WebImage>,
  modality: Modality,
  made: ImageBitmap[],
): Promise<SentInput[]> {
  const inputs: SentInput[] = [];
  for await (const input of given) inputs.push(await sendInput(input, modality, made));
  return inputs;
}

/** Frees the memory of bitmaps that were made to be sent. */
export function closeAll(made: ImageBitmap[]): void {
  for (const bitmap of made.splice(0)) bitmap.close();
}

function wrongInput(given: unknown): UsageError {
  const found = typeof given === "object" && given !== null ? "another object" : String(given);
  return new UsageError(
    `An input is ${found}; expected a text (string), or an image: its address, its file or its pixels.`,
  );
}

/** @throws UsageError for sound. */
export function refuseSound(value: unknown): void {
  const sound = SOUNDS.find((name) => isA(name, value));
  if (sound === undefined) return;
  throw new UsageError(
    `A ${sound} is sound, which Engraft does not read yet: it reads texts and images.`,
  );
}

/** An address that is relative to the page. */
export function absolute(address: string): string {
  return new URL(address, document.baseURI).href;
}

/** Whether a value is an image that has pixels and no file. */
export function hasPixels(
  value: unknown,
): value is Exclude<WebImage, string | URL | Uint8Array | Blob> {
  return PIXELS.some((name) => isA(name, value));
}

/** Whether a value is of a class of the browser, which not every browser has, and no server. */
export function isA(name: keyof typeof globalThis, value: unknown): boolean {
  const type: unknown = globalThis[name];
  return typeof type === "function" && value instanceof type;
}

const SOUNDS = ["AudioBuffer", "AudioData", "HTMLAudioElement"] as const;

const PIXELS = [
  "ImageBitmap",
  "ImageData",
  "HTMLImageElement",
  "HTMLCanvasElement",
  "HTMLVideoElement",
  "OffscreenCanvas",
  "VideoFrame",
] as const;
