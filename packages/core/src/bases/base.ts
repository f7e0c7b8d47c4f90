import { decodeModel, type Model } from "@engraft/onnx/graph";
import { canonicalJson } from "../canonical-json.js";
import { IntegrityError } from "../errors.js";
import { parseJson, parseOr } from "../parse.js";
import type { Platform } from "../platform.js";
import type { Preprocessing } from "../preprocess/spec.js";
import { type BaseSpec, baseSpecSchema } from "./spec.js";

/** A pretrained model that is only read from: its graph, and how inputs must be prepared for it. */
export interface BaseModel {
  readonly spec: BaseSpec;
  /** SHA-256 over the digests of all its files: equal digests give equal features. */
  readonly digest: string;
  readonly model: Model;
  /** Content of `tokenizer.json` for text models. */
  readonly tokenizer: unknown;
  /** Where some weights are not those that it was pretrained with. */
  readonly tuning?: Tuning | undefined;
}

/** How a fine-tuned base differs from the one that it was made from. */
export interface Tuning {
  /** The base before. */
  readonly frozen: BaseModel;
  /** Names of the weights that were changed. */
  readonly changed: ReadonlySet<string>;
}

/** The same base, with inputs prepared as a task says. */
export function withPreprocessing(base: BaseModel, preprocessing: Preprocessing): BaseModel {
  return { ...base, spec: { ...base.spec, preprocessing } };
}

/** Reads one file of a base model by its name in the spec. */
export type ReadBaseFile = (name: string) => Promise<Uint8Array>;

/**
 * Opens a base model and checks every file against the digests in its spec.
 *
 * @throws IntegrityError when the spec cannot be read or a file differs from it.
 */
export async function openBase(
  readFile: ReadBaseFile,
  platform: Pick<Platform, "sha256">,
): Promise<BaseModel> {
  const spec = parseBaseSpec(await readFile("spec.json"));
  // All at once: the tokenizer is parsed while the model, which is much larger, is still read.
  const files = new Map(
    Object.keys(spec.files).map((name) => [name, readChecked(name, spec, readFile, platform)]),
  );
  const [digest, tokenizer, model] = await Promise.all([
    baseDigest(spec, platform),
    readTokenizer(spec, files),
    requireFile(files, spec.model, spec).then((bytes) => decodeModel(bytes)),
    ...files.values(),
  ]);
  return { spec, digest, model, tokenizer };
}

async function readChecked(
  name: string,
  spec: BaseSpec,
  readFile: ReadBaseFile,
  platform: Pick<Platform, "sha256">,
): Promise<Uint8Array> {
  const bytes = await readFile(name);
  const actual = await platform.sha256(bytes);
  const expected = Object.hasOwn(spec.files, name) ? spec.files[name]?.sha256 : undefined;
  if (actual === expected) return bytes;
  throw new IntegrityError(
    "base/altered",
    name,
    `The file ${name} of base model ${spec.id} was altered: its SHA-256 is ${actual}, ` +
      `its spec says ${expected}. Install the base model again.`,
  );
}

async function readTokenizer(
  spec: BaseSpec,
  files: ReadonlyMap<string, Promise<Uint8Array>>,
): Promise<unknown> {
  const { preprocessing } = spec;
  if (preprocessing.kind !== "text") return undefined;
  const { tokenizer } = preprocessing;
  const message = `The tokenizer of base model ${spec.id} is not JSON.`;
  return parseJson(
    await requireFile(files, tokenizer, spec),
    (cause) => new IntegrityError("base/invalid", tokenizer, message, { cause }),
  );
}

/** The digest by which tasks and caches know a base: its files, its inputs and its taps. */
export function baseDigest(spec: BaseSpec, platform: Pick<Platform, "sha256">): Promise<string> {
  const { files, inputs, model, taps } = spec;
  return platform.sha256(canonicalJson({ files, inputs, model, taps }));
}

/** Parses and validates `spec.json`. */
export function parseBaseSpec(bytes: Uint8Array): BaseSpec {
  const refuse = (what: string, cause?: unknown) =>
    new IntegrityError("base/invalid", "spec.json", `spec.json of a base model ${what}.`, {
      cause,
    });
  const json = parseJson(bytes, (cause) => refuse("is not JSON", cause));
  return parseOr(baseSpecSchema, json, (place, issue) =>
    refuse(`is not valid at ${place}: ${issue}`),
  );
}

/** A file that is being read. */
async function requireFile(
  files: ReadonlyMap<string, Promise<Uint8Array>>,
  name: string,
  spec: BaseSpec,
): Promise<Uint8Array> {
  const bytes = files.get(name);
  if (bytes !== undefined) return bytes;
  throw new IntegrityError(
    "base/invalid",
    name,
    `Base model ${spec.id} names the file ${name} without listing it under "files" in spec.json.`,
  );
}
