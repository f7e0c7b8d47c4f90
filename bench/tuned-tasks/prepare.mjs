// Trains a task on MiniLM, and makes three whose two top blocks are changed, as `top:2` changes them.
// What they say is of no interest. Beside each stands the same task with an adapter that names the
// weights of all blocks, as one of `all` does: it can share nothing.
import { createHash } from "node:crypto";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { OpenBases } from "@engraft/tasks/internal";
import { train } from "engraft";
import { sample } from "../../examples/dist/spam-filter/mails.js";
import { encodeSafetensors } from "../../packages/core/dist/codec/safetensors.js";
import { createNodeHost } from "../../packages/engraft/dist/host/node-host.js";
import { cut, normalize } from "../../packages/onnx/dist/index.js";
import { options, readQuestions, writeDraw } from "../lib.mjs";

const TUNED = 3;
const PER_CLASS = 20;
const ADAPTER = "adapter.safetensors";

const { data, work } = options();
const { splits } = await readQuestions(data, "train");
const rows = splits.train.map(({ input, target }) => ({
  text: input.text,
  label: target.label.startsWith("card") ? "card" : "other",
}));
const output = join(work, "frozen.engraft");
const folder = writeDraw(work, "cards", 1, { train: sample(rows, PER_CLASS, 1).drawn });
await (await train(folder, { output, views: "last" })).close();

const platform = createNodeHost();
const base = await new OpenBases(platform).open("minilm-l6");
await platform.close();
const model = normalize(base.model);
const border = base.spec.taps.at(-3).value;
const below = cut(model, [border]).graph.initializers;
const matrices = [...model.graph.initializers].filter(
  ([, { dtype, dims }]) => dtype === "float32" && dims.length === 2,
);
for (let number = 1; number <= TUNED; number++) {
  const scaled = matrices.map(([name, tensor]) => {
    const factor = below.has(name) ? 1 : 1 + number / 100;
    return [name, { ...tensor, data: tensor.data.map((value) => factor * value) }];
  });
  writeTask(`top-${number}`, new Map(scaled.filter(([name]) => !below.has(name))));
  writeTask(`all-${number}`, new Map(scaled));
}

function writeTask(name, adapter) {
  const path = join(work, `${name}.engraft`);
  cpSync(output, path, { recursive: true });
  const bytes = encodeSafetensors(adapter);
  writeFileSync(join(path, ADAPTER), bytes);
  const manifest = JSON.parse(readFileSync(join(path, "task.json"), "utf8"));
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  manifest.files[ADAPTER] = { sha256, bytes: bytes.length };
  writeFileSync(join(path, "task.json"), JSON.stringify(manifest));
}
