import { spawnSync } from "node:child_process";
import { DataError, type Feeds, feedsOf, type SessionModel } from "@engraft/core";
import { sessionModel } from "@engraft/core/internal";
import { createGraph, createModel, createNode, type Tensor, valueInfo } from "@engraft/onnx";
import { afterEach, describe, expect, it } from "vitest";
// The compiled file, because threads load their own compiled code from beside it.
import { createNodeHost, type NodeHost } from "../dist/host/node-host.js";
import { drawImage } from "./support.js";

const opened: NodeHost[] = [];

function newPlatform(threads = 2): NodeHost {
  const platform = createNodeHost({ threads });
  opened.push(platform);
  return platform;
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((platform) => platform.close()));
});

/** y = x · x · ... · x */
function powerModel(power: number): SessionModel {
  const names = Array.from({ length: power }, (_, n) => (n === 0 ? "x" : `x${n + 1}`));
  return sessionModel(
    createModel({
      graph: createGraph({
        nodes: names.slice(1).map((name, n) => createNode("MatMul", [names[n]!, "x"], [name])),
        inputs: [valueInfo("x", "float32", ["n", "n"])],
        outputs: [valueInfo(names.at(-1)!, "float32", ["n", "n"])],
      }),
    }),
  );
}

/** `value` times the identity of the given size. */
function scaled(value: number, size: number): Feeds {
  const data = new Float32Array(size * size);
  for (let i = 0; i < size; i++) data[i * size + i] = value;
  return feedsOf({ x: { dtype: "float32", dims: [size, size], data } });
}

const preprocessing = {
  kind: "image",
  resize: { mode: "exact", size: 8, filter: "bilinear" },
  mean: [0, 0, 0],
  std: [1, 1, 1],
  layout: "nchw",
} as const;

describe("the threads of Node", () => {
  it("keeps no program alive that asks them nothing", () => {
    const host = new URL("../dist/host/node-host.js", import.meta.url).href;
    const program = `
      const { createNodeHost } = await import(${JSON.stringify(host)});
      createNodeHost({}).warmUp("text");`;
    const parameters = ["--input-type=module", "--eval", program];
    expect(spawnSync(process.execPath, parameters, { timeout: 20_000 }).status).toBe(0);
  });

  it("leaves the event loop free while a model runs", async () => {
    const session = await newPlatform().runtime.createSession(powerModel(60));
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    }, 1);
    await session.run(scaled(1, 512));
    clearInterval(timer);
    expect(turns).toBeGreaterThan(2);
  });

  it("answers every run with its own result, over all its threads", async () => {
    const pool = newPlatform(3).runtime;
    expect(pool.concurrency).toBe(3);
    const [cube, square] = await Promise.all([
      pool.createSession(powerModel(3)),
      pool.createSession(powerModel(2)),
    ]);
    expect([cube.inputNames, cube.outputNames]).toEqual([["x"], ["x3"]]);
    const results = await Promise.all(
      Array.from({ length: 24 }, async (_, n) => {
        const even = n % 2 === 0;
        const outputs = await (even ? cube : square).run(scaled(n, 4));
        return outputs.get(even ? "x3" : "x2")!.data[0];
      }),
    );
    expect(results).toEqual(Array.from({ length: 24 }, (_, n) => n ** (n % 2 === 0 ? 3 : 2)));
  });

  it("decodes images", async () => {
    const image = await newPlatform().prepareImage(await drawImage("stand", 1), preprocessing);
    expect(image.pixels).toHaveLength(3 * 8 * 8);
    const squares = image.colorHistogram.reduce((sum, value) => sum + value * value, 0);
    expect(squares).toBeCloseTo(1, 4);
  });

  it("hands errors over with their class, code and message", async () => {
    const whole = await drawImage("stand", 1);
    const error = await newPlatform()
      .prepareImage(whole.subarray(0, whole.length / 2), preprocessing)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DataError);
    expect(error).toMatchObject({ code: "data/unreadable" });
    expect((error as DataError).message).toMatch(/cannot be decoded \(.+\)/);
  });

  it("says what ONNX Runtime says about a model or a feed that is wrong", async () => {
    const pool = newPlatform().runtime;
    const cyclic = createNode("MatMul", ["x", "y"], ["y"]);
    const shape = ["n", "n"] as const;
    const graph = createGraph({
      nodes: [cyclic],
      inputs: [valueInfo("x", "float32", shape)],
      outputs: [valueInfo("y", "float32", shape)],
    });
    await expect(pool.createSession(sessionModel(createModel({ graph })))).rejects.toThrow(/y/);
    const session = await pool.createSession(powerModel(2));
    const odd: Tensor = { dtype: "float32", dims: [2, 3], data: new Float32Array(6) };
    await expect(session.run(feedsOf({ x: odd }))).rejects.toThrow();
    await expect(session.run(new Map())).rejects.toThrow(/x/);
    expect((await session.run(scaled(3, 2))).get("x2")!.data[0]).toBe(9);
  });

  it("goes on with other sessions when one is released", async () => {
    const pool = newPlatform().runtime;
    const [first, second] = [
      await pool.createSession(powerModel(2)),
      await pool.createSession(powerModel(3)),
    ];
    await Promise.all([first.run(scaled(2, 2)), first.run(scaled(2, 2))]);
    await first.release();
    expect((await second.run(scaled(2, 2))).get("x3")!.data[0]).toBe(8);
  });

  it("answer what is under way before they are stopped, and nothing after", async () => {
    const platform = newPlatform();
    const session = await platform.runtime.createSession(powerModel(60));
    const running = session.run(scaled(1, 512));
    await platform.close();
    expect((await running).get("x60")!.data[0]).toBe(1);
    await expect(session.run(scaled(1, 2))).rejects.toThrow("stopped");
    await expect(platform.runtime.createSession(powerModel(2))).rejects.toThrow("stopped");
    const image = platform.prepareImage(new Uint8Array(1), preprocessing);
    await expect(image).rejects.toThrow("stopped");
    await session.release();
  });
});

it("tells ONNX Runtime to report to nobody, before any thread loads it", () => {
  expect(process.env.ORT_DISABLE_TELEMETRY).toBe("1");
});
