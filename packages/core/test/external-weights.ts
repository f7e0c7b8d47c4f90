import { type DataType, dataTypeCodes, encodeModel, type Model, type Tensor } from "@engraft/onnx";

/** One field of a protobuf message: a number, or bytes. */
function field(number: number, content: number | Uint8Array): Uint8Array {
  if (typeof content === "number") return Uint8Array.of(...varint(number << 3), ...varint(content));
  return Uint8Array.of(...varint((number << 3) | 2), ...varint(content.length), ...content);
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))];
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A tensor whose elements are in another file. */
export interface ExternalTensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly dtype?: DataType;
  readonly location: string;
  /** Numbers as the file has them, in the words of ONNX: `offset`, `length`, `checksum`. */
  readonly entries?: Readonly<Record<string, string>>;
}

/**
 * Adds an initializer in an external data file to the bytes of an ONNX model; protobuf joins what two
 * messages in a row say.
 */
export function withExternalTensor(model: Uint8Array, tensor: ExternalTensor): Uint8Array {
  const { name, dims, dtype = "float32", location, entries = {} } = tensor;
  const external = Object.entries({ location, ...entries }).map(([key, value]) =>
    field(13, Uint8Array.of(...field(1, utf8(key)), ...field(2, utf8(value)))),
  );
  const sizes = dims.map((size) => field(1, size));
  const type = field(2, dataTypeCodes[dtype]);
  const parts = [...sizes, type, field(8, utf8(name)), ...external, field(14, 1)];
  const initializer = field(5, Uint8Array.from(parts.flatMap((part) => [...part])));
  return Buffer.concat([model, field(7, initializer)]);
}

/** A model with all of its weights in one external data file, as PyTorch's exporter writes it. */
export function splitWeights(
  model: Model,
  location: string,
): { readonly bytes: Uint8Array; readonly data: Uint8Array } {
  const { graph } = model;
  let bytes: Uint8Array = encodeModel({ ...model, graph: { ...graph, initializers: new Map() } });
  const blocks: Uint8Array[] = [];
  let offset = 0;
  for (const [name, { dims, dtype, data }] of graph.initializers) {
    const block = viewOf(data);
    const entries = { offset: String(offset), length: String(block.length) };
    bytes = withExternalTensor(bytes, { name, dims, dtype, location, entries });
    blocks.push(block);
    offset += block.length;
  }
  return { bytes, data: Buffer.concat(blocks) };
}

function viewOf(data: Tensor["data"]): Uint8Array {
  if (Array.isArray(data)) throw new Error("strings are not kept in other files");
  const { buffer, byteOffset, byteLength } = data as Exclude<Tensor["data"], readonly string[]>;
  return new Uint8Array(buffer, byteOffset, byteLength);
}
