import { createTensor, elementCount, type NumericDataType, type Tensor } from "@engraft/onnx/graph";
import { z } from "zod";
import { DataError, UsageError } from "../errors.js";
import { parseOr } from "../parse.js";

/** Content of a safetensors file. */
export interface Safetensors {
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** Free text by key. */
  readonly metadata: ReadonlyMap<string, string>;
}

/** Element types of the format that the IR has too, and the bytes of one element. */
const DTYPES: Readonly<Record<string, readonly [dtype: NumericDataType, bytes: number]>> = {
  F64: ["float64", 8],
  F32: ["float32", 4],
  F16: ["float16", 2],
  BF16: ["bfloat16", 2],
  I64: ["int64", 8],
  I32: ["int32", 4],
  I16: ["int16", 2],
  I8: ["int8", 1],
  U8: ["uint8", 1],
  BOOL: ["bool", 1],
};

const CODES: ReadonlyMap<string, string> = new Map(
  Object.entries(DTYPES).map(([code, [dtype]]) => [dtype, code]),
);

const METADATA = "__metadata__";
/** The format's own limit for the header. */
const LARGEST_HEADER = 100_000_000;

const entrySchema = z.strictObject({
  dtype: z.string(),
  shape: z.array(z.int().min(0)),
  data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
});
type Entry = z.infer<typeof entrySchema>;

/**
 * Writes tensors in the safetensors format: the length of a JSON header in 8 bytes, the header, and
 * the data. Tensors are ordered by the size of their elements, then by name, so that data is aligned
 * and the same tensors give the same bytes.
 *
 * @throws UsageError for a tensor called `__metadata__`: the format keeps its free text there.
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: ReadonlyMap<string, string> = new Map(),
): Uint8Array {
  if (tensors.has(METADATA)) {
    throw new UsageError(
      `A weight is called "${METADATA}", where the safetensors format keeps its free text. Rename it in the model.`,
    );
  }
  const sorted = [...tensors].sort(([a, x], [b, y]) => widthOf(y) - widthOf(x) || (a < b ? -1 : 1));
  const header = new Map<string, string>();
  if (metadata.size > 0) header.set(METADATA, writeObject(jsonOf(metadata)));
  let offset = 0;
  const parts: { offset: number; bytes: Uint8Array }[] = [];
  for (const [name, tensor] of sorted) {
    const bytes = bytesOf(tensor);
    const end = offset + bytes.length;
    const dtype = CODES.get(tensor.dtype)!;
    const entry: Entry = { dtype, shape: [...tensor.dims], data_offsets: [offset, end] };
    header.set(name, JSON.stringify(entry));
    parts.push({ offset, bytes });
    offset = end;
  }
  const json = new TextEncoder().encode(writeObject(header));
  // Spaces bring the data to a multiple of 8 bytes.
  const start = 8 + Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(start + offset).fill(0x20, 8 + json.length, start);
  new DataView(file.buffer).setBigUint64(0, BigInt(start - 8), true);
  file.set(json, 8);
  for (const part of parts) file.set(part.bytes, start + part.offset);
  return file;
}

/**
 * Reads the safetensors format. Everything that the header says is checked: the data of the tensors
 * must fill the file without holes or overlaps.
 *
 * @throws DataError `data/invalid` for anything else.
 */
export function decodeSafetensors(file: Uint8Array): Safetensors {
  if (file.length < 8) throw invalid("it is shorter than its header's length field");
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const length = Number(view.getBigUint64(0, true));
  if (length > LARGEST_HEADER || 8 + length > file.length) {
    throw invalid(`its header would be ${length} bytes long, which does not fit`);
  }
  const header = parseHeader(file.subarray(8, 8 + length));
  const data = file.subarray(8 + length);
  const { [METADATA]: metadata, ...rest } = header;
  const entries = Object.entries(rest).map(
    ([name, entry]) => [name, parseEntry(name, entry)] as const,
  );
  entries.sort(([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0]);
  let expected = 0;
  const tensors = new Map<string, Tensor>();
  for (const [name, entry] of entries) {
    const [start, end] = entry.data_offsets;
    if (start !== expected) throw invalid(`the data of "${name}" does not follow the one before`);
    tensors.set(name, readTensor(name, entry, data.subarray(start, end)));
    expected = end;
  }
  if (expected !== data.length) throw invalid("its data does not end where its header says");
  return { tensors, metadata: parseMetadata(metadata) };
}

function widthOf({ dtype }: Tensor): number {
  const code = CODES.get(dtype);
  if (code !== undefined && Object.hasOwn(DTYPES, code)) return DTYPES[code]![1];
  throw invalid(`the format has no element type ${dtype}`);
}

function bytesOf({ data }: Tensor): Uint8Array {
  const { buffer, byteOffset, byteLength } = data as Uint8Array;
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** Objects with keys that users chose are written by hand: `__proto__` is a name like any other. */
function writeObject(members: ReadonlyMap<string, string>): string {
  return `{${Array.from(members, ([key, json]) => `${JSON.stringify(key)}:${json}`).join(",")}}`;
}

/** The values of a map as JSON. */
function jsonOf(texts: ReadonlyMap<string, string>): Map<string, string> {
  return new Map(Array.from(texts, ([key, text]) => [key, JSON.stringify(text)]));
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  try {
    const json: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    if (typeof json === "object" && json !== null && !Array.isArray(json)) return { ...json };
  } catch (cause) {
    throw invalid("its header is not JSON", cause);
  }
  throw invalid("its header is not an object");
}

function parseEntry(name: string, entry: unknown): Entry {
  return parseOr(entrySchema, entry, (place, message) =>
    invalid(`the entry of "${name}" is malformed at ${place}: ${message}`),
  );
}

function parseMetadata(metadata: unknown): Map<string, string> {
  if (metadata === undefined) return new Map();
  const entries = typeof metadata === "object" && metadata !== null ? Object.entries(metadata) : [];
  const isText = !Array.isArray(metadata) && entries.every(([, text]) => typeof text === "string");
  if (typeof metadata === "object" && metadata !== null && isText) return new Map(entries);
  throw invalid("its metadata is not text by key");
}

function readTensor(name: string, { dtype: code, shape }: Entry, bytes: Uint8Array): Tensor {
  const known = Object.hasOwn(DTYPES, code) ? DTYPES[code] : undefined;
  if (known === undefined) throw invalid(`"${name}" has the unknown element type ${code}`);
  const [dtype, width] = known;
  if (bytes.length !== elementCount(shape) * width) {
    throw invalid(`"${name}" of shape [${shape.join(", ")}] has ${bytes.length} bytes of data`);
  }
  // A copy, because typed arrays must be aligned and must not hold on to the whole file. Not by
  // slice(), which gives a view where the bytes are a Node Buffer.
  const { buffer } = new Uint8Array(bytes);
  return createTensor(dtype, shape, typedArray(dtype, buffer));
}

function typedArray(dtype: NumericDataType, buffer: ArrayBuffer): never {
  const classes = {
    float64: Float64Array,
    float32: Float32Array,
    float16: Uint16Array,
    bfloat16: Uint16Array,
    int64: BigInt64Array,
    int32: Int32Array,
    int16: Int16Array,
    int8: Int8Array,
    uint8: Uint8Array,
    bool: Uint8Array,
  } as const;
  // The table pairs each element type with its storage, as the IR does.
  return new classes[dtype as keyof typeof classes](buffer) as never;
}

function invalid(reason: string, cause?: unknown): DataError {
  return new DataError("data/invalid", `This is not a whole safetensors file: ${reason}.`, {
    cause,
  });
}
