import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

/** A hook of Node that writes the address of every module that is loaded to stderr. */
const LIST_MODULES = `
import { writeSync } from "node:fs";
export async function load(url, context, next) {
  writeSync(2, url + "\\n");
  return next(url, context);
}`;

const MAIN = new URL("../dist/cli/main.js", import.meta.url).href;

/** The modules that a command of a room loads before it does anything. */
function modulesOf(command: string): string[] {
  const hook = `data:text/javascript,${encodeURIComponent(LIST_MODULES)}`;
  const code = new URL(`../dist/cli/commands/${command}.js`, import.meta.url).href;
  const program = `
    import { register } from "node:module";
    register(${JSON.stringify(hook)});
    await import(${JSON.stringify(MAIN)});
    await import(${JSON.stringify(code)});`;
  const { status, stderr } = spawnSync(
    process.execPath,
    ["--input-type=module", "--eval", program],
    { encoding: "utf8" },
  );
  expect(status).toBe(0);
  return stderr.trim().split("\n");
}

it("loads for a prediction neither what knows operators one by one nor what trains or serves", () => {
  const loaded = modulesOf("task/predict");
  expect(loaded).toContain(MAIN);
  const folders = [
    "onnx/dist/normalize",
    "onnx/dist/infer",
    "autodiff/dist/rules",
    "core/dist/train",
  ];
  const packages = ["fastify", "umap-js", "linkedom", "hyparquet"];
  const unwanted = [
    ...folders.map((name) => `/packages/${name}/`),
    ...packages.map((name) => `/node_modules/${name}/`),
  ];
  expect(loaded.filter((url) => unwanted.some((part) => url.includes(part)))).toEqual([]);
});

it("a thread that was started ahead of a command that does not predict is ended", () => {
  const program = fileURLToPath(new URL("../bin/engraft.js", import.meta.url));
  for (let attempt = 0; attempt < 3; attempt++) {
    const { status, signal } = spawnSync(process.execPath, [
      program,
      "predict",
      "--no-such-option",
    ]);
    expect({ status, signal }).toEqual({ status: 2, signal: null });
  }
});
