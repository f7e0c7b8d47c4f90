// Makes the int8 form of a base model: `node models/make-int8.mjs` for all of them, or the names of some.
// The large weights of `models/<name>` are rounded to 8 bits, one scale for each output channel or row
// (see `storeInt8`); nothing else changes. The same base gives the same bytes.
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { decodeModel, dequantizeWeights, encodeModel, storeInt8 } from "@engraft/onnx";

const MODELS = fileURLToPath(new URL(".", import.meta.url));
const BASES = ["minilm-l6", "efficientnet-lite0"];
/**
 * Elements of the smallest weight that is rounded: what is small stays float32, as in fp16: the first
 * layers' kernels, whose rounding all later layers see.
 */
const INT8_FROM = 16_384;
/** What the name of a widened weight ends in, in the files with fp16. */
const WIDENED = "/float32";

for (const name of process.argv.length > 2 ? process.argv.slice(2) : BASES) makeInt8(name);

function makeInt8(name) {
  const [from, to] = [join(MODELS, name), join(MODELS, `${name}-int8`)];
  const spec = JSON.parse(readFileSync(join(from, "spec.json"), "utf8"));
  const original = dequantizeWeights(decodeModel(readFileSync(join(from, spec.model))));
  const model = storeInt8(withOwnNames(original), INT8_FROM);
  mkdirSync(to, { recursive: true });
  writeFileSync(join(to, spec.model), encodeModel(model));
  for (const file of Object.keys(spec.files)) {
    if (file !== spec.model) copyFileSync(join(from, file), join(to, file));
  }
  for (const file of ["LICENSE", "NOTICE"]) copyFileSync(join(from, file), join(to, file));
  const files = Object.fromEntries(
    Object.keys(spec.files).map((file) => [file, digestOf(join(to, file))]),
  );
  const title = `${spec.title}; weights in 8 bits`;
  writeJson(join(to, "spec.json"), { ...spec, id: `${name}-int8`, title, files });
  process.stdout.write(
    `${name}-int8: ${files[spec.model].bytes} bytes, ${files[spec.model].sha256}\n`,
  );
}

/** The weights under the names that they have in fp16. */
function withOwnNames(model) {
  const own = (name) => {
    const stem = name.endsWith(WIDENED) ? name.slice(0, -WIDENED.length) : name;
    return model.graph.initializers.has(name) ? stem : name;
  };
  const { graph } = model;
  return {
    ...model,
    graph: {
      ...graph,
      nodes: graph.nodes.map((node) => ({ ...node, inputs: node.inputs.map(own) })),
      initializers: new Map(
        Array.from(graph.initializers, ([name, tensor]) => [own(name), tensor]),
      ),
    },
  };
}

function digestOf(file) {
  const content = readFileSync(file);
  return { sha256: createHash("sha256").update(content).digest("hex"), bytes: content.length };
}

function writeJson(file, value) {
  writeFileSync(file, `${JSON.stringify(value, undefined, 2)}\n`);
}
