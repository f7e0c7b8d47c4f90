import { decodeModel, type Model } from "@engraft/onnx/graph";
import { canonicalJson } from "../canonical-json.js";
import { IntegrityError } from "../errors.js";
import { parseJson, parseOr } from "../parse.js";
import type { Platform } from "../platform.js";
import type { Preprocessing } from "../preprocess/spec.js";
import type { BaseReference } from "../runtime/runtime.js";
import { type BaseSpec, baseSpecSchema } from "./spec.js";

/** A pretrained model that is only read from: its graph, and how inputs must be prepared for it. */
export interface BaseModel {
  readonly spec: BaseSpec;
  /** SHA-256 over the digests of all its files: equal digests give equal features. */
  readonly digest: string;
  readonly model: Model;
  /** Gives the content of `tokenizer.json`, for text models. It is parsed when it is first asked for. */
  readonly tokenizer: () => unknown;
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

/** Names a base by what it was before any fine-tuning. */
export function referenceOf({ spec, digest, tuning }: BaseModel): BaseReference {
  return { id: spec.id, digest: tuning?.frozen.digest ?? digest };
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
  const files = new Map(
    Object.keys(spec.files).map((name) => [name, openFile(name, spec, readFile, platform)]),
  );
  const [digest, tokenizer, model] = await Promise.all([
    baseDigest(spec, platform),
    readTokenizer(spec, files),
    readModel(spec, files),
    ...Array.from(files.values(), ({ checked }) => checked),
  ]);
  return { spec, digest, model, tokenizer };
}

/** A file of a base that is being read. */
interface OpenFile {
  readonly read: Promise<Uint8Array>;
  /** The same content, once it is known to be what the spec says. */
  readonly checked: Promise<Uint8Array>;
}

function openFile(
  name: string,
  spec: BaseSpec,
  readFile: ReadBaseFile,
  platform: Pick<Platform, "sha256">,
): OpenFile {
  const read = readFile(name);
  return { read, checked: read.then((bytes) => check(name, bytes, spec, platform)) };
}

async function check(
  name: string,
  bytes: Uint8Array,
  spec: BaseSpec,
  platform: Pick<Platform, "sha256">,
): Promise<Uint8Array> {
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

async function readModel(spec: BaseSpec, files: ReadonlyMap<string, OpenFile>): Promise<Model> {
  const { read, checked } = requireFile(files, spec.model, spec);
  // Decoded while the digest is computed. Of a model that cannot be, the digest says why.
  const model = read.then((bytes) => decodeModel(bytes));
  model.catch(() => {});
  await checked;
  return model;
}

async function readTokenizer(
  spec: BaseSpec,
  files: ReadonlyMap<string, OpenFile>,
): Promise<() => unknown> {
  const { preprocessing } = spec;
  if (preprocessing.kind !== "text") return () => undefined;
  const { tokenizer } = preprocessing;
  const message = `The tokenizer of base model ${spec.id} is not JSON.`;
  const bytes = await requireFile(files, tokenizer, spec).checked;
  const refuse = (cause: unknown) =>
    new IntegrityError("base/invalid", tokenizer, message, { cause });
  let content: { readonly value: unknown } | undefined;
  return () => {
    content ??= { value: parseJson(bytes, refuse) };
    return content.value;
  };
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

function requireFile(files: ReadonlyMap<string, OpenFile>, name: string, spec: BaseSpec): OpenFile {
  const file = files.get(name);
  if (file !== undefined) return file;
  throw new IntegrityError(
    "base/invalid",
    name,
    `Base model ${spec.id} names the file ${name} without listing it under "files" in spec.json.`,
  );
}
