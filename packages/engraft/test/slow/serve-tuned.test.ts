import { createHash } from "node:crypto";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { cut, normalize, type Tensor } from "@engraft/onnx";
import type { Prediction } from "@engraft/tasks/internal";
import { OpenBases } from "@engraft/tasks/internal";
import { loadTask } from "engraft";
import { beforeAll, expect, it } from "vitest";
import { encodeSafetensors } from "../../../core/dist/codec/safetensors.js";
import { createNodeHost } from "../../dist/host/node-host.js";
import type { OpenServer } from "../../dist/http/serve.js";
import { asks, copyTask, keepServer, predictAlone, trainTextTasks } from "../serve-support.js";
import { mails } from "../support.js";

const ADAPTER = "adapter.safetensors";
const texts = mails.slice(0, 6).map(([text]) => text);

let frozen: string;
/** Tasks whose two top blocks were changed, each in another way. */
let tuned: string[];
/** What each task says without a server. */
let alone: Prediction[][];

beforeAll(async () => {
  frozen = (await trainTextTasks()).spam;
  tuned = [];
  for (const factor of [0.9, 1.1]) {
    const adapter = await scaledTop(factor);
    const described = {
      sha256: createHash("sha256").update(adapter).digest("hex"),
      bytes: adapter.length,
    };
    const path = await copyTask(frozen, `tuned-${factor}.engraft`, (manifest) => ({
      ...manifest,
      files: { ...manifest.files, [ADAPTER]: described },
    }));
    await writeFile(join(path, ADAPTER), adapter);
    tuned.push(path);
  }
  alone = [];
  for (const path of [frozen, ...tuned]) alone.push(await predictAlone(path, texts));
}, 240_000);

/** An adapter in which the matrices of the two top blocks of MiniLM are scaled. */
async function scaledTop(factor: number): Promise<Uint8Array> {
  const platform = createNodeHost();
  const { spec, model: original } = await new OpenBases(platform).open("minilm-l6");
  await platform.close();
  const model = normalize(original);
  const cutTap = spec.taps.find(({ name }) => name === "block.4")!;
  const below = cut(model, [cutTap.value]).graph.initializers;
  const adapter = new Map<string, Tensor<"float32">>();
  for (const [name, tensor] of model.graph.initializers) {
    if (tensor.dtype !== "float32" || tensor.dims.length !== 2 || below.has(name)) continue;
    adapter.set(name, { ...tensor, data: tensor.data.map((value) => factor * value) });
  }
  return encodeSafetensors(adapter);
}

async function passes(server: OpenServer): Promise<number> {
  const { body } = await server.app.inject("/metrics");
  return Number(/^engraft_batch_inputs_count (\d+)$/m.exec(body)?.[1] ?? 0);
}

it("tuned tasks share the pass of the frozen ones, and say to the last bit what they say alone", async () => {
  const server = await keepServer([frozen, ...tuned]);
  const names = ["spam", "tuned-0.9", "tuned-1.1"];
  const all = await server.app.inject(asks(undefined, texts));
  expect(all.json()).toEqual({
    tasks: names.map((task, index) => ({ task, predictions: alone[index] })),
  });
  expect(await passes(server)).toBe(1);
  for (const [index, task] of names.entries()) {
    const { predictions } = (await server.app.inject(asks(task, texts))).json();
    expect(predictions).toEqual(alone[index]);
  }
  expect(new Set(alone.map((said) => JSON.stringify(said))).size).toBe(3);
});

it("a tuned task alone needs no more than its frozen layers and its own", async () => {
  const server = await keepServer([tuned[0]!]);
  const { predictions } = (await server.app.inject(asks("tuned-0.9", texts))).json();
  expect(predictions).toEqual(alone[1]);
});

it("a frozen task may become a tuned one, and the other way round", async () => {
  const path = await copyTask(frozen, "mine.engraft");
  const server = await keepServer([frozen, path]);
  const ask = async (task: string) =>
    (await server.app.inject(asks(task, texts))).json().predictions;
  expect(await ask("mine")).toEqual(alone[0]);
  for (const [from, expected] of [
    [tuned[1]!, alone[2]],
    [frozen, alone[0]],
  ] as const) {
    const next = await copyTask(from, "mine.engraft");
    await rename(path, `${path}.before-${expected === alone[0]}`);
    await rename(next, path);
    await server.serving.reload();
    expect(await ask("mine")).toEqual(expected);
    expect(await ask("spam")).toEqual(alone[0]);
  }
});

it("outliers are told of tuned tasks, too", async () => {
  const task = await loadTask(tuned[0]!, { outliers: true });
  const expected = await task.predict(texts);
  await task.close();
  const server = await keepServer([frozen, tuned[0]!], { outliers: true });
  const { predictions } = (await server.app.inject(asks("tuned-0.9", texts))).json();
  expect(predictions).toEqual(expected);
});
