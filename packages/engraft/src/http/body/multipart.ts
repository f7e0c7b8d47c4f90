import type { Readable } from "node:stream";
import { Busboy, type BusboyInstance } from "@fastify/busboy";
import type { ServerOptions } from "../options.js";
import { Refusal, tooLarge } from "../problems.js";
import { excerpt } from "./excerpt.js";

/** Whether a request says that its body is a form with files. */
export function isMultipart(contentType: string | undefined): contentType is string {
  return /^multipart\/form-data\s*(?:;|$)/i.test(contentType ?? "");
}

/**
 * Reads the files of a form, whatever the names of their fields. Other fields are refused rather than
 * ignored.
 *
 * @throws Refusal when it is not such a form, or has more than the server accepts.
 */
export async function readFiles(
  body: Readable,
  contentType: string,
  { maxInputs, maxBody }: Pick<ServerOptions, "maxInputs" | "maxBody">,
): Promise<Uint8Array[]> {
  const form = openForm(contentType, maxInputs);
  const files: Promise<Uint8Array>[] = [];
  try {
    await new Promise<void>((resolve, reject) => {
      form.on("file", (_name, file) => files.push(wholeOf(file, maxBody, reject)));
      form.on("filesLimit", () => reject(tooManyFiles(maxInputs)));
      form.on("fieldsLimit", () => reject(notAFile()));
      form.on("finish", resolve);
      form.on("error", (error) => reject(invalidForm(error)));
      body.on("error", reject);
      body.pipe(form);
    });
    return await Promise.all(files);
  } finally {
    body.unpipe(form);
    // What is left of a body that was refused is nobody's.
    body.resume();
  }
}

function openForm(contentType: string, maxInputs: number): BusboyInstance {
  try {
    return new Busboy({
      headers: { "content-type": contentType },
      limits: { files: maxInputs, fields: 0, headerPairs: 20 },
    });
  } catch (error) {
    throw invalidForm(error);
  }
}

/** The bytes of a file. What goes wrong with it is told to `reject`, and the promise stays open. */
function wholeOf(
  file: Readable,
  maxBytes: number,
  reject: (error: unknown) => void,
): Promise<Uint8Array> {
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    file.on("data", (chunk: Uint8Array) => {
      bytes += chunk.length;
      if (bytes > maxBytes) reject(tooLarge(maxBytes));
      else chunks.push(chunk);
    });
    file.on("error", (error) => reject(invalidForm(error)));
    file.on("end", () => resolve(Buffer.concat(chunks)));
  });
}

function tooManyFiles(maxInputs: number): Refusal {
  const detail = `The upload has more than the ${maxInputs} files that this server accepts.`;
  return new Refusal("request/too-large", `${detail} Send fewer at once.`);
}

function notAFile(): Refusal {
  const detail = "The upload has a field that is not a file: give each image a file name.";
  return new Refusal("request/invalid", detail);
}

function invalidForm(cause: unknown): Refusal {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const detail = `The upload is not multipart/form-data: ${excerpt(reason)}.`;
  return new Refusal("request/invalid", detail);
}
