import { fromBinary } from "@bufbuild/protobuf";
import { type ModelProto, ModelProtoSchema } from "onnx-buf";
import { OnnxError } from "../errors.js";
import type { Model } from "../ir/graph.js";
import { numberOfInt64 } from "../ir/tensor/tensor-data.js";
import { type DecodeContext, malformed } from "./context.js";
import { decodeDomain, decodeEntries, decodeGraph } from "./decode-graph.js";
import { inlineFunctions, opsetsWithFunctions } from "./inline-functions.js";

export interface DecodeOptions {
  /**
   * Returns the whole content of an external data file, for models that keep their weights beside
   * them. `location` is a relative path from the model file; decoding refuses absolute paths and
   * paths with `..`. Called once per file. What it throws is passed on.
   */
  readonly externalData?: (location: string) => Uint8Array;
}

/** The first IR version in which an initializer need not be an input too. */
const CONSTANT_INITIALIZERS = 4;

/**
 * Reads the bytes of an ONNX file as they are, without a look at the rules that a graph obeys. Programs
 * use `decodeModel`.
 */
export function decodeUnverified(bytes: Uint8Array, options: DecodeOptions = {}): Model {
  const proto = parse(bytes);
  if (proto.graph === undefined) throw malformed("The file holds no ONNX graph.");
  const reasons = new Set<string>();
  const texts = new Map<string, string>();
  const context: DecodeContext = {
    shared(text) {
      const known = texts.get(text);
      if (known === undefined) texts.set(text, text);
      return known ?? text;
    },
    unsupported(reason) {
      reasons.add(reason);
      return undefined;
    },
    externalData: externalFiles(options),
  };
  const graph = decodeGraph(inlineFunctions(proto.graph, proto, context), context);
  if (reasons.size > 0) {
    throw new OnnxError(
      "onnx/unsupported",
      `The model needs what Engraft does not support:\n${[...reasons].map((reason) => `- ${reason}`).join("\n")}`,
    );
  }
  return {
    irVersion: Math.max(numberOfInt64(proto.irVersion), CONSTANT_INITIALIZERS),
    opsets: decodeOpsets(proto),
    producer: { name: proto.producerName, version: proto.producerVersion },
    metadata: decodeEntries(proto.metadataProps),
    graph,
  };
}

function parse(bytes: Uint8Array): ModelProto {
  try {
    return fromBinary(ModelProtoSchema, bytes, { readUnknownFields: false });
  } catch (cause) {
    throw malformed(
      `These ${bytes.length} bytes are not a readable ONNX model. Is the file complete, and an .onnx file?`,
      cause,
    );
  }
}

function decodeOpsets(proto: ModelProto): Map<string, number> {
  // Operator sets came with IR version 3; before it there was only the first one.
  if (proto.opsetImport.length === 0 && proto.irVersion < 3n) return new Map([["", 1]]);
  return new Map(
    opsetsWithFunctions(proto).map(({ domain, version }) => [
      decodeDomain(domain),
      numberOfInt64(version),
    ]),
  );
}

function externalFiles(options: DecodeOptions): (location: string) => Uint8Array {
  const files = new Map<string, Uint8Array>();
  return (location) => {
    if (options.externalData === undefined) {
      throw new OnnxError(
        "onnx/malformed",
        `The model keeps weights in the external file "${location}". Pass the option externalData to read it.`,
        { subject: location },
      );
    }
    const file = files.get(location) ?? options.externalData(location);
    files.set(location, file);
    return file;
  };
}
