import { create, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import {
  GraphProtoSchema,
  ModelProtoSchema,
  TensorProto_DataLocation,
  TensorProtoSchema,
} from "onnx-buf";
import { OnnxError } from "../errors.js";
import type { Graph, Model } from "../ir/graph.js";
import type { Tensor } from "../ir/tensor/tensor.js";
import { int64OfNumber } from "../ir/tensor/tensor-data.js";
import {
  encodeEntries,
  encodeGraphStructure,
  encodeTensorHead,
  rawBytesOf,
} from "./encode-graph.js";
import { SharedMemory } from "./shared-memory.js";

/** No protobuf reader accepts more. */
const MAX_BYTES = 2 ** 31 - 1;

/**
 * Writes an ONNX file. Numeric tensors go to `raw_data`, and each weight is copied once, straight
 * into the result: the protobuf writer would copy it several times on the way.
 *
 * @throws OnnxError `onnx/unsupported` when the file would exceed protobuf's limit of 2 GB,
 * `onnx/invalid-graph` when a number does not fit its field.
 */
export function encodeModel(model: Model): Uint8Array<ArrayBuffer> {
  return encode(model, undefined);
}

/** A file that names weights which lie in memory that threads share. */
export interface ModelWithSharedWeights {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The memory, by the location that the file says of it. */
  readonly shared: ReadonlyMap<string, Uint8Array<SharedArrayBuffer>>;
}

/**
 * Writes an ONNX file without the large weights that lie in memory which threads share: it names them as
 * external data. They are copied nowhere.
 *
 * @throws OnnxError as {@link encodeModel}.
 */
export function encodeWithSharedWeights(model: Model): ModelWithSharedWeights {
  const outside = new SharedMemory();
  return { bytes: encode(model, outside), shared: outside.content };
}

/** @param outside - Where the weights are that are not written. */
function encode(model: Model, outside: SharedMemory | undefined): Uint8Array<ArrayBuffer> {
  const head = create(ModelProtoSchema, {
    irVersion: int64OfNumber(model.irVersion),
    producerName: model.producer.name,
    producerVersion: model.producer.version,
    opsetImport: Array.from(model.opsets, ([domain, version]) => ({
      domain,
      version: int64OfNumber(version),
    })),
    metadataProps: encodeEntries(model.metadata),
  });
  return join([
    toBinary(ModelProtoSchema, head),
    ...field(ModelProtoSchema.field.graph.number, graphChunks(model.graph, outside)),
  ]);
}

function graphChunks(graph: Graph, outside: SharedMemory | undefined): Uint8Array[] {
  const chunks: Uint8Array[] = [toBinary(GraphProtoSchema, encodeGraphStructure(graph))];
  for (const [name, tensor] of graph.initializers) {
    chunks.push(
      ...field(GraphProtoSchema.field.initializer.number, tensorChunks(tensor, name, outside)),
    );
  }
  return chunks;
}

function tensorChunks(
  tensor: Tensor,
  name: string,
  outside: SharedMemory | undefined,
): Uint8Array[] {
  const head = encodeTensorHead(tensor, name);
  if (tensor.dtype === "string") return [toBinary(TensorProtoSchema, head)];
  const raw = rawBytesOf(tensor);
  const entries = outside?.entriesOf(raw);
  if (entries !== undefined) {
    head.externalData = encodeEntries(entries);
    head.dataLocation = TensorProto_DataLocation.EXTERNAL;
    return [toBinary(TensorProtoSchema, head)];
  }
  return [
    toBinary(TensorProtoSchema, head),
    ...field(TensorProtoSchema.field.rawData.number, [raw]),
  ];
}

/** A length-delimited field around content that is given in pieces. */
function field(fieldNumber: number, content: readonly Uint8Array[]): Uint8Array[] {
  const writer = new BinaryWriter().tag(fieldNumber, WireType.LengthDelimited);
  return [writer.uint32(byteLengthOf(content)).finish(), ...content];
}

function byteLengthOf(chunks: readonly Uint8Array[]): number {
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  if (length <= MAX_BYTES) return length;
  throw new OnnxError(
    "onnx/unsupported",
    `The model needs ${length} bytes, and an ONNX file cannot be larger than 2 GB. Store the weights in float16 or cut the model.`,
  );
}

function join(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(byteLengthOf(chunks));
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}
