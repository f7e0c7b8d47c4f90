/**
 * Round-trips every ONNX file below a folder: decode, verify, encode, decode again, compare; then
 * runs the original and the re-encoded bytes in ONNX Runtime, which must give the same outputs or
 * the same refusal. For Debian's test models:
 *
 *     apt-get install libonnx-testdata
 *     npx tsc -b packages/onnx
 *     node packages/onnx/scripts/roundtrip-testdata.mjs /usr/share/libonnx-testdata/data
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema, TensorProtoSchema } from "onnx-buf";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { decodeModel, elementCount, encodeModel, OnnxError, verify } from "../dist/index.js";

/** Stands for every symbolic size of an input that has to be made up. */
const FREE_SIZE = 3;

/** What became of one file, and why. */
async function check(path) {
  const original = readFileSync(path);
  let model;
  try {
    model = decodeModel(original);
    verify(model);
  } catch (error) {
    if (!(error instanceof OnnxError)) throw error;
    return { fate: "refused", reason: reasonOf(error) };
  }
  const encoded = encodeModel(model);
  if (!isDeepStrictEqual(decodeModel(encoded), model)) return { fate: "decodes differently" };
  const before = await run(original, path);
  const after = await run(encoded, path);
  if (!isDeepStrictEqual(before, after)) return { fate: "runs differently" };
  return before instanceof Error
    ? { fate: "ORT refuses both", reason: reasonOf(before) }
    : { fate: "same outputs" };
}

/** The last line of a message, without names and numbers, so that equal reasons are one. */
function reasonOf(error) {
  const line = error.message.trimEnd().split("\n").at(-1);
  return line
    .replaceAll(/(["'])[^"']*\1/g, "…")
    .replaceAll(/\d+/g, "#")
    .slice(0, 110);
}

/** The outputs as plain data, or the error of ONNX Runtime. */
async function run(bytes, path) {
  let session;
  try {
    session = await InferenceSession.create(bytes, { logSeverityLevel: 4, intraOpNumThreads: 1 });
    const stored = storedInputs(join(dirname(path), "test_data_set_0"));
    const feeds = session.inputMetadata.map((input, i) => [
      input.name,
      stored[i] ?? madeUpInput(input),
    ]);
    const outputs = await session.run(Object.fromEntries(feeds));
    return Object.entries(outputs).map(([name, { type, dims, data }]) => [name, type, dims, data]);
  } catch (error) {
    return new Error(error.message);
  } finally {
    await session?.release();
  }
}

/** The inputs that come with a test case, as `input_<n>.pb` files that hold one tensor each. */
function storedInputs(folder) {
  const inputs = [];
  for (let i = 0; existsSync(join(folder, `input_${i}.pb`)); i++) {
    const tensor = fromBinary(TensorProtoSchema, readFileSync(join(folder, `input_${i}.pb`)));
    tensor.name = "t";
    const opsetImport = [{ version: 17n }];
    const proto = { irVersion: 8n, opsetImport, graph: { initializer: [tensor] } };
    const model = decodeModel(toBinary(ModelProtoSchema, create(ModelProtoSchema, proto)));
    const { dtype, dims, data } = model.graph.initializers.get("t");
    inputs.push(new Tensor(dtype, data, dims));
  }
  return inputs;
}

function madeUpInput({ type, shape }) {
  const dims = shape.map((dim) => (typeof dim === "number" ? dim : FREE_SIZE));
  const values = Array.from({ length: elementCount(dims) }, (_, i) => (i * 7) % 5);
  switch (type) {
    case "int64":
    case "uint64":
      return new Tensor(type, values.map(BigInt), dims);
    case "bool":
      return new Tensor(type, values.map(Boolean), dims);
    case "string":
      return new Tensor(type, values.map(String), dims);
    default:
      return new Tensor(type, values, dims);
  }
}

const [root] = process.argv.slice(2);
if (root === undefined) throw new Error("Usage: roundtrip-testdata.mjs <folder>");
const counts = new Map();
const count = (key) => counts.set(key, (counts.get(key) ?? 0) + 1);
for (const name of readdirSync(root, { recursive: true })) {
  if (!name.endsWith(".onnx")) continue;
  const path = join(root, name);
  const [group] = relative(root, path).split(sep);
  const { fate, reason } = await check(path);
  count(`${group}: files`);
  count(`${group}: ${fate}`);
  if (reason !== undefined) count(`${group}: ${fate}: ${reason}`);
}
for (const [key, total] of [...counts].toSorted(([a], [b]) => a.localeCompare(b))) {
  process.stdout.write(`${String(total).padStart(5)}  ${key}\n`);
}
