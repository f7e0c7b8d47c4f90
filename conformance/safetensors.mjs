// Reads safetensors files: a length, a JSON header, and the bytes of the tensors.
// https://huggingface.co/docs/safetensors, "Format".
import { readFileSync } from "node:fs";

const HEADER_LENGTH = 8;
const TYPES = {
  F32: ["float32", Float32Array],
  F64: ["float64", Float64Array],
  I64: ["int64", BigInt64Array],
  I32: ["int32", Int32Array],
};

/** The tensors of a file by name: `{ dtype, dims, data }`. */
export function readSafetensors(path) {
  const bytes = readFileSync(path);
  const start = HEADER_LENGTH + Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString("utf8", HEADER_LENGTH, start));
  delete header.__metadata__;
  return new Map(
    Object.entries(header).map(
      ([
        name,
        {
          dtype,
          shape,
          data_offsets: [from, to],
        },
      ]) => {
        const [type, TypedArray] = TYPES[dtype];
        // A copy begins where the numbers may be read.
        const copy = Uint8Array.from(bytes.subarray(start + from, start + to));
        return [name, { dtype: type, dims: shape, data: new TypedArray(copy.buffer) }];
      },
    ),
  );
}
