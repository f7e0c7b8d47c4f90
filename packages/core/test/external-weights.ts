/** One field of a protobuf message: a number, or bytes. */
function field(number: number, content: number | Uint8Array): Uint8Array {
  if (typeof content === "number") return Uint8Array.of(...varint(number << 3), ...varint(content));
  return Uint8Array.of(...varint((number << 3) | 2), ...varint(content.length), ...content);
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))];
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A vector whose elements are in another file. */
export interface ExternalVector {
  readonly name: string;
  readonly length: number;
  readonly location: string;
  /** Numbers as the file has them, in the words of ONNX: `offset`, `length`, `checksum`. */
  readonly entries?: Readonly<Record<string, string>>;
}

/**
 * Adds a float32 initializer in an external data file to the bytes of an ONNX model; protobuf joins
 * what two messages in a row say.
 */
export function withExternalVector(model: Uint8Array, vector: ExternalVector): Uint8Array {
  const { name, length, location, entries = {} } = vector;
  const external = Object.entries({ location, ...entries }).map(([key, value]) =>
    field(13, Uint8Array.of(...field(1, utf8(key)), ...field(2, utf8(value)))),
  );
  const tensor = [field(1, length), field(2, 1), field(8, utf8(name)), ...external, field(14, 1)];
  const initializer = field(5, Uint8Array.from(tensor.flatMap((part) => [...part])));
  return Uint8Array.of(...model, ...field(7, initializer));
}
