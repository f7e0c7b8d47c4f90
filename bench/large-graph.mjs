// Writes an ONNX file of many nodes or of deep names, to see what reading it costs:
//
//   node bench/large-graph.mjs chain 1000000 chain.onnx      x → Relu → Relu → … → y
//   node bench/large-graph.mjs weights 100000 weights.onnx   x → Add of a weight of its own → … → y
//   node bench/large-graph.mjs deep 20000 deep.onnx          a weight whose name has so many parts
//   /usr/bin/time -v node packages/engraft/bin/engraft.js summary chain.onnx
import { writeFileSync } from "node:fs";
import { encodeModel } from "@engraft/onnx";
import { createGraph, createModel, createNode, tensorOf, valueInfo } from "@engraft/onnx/graph";

const [kind, count, path] = process.argv.slice(2);
const SIZE = 4;
const value = (position) => (position === 0 ? "x" : position === number ? "y" : `v${position}`);
const number = Number(count);
const weight = (position) => tensorOf("float32", [SIZE], new Float32Array(SIZE).fill(position));
const type = ["float32", ["batch", SIZE]];

/** Nodes and initializers by kind. */
const kinds = {
  chain: () => ({
    nodes: Array.from({ length: number }, (_, i) => createNode("Relu", [value(i)], [value(i + 1)])),
    initializers: [],
  }),
  weights: () => ({
    nodes: Array.from({ length: number }, (_, i) =>
      createNode("Add", [value(i), `layer${i}.bias`], [value(i + 1)]),
    ),
    initializers: Array.from({ length: number }, (_, i) => [`layer${i}.bias`, weight(i)]),
  }),
  deep: () => {
    const name = Array.from({ length: number }, () => "a").join(".");
    return { nodes: [createNode("Add", ["x", name], ["y"])], initializers: [[name, weight(1)]] };
  },
};

const make = kinds[kind];
if (make === undefined || !Number.isInteger(number) || number < 1 || path === undefined) {
  console.error(`Usage: node bench/large-graph.mjs ${Object.keys(kinds).join("|")} COUNT FILE`);
  process.exit(2);
}
const graph = createGraph({
  ...make(),
  inputs: [valueInfo("x", ...type)],
  outputs: [valueInfo("y", ...type)],
});
const bytes = encodeModel(createModel({ graph }));
writeFileSync(path, bytes);
console.log(`${path}: ${bytes.length} bytes`);
