import type { Modality } from "@engraft/core";

/** Name of a base model. */
export type BaseId =
  | "minilm-l6"
  | "minilm-l6-int8"
  | "efficientnet-lite0"
  | "efficientnet-lite0-int8";

/** The base models that are known by name, and the package that holds the files of each. */
export const BASE_PACKAGES: Readonly<Record<BaseId, string>> = {
  "minilm-l6": "@engraft/model-minilm-l6",
  "minilm-l6-int8": "@engraft/model-minilm-l6-int8",
  "efficientnet-lite0": "@engraft/model-efficientnet-lite0",
  "efficientnet-lite0-int8": "@engraft/model-efficientnet-lite0-int8",
};

/** The base that is used for a modality unless another is asked for. */
export const DEFAULT_BASE: Readonly<Record<Modality, BaseId>> = {
  text: "minilm-l6",
  image: "efficientnet-lite0",
};

/** Whether a name is that of a base model. */
export function isBaseId(name: string): name is BaseId {
  return Object.hasOwn(BASE_PACKAGES, name);
}

/** Whether a name is the place of an ONNX file rather than the name of a base. */
export function isOnnxPlace(name: string): boolean {
  return /\.onnx$/i.test(name) || /[\\/]/.test(name);
}

/** Names of all base models. */
export function baseIds(): BaseId[] {
  return Object.keys(BASE_PACKAGES).filter(isBaseId);
}
