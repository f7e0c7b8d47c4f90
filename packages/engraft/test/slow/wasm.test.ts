import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { engraft, type RunOptions, writeMails } from "../support.js";

/** Resolves no native ONNX Runtime, in the process and in its threads. */
const WITHOUT_NATIVE = `--import=data:text/javascript,${encodeURIComponent(`
  import { register } from "node:module";
  register("data:text/javascript," + encodeURIComponent(\`
    export async function resolve(specifier, context, next) {
      if (!/^onnxruntime-node$|^@engraft.runtime-(?!wasm)/.test(specifier)) return next(specifier, context);
      throw Object.assign(new Error("Cannot find package '" + specifier + "'"), { code: "ERR_MODULE_NOT_FOUND" });
    }
  \`));
`)}`;

interface Answer {
  readonly label: string;
  readonly probabilities: Readonly<Record<string, number>>;
}

async function answers(task: string, env: NodeJS.ProcessEnv): Promise<Answer[]> {
  const texts = ["click now, free money", "notes from the call on tuesday", "win a cruise"];
  const done = await engraft(["predict", task, "--json", ...texts], { env });
  expect(done.code).toBe(0);
  return done.stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

describe("on WebAssembly", { timeout: 300_000 }, () => {
  it("a task is trained and predicts as on the native library, within rounding", async () => {
    const folder = await writeMails();
    const trained = async (runtime: string) => {
      const env = { ENGRAFT_RUNTIME: runtime, ENGRAFT_CACHE: join(folder, `cache-${runtime}`) };
      const task = join(folder, `${runtime}.engraft`);
      const options: RunOptions = { env, cwd: folder };
      const done = await engraft(["train", "mails.csv", "--json", "-o", task], options);
      expect(done.code).toBe(0);
      expect(done.stderr).not.toContain("ENGRAFT_SLOW_RUNTIME");
      return { env, task };
    };
    const [native, wasm] = [await trained("native"), await trained("wasm")];
    const expected = await answers(native.task, native.env);
    for (const got of [
      await answers(wasm.task, wasm.env),
      await answers(native.task, wasm.env),
      await answers(wasm.task, native.env),
    ]) {
      expect(got.map(({ label }) => label)).toEqual(expected.map(({ label }) => label));
      for (const [index, { probabilities }] of got.entries()) {
        for (const [label, probability] of Object.entries(expected[index]!.probabilities)) {
          expect(probabilities[label]).toBeCloseTo(probability, 3);
        }
      }
    }
  });

  it("says once that and why it is slow, over all threads, where nothing native is installed", async () => {
    const folder = await writeMails();
    const env = { NODE_OPTIONS: WITHOUT_NATIVE };
    const { code, stderr } = await engraft(["train", "mails.csv", "--views", "last"], {
      env,
      cwd: folder,
    });
    expect(code).toBe(0);
    expect(stderr.match(/ENGRAFT_SLOW_RUNTIME/g)).toHaveLength(1);
    expect(stderr).toContain(`npm install @engraft/runtime-${process.platform}-${process.arch}@`);
  });
});
