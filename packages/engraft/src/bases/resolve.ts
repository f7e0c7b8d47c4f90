import { readFile } from "node:fs/promises";
import type { Modality, Platform } from "@engraft/core";
import { IntegrityError, UsageError } from "@engraft/core/errors";
import { type BaseModel, type BaseSpec, openBase, parseBaseSpec } from "@engraft/core/predict";
import type { OnnxFileOptions } from "./onnx-file.js";

/** Name of a base model. */
export type BaseId = "minilm-l6" | "efficientnet-lite0";

/** The packages of the base models that ship with Engraft. */
const SHIPPED: Record<BaseId, string> = {
  "minilm-l6": "@engraft/model-minilm-l6",
  "efficientnet-lite0": "@engraft/model-efficientnet-lite0",
};

/** The base that is used for a modality unless another is asked for. */
export const DEFAULT_BASE: Record<Modality, BaseId> = {
  text: "minilm-l6",
  image: "efficientnet-lite0",
};

export function isBaseId(name: string): name is BaseId {
  return Object.hasOwn(SHIPPED, name);
}

/** Whether a name is that of an ONNX file rather than of a base. */
export function isOnnxPath(name: string): boolean {
  return /\.onnx$/i.test(name) || /[\\/]/.test(name);
}

/** Ids of all base models that can be named. */
export function baseIds(): BaseId[] {
  return Object.keys(SHIPPED).filter(isBaseId);
}

/**
 * Finds and opens a base model by its id, or an ONNX file by its path.
 *
 * @param options - How raw inputs become those of an ONNX file, and what is bound; bases say that themselves.
 * @throws UsageError when there is neither such a base nor such a file, or it cannot be used.
 * @throws IntegrityError when a file of a base is missing or was altered.
 */
export async function resolveBase(
  id: string,
  platform: Pick<Platform, "sha256">,
  options: OnnxFileOptions = {},
): Promise<BaseModel> {
  if (isBaseId(id)) {
    if (options.preprocess !== undefined) {
      throw new UsageError(
        `Base model ${id} says itself how its inputs are prepared. Leave preprocess out.`,
      );
    }
    if (options.bind !== undefined) {
      throw new UsageError(`Base model ${id} has no inputs to bind. bind is for ONNX files.`);
    }
    return openBase((name) => readBaseFile(id, name), platform);
  }
  if (isOnnxPath(id)) {
    const { openOnnxFile } = await import("./onnx-file.js");
    return openOnnxFile(id, options, platform);
  }
  throw new UsageError(
    `There is no base model "${id}". Known base models: ${baseIds().join(", ")}; or give the path of an ONNX file.`,
  );
}

/** The spec of a base model and the bytes of its files, as they are on the disk. */
export async function readBaseFiles(
  id: BaseId,
): Promise<{ spec: BaseSpec; files: ReadonlyMap<string, Uint8Array> }> {
  const spec = parseBaseSpec(await readBaseFile(id, "spec.json"));
  const names = Object.keys(spec.files);
  const bytes = await Promise.all(names.map((name) => readBaseFile(id, name)));
  return { spec, files: new Map(names.map((name, index) => [name, bytes[index]!])) };
}

async function readBaseFile(id: BaseId, name: string): Promise<Uint8Array> {
  try {
    return await readFile(new URL(import.meta.resolve(`${SHIPPED[id]}/${name}`)));
  } catch (cause) {
    throw new IntegrityError(
      "base/invalid",
      name,
      `The file ${name} of base model ${id} is missing. Reinstall it with: npm install ${SHIPPED[id]}`,
      { cause },
    );
  }
}
