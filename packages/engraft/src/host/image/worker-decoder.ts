import type { DecodeImage } from "@engraft/core/workers/compute";
import sharp from "sharp";
import { decodeImage } from "./decode.js";

/** Decodes one image at a time on this worker; more threads inside libvips only get in the way. */
export function workerDecoder(): DecodeImage {
  sharp.concurrency(1);
  return decodeImage;
}
