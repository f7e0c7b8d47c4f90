import { expect, it } from "vitest";
import { memoryFiles } from "../storage/memory-files.js";
import { KeptMeasurements } from "./kept-measurements.js";

const base = { id: "small-base", digest: "0a" };
const now = { adapter: "maker GPU 1", ort: "1.0", threads: 1 };
const known = {
  measurement: { error: 1e-6, milliseconds: { wasm: 9.5, webgpu: 4 } },
  layers: ["1a", "1b"],
};

it("a measurement holds for the same base, GPU, code and count of threads", async () => {
  const files = memoryFiles();
  const kept = new KeptMeasurements(() => Promise.resolve(files));
  expect(await kept.read(base, now)).toBeUndefined();
  await kept.write(base, now, known);
  expect(await kept.read(base, now)).toEqual(known);
  expect(await kept.read({ ...base, digest: "0b" }, now)).toBeUndefined();
  expect(await kept.read(base, { ...now, adapter: "maker GPU 2" })).toBeUndefined();
  expect(await kept.read(base, { ...now, ort: "1.1" })).toBeUndefined();
  expect(await kept.read(base, { ...now, threads: 4 })).toBeUndefined();
});

it("a file that was cut off counts for nothing", async () => {
  const files = memoryFiles();
  const kept = new KeptMeasurements(() => Promise.resolve(files));
  await kept.write(base, now, known);
  const [{ path } = { path: "" }] = await files.list("bases");
  const bytes = (await files.read(path))!;
  for (const length of [0, bytes.length - 1]) {
    await files.write(path, bytes.slice(0, length));
    expect(await kept.read(base, now)).toBeUndefined();
  }
});
