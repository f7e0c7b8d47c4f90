import { execFileSync } from "node:child_process";
import { mkdir, readFile, rename, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { differentiate } from "@engraft/autodiff";
import {
  createGraph,
  createModel,
  createNode,
  createTensor,
  decodeModel,
  encodeModel,
  type Model,
  valueInfo,
} from "@engraft/onnx";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { splitWeights, withExternalTensor } from "../../core/test/external-weights.js";
import { loadModel, loadTask, train } from "../dist/index.js";
import { drawImage, engraftHere, writeFiles } from "./support.js";

const weights = Float32Array.of(1, 2, 3, 4, 5, 6);

/** Mean of (x · weight)² in one layer called `fc`. */
const whole: Model = createModel({
  opset: 18,
  graph: createGraph({
    nodes: [
      createNode("MatMul", ["x", "fc.weight"], ["y"]),
      createNode("Mul", ["y", "y"], ["square"]),
      createNode("ReduceMean", ["square"], ["loss"], { keepdims: 0 }),
    ],
    inputs: [valueInfo("x", "float32", ["batch", 3])],
    outputs: [valueInfo("loss", "float32", [])],
    initializers: [["fc.weight", createTensor("float32", [3, 2], weights)]],
  }),
});
const split = splitWeights(whole, "model.onnx.data");

let folder: string;
let model: string;

beforeEach(async () => {
  folder = await writeFiles({ "model.onnx": split.bytes, "model.onnx.data": split.data });
  model = join(folder, "model.onnx");
});

describe("a model with external data beside it", () => {
  it("is inspected, with the size and digest of each file", async () => {
    const { code, stdout } = await engraftHere(["inspect", model]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/external data +model\.onnx\.data, 24 bytes, SHA-256 [0-9a-f]{64}/);
    expect(stdout).toMatch(/^fc +6 /m);
  });

  it("gives layers", async () => {
    const { stdout } = await engraftHere(["summary", model]);
    expect(stdout).toMatch(/^fc +MatMul .* 6 /m);
    const loaded = await loadModel(model);
    expect(loaded.weights.map(({ tensor }) => tensor.data)).toEqual([weights]);
  });

  it("is differentiated into one file", async () => {
    const output = join(folder, "step.onnx");
    const run = ["differentiate", model, "--loss", "loss", "--wrt", "fc.*", "-o", output];
    expect((await engraftHere(run)).code).toBe(0);
    const step = await readFile(output);
    expect(step).toEqual(Buffer.from(differentiate(encodeModel(whole), { loss: "loss" })));
  });

  it("is found through a link to the model, and in the folder that the link leads to", async () => {
    const links = join(folder, "links");
    await mkdir(links);
    await symlink(model, join(links, "model.onnx"));
    await symlink(join(folder, "model.onnx.data"), join(links, "model.onnx.data"));
    expect((await loadModel(join(links, "model.onnx"))).weights).toHaveLength(1);
  });

  it("is read from bytes with externalData", async () => {
    const asked: string[] = [];
    const externalData = (location: string): Uint8Array => {
      asked.push(location);
      return split.data;
    };
    const loaded = await loadModel(split.bytes, { externalData });
    expect(loaded.weights.map(({ tensor }) => tensor.data)).toEqual([weights]);
    const step = differentiate(split.bytes, { loss: "loss", externalData });
    expect(step).toEqual(differentiate(encodeModel(whole), { loss: "loss" }));
    expect(asked).toEqual(["model.onnx.data", "model.onnx.data"]);
    await expect(loadModel(split.bytes)).rejects.toMatchObject({ code: "onnx/malformed" });
    await expect(loadModel(model, { externalData })).rejects.toMatchObject({ code: "usage" });
  });
});

/** Expects every command that opens a model to say the same. */
async function expectRefused(message: RegExp): Promise<void> {
  for (const command of [
    ["inspect", model],
    ["summary", model],
    ["differentiate", model, "--loss", "loss", "-o", join(folder, "step.onnx")],
  ]) {
    const { code, stdout, stderr } = await engraftHere(command);
    expect(stdout).toBe("");
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^error: /);
    expect(code).toBeGreaterThan(0);
  }
}

describe("external data is refused, with the name of the file,", () => {
  it("where it is missing", async () => {
    await rm(join(folder, "model.onnx.data"));
    await expectRefused(/weights in the file "model\.onnx\.data" beside it.*it is missing/);
  });

  it("where it is too short", async () => {
    await truncate(join(folder, "model.onnx.data"), 20);
    await expectRefused(/ends at byte 24 of "model\.onnx\.data", which has 20/);
  });

  it("where a link leads out of the folder", async () => {
    const elsewhere = await writeFiles({ secret: split.data });
    await rm(join(folder, "model.onnx.data"));
    await symlink(join(elsewhere, "secret"), join(folder, "model.onnx.data"));
    await expectRefused(
      /"model\.onnx\.data".*a symbolic link leads to .*secret, out of the folder/,
    );
  });

  it("where a link of a folder leads out", async () => {
    const elsewhere = await writeFiles({ secret: split.data });
    await symlink(elsewhere, join(folder, "weights"));
    await writeFile(model, splitWeights(whole, "weights/secret").bytes);
    await expectRefused(/"weights\/secret".*a symbolic link leads to/);
  });

  it.each(["../model.onnx.data", "/etc/hostname", "C:\\data", "weights/../../data"])(
    "where its path is %s",
    async (location) => {
      await writeFile(model, splitWeights(whole, location).bytes);
      await expectRefused(/expected a path inside the model's folder/);
    },
  );

  it("where it is a folder", async () => {
    await rm(join(folder, "model.onnx.data"));
    await mkdir(join(folder, "model.onnx.data"));
    await expectRefused(/"model\.onnx\.data".*it is a folder and not a file/);
  });

  it.skipIf(process.platform === "win32")("where it is a pipe", async () => {
    await rm(join(folder, "model.onnx.data"));
    execFileSync("mkfifo", [join(folder, "model.onnx.data")]);
    await expectRefused(/"model\.onnx\.data".*it is a pipe and not a file/);
  });

  it("where it is larger than can be read", async () => {
    await truncate(join(folder, "model.onnx.data"), 2 ** 31);
    await expectRefused(/it has 2147483648 bytes, and no more than 2147483647 can be read/);
  });

  it("where a model larger than can be read is named itself", async () => {
    await truncate(model, 2 ** 31);
    await expectRefused(/it has 2147483648 bytes, and no more than 2147483647 can be read/);
  });

  it("where a weight lies behind its end", async () => {
    const entries = { offset: "18446744073709551615", length: "8" };
    const external = { name: "more", dims: [2], location: "model.onnx.data", entries };
    await writeFile(model, withExternalTensor(split.bytes, external));
    await expectRefused(/"model\.onnx\.data" at offset 18446744073709551615/);
  });
});

describe("as a base", () => {
  let base: string;
  let config: { base: string; preprocess: string; views: "last" };

  beforeAll(async () => {
    const fixture = new URL(
      "../../../conformance/fixtures/resnet-torchscript-17/",
      import.meta.url,
    );
    const { bytes, data } = splitWeights(
      decodeModel(await readFile(new URL("model.onnx", fixture))),
      "weights/net.data",
    );
    base = await writeFiles({
      "net.onnx": bytes,
      "weights/net.data": data,
      "small.json": JSON.stringify({
        kind: "image",
        resize: { mode: "exact", size: 32, filter: "bilinear" },
        mean: [123.675, 116.28, 103.53],
        std: [58.395, 57.12, 57.375],
        layout: "nchw",
      }),
      ...Object.fromEntries(
        await Promise.all(
          [0, 1, 2].flatMap((n) => [
            drawImage("stand", n).then((file) => [`data/a/${n}.jpg`, file] as const),
            drawImage("lie", n).then((file) => [`data/b/${n}.jpg`, file] as const),
          ]),
        ),
      ),
    });
    config = {
      base: join(base, "net.onnx"),
      preprocess: join(base, "small.json"),
      views: "last",
    };
  });

  it("the digest covers the data, so that a change of a weight is noticed", async () => {
    const output = join(base, "task");
    const trained = await train(join(base, "data"), { ...config, output, cache: false });
    const [before] = await trained.predict([join(base, "data/a/0.jpg")]);
    await trained.close();
    const task = await loadTask(output);
    expect(await task.predict([join(base, "data/a/0.jpg")])).toEqual([before]);
    await task.close();
    const data = join(base, "weights/net.data");
    const changed = await readFile(data);
    changed[100]! ^= 1;
    await rename(data, `${data}.old`);
    await writeFile(data, changed);
    await expect(loadTask(output)).rejects.toMatchObject({ code: "base/altered" });
    await rm(data);
    await expect(loadTask(output)).rejects.toThrow(/"weights\/net\.data".*it is missing/);
  });
});
