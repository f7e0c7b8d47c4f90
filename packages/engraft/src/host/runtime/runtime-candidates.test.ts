import { afterEach, describe, expect, it, vi } from "vitest";
import { NATIVE_PLATFORMS, nativePackage, RUNTIME_VERSION } from "./native-platforms.js";
import { loadFirstRuntime } from "./onnx-runtime.js";
import { candidates } from "./runtime-candidates.js";
import { hasNativeLibrary, runtimeMissing, slowRuntimeWarning } from "./runtime-missing.js";

const absent = (module: string): Error =>
  Object.assign(new Error(`Cannot find package '${module}' imported from x.js`), {
    code: "ERR_MODULE_NOT_FOUND",
  });

const nothingNative = [
  { kind: "native", module: nativePackage(), error: absent(nativePackage()) },
  { kind: "native", module: "onnxruntime-node", error: absent("onnxruntime-node") },
] as const;

afterEach(() => vi.unstubAllEnvs());

describe("candidates", () => {
  const modulesFor = (asked?: string) =>
    candidates(asked === undefined ? {} : { ENGRAFT_RUNTIME: asked }).map(({ module }) => module);

  it("begins with the native library of the platform and ends with WebAssembly", () => {
    expect(modulesFor()).toEqual([
      `@engraft/runtime-${process.platform}-${process.arch}`,
      "onnxruntime-node",
      "@engraft/runtime-wasm",
      "onnxruntime-web",
    ]);
  });

  it("is one kind or one package where the environment asks for it", () => {
    expect(modulesFor("wasm")).toEqual(["@engraft/runtime-wasm", "onnxruntime-web"]);
    expect(modulesFor("onnxruntime-node")).toEqual(["onnxruntime-node"]);
    expect(modulesFor("cuda")).toEqual([]);
  });
});

describe("loadFirstRuntime", () => {
  it("loads what the environment asks for, and the same sums come out", async () => {
    const { createGraph, createModel, createNode, valueInfo } = await import("@engraft/onnx");
    const { feedsOf, ortRuntime } = await import("@engraft/core");
    const { sessionModel } = await import("@engraft/core/internal");
    const graph = createGraph({
      nodes: [createNode("MatMul", ["x", "x"], ["y"])],
      inputs: [valueInfo("x", "float32", [2, 2])],
      outputs: [valueInfo("y", "float32", [2, 2])],
    });
    for (const kind of ["native", "wasm"] as const) {
      vi.stubEnv("ENGRAFT_RUNTIME", kind);
      const loaded = await loadFirstRuntime();
      expect(loaded.kind).toBe(kind);
      expect(loaded.version).toBe(RUNTIME_VERSION);
      const session = await ortRuntime(loaded.ort).createSession(
        sessionModel(createModel({ graph })),
      );
      const x = { dtype: "float32", dims: [2, 2], data: Float32Array.of(1, 2, 3, 4) } as const;
      const outputs = await session.run(feedsOf({ x }));
      expect([...outputs.get("y")!.data]).toEqual([7, 10, 15, 22]);
      await session.release();
    }
  });

  it("reads weights where they lie in memory that threads share", async () => {
    const { createGraph, createModel, createNode, valueInfo } = await import("@engraft/onnx");
    const { feedsOf, ortRuntime } = await import("@engraft/core");
    const { sessionModel } = await import("@engraft/core/internal");
    const size = 32;
    const memory = new Float32Array(new SharedArrayBuffer(4 * (1 + size * size)));
    for (let at = 0; at < size; at++) memory[1 + at * size + at] = at;
    const graph = createGraph({
      nodes: [createNode("MatMul", ["x", "w"], ["y"])],
      inputs: [valueInfo("x", "float32", [1, size])],
      outputs: [valueInfo("y", "float32", [1, size])],
      initializers: [["w", { dtype: "float32", dims: [size, size], data: memory.subarray(1) }]],
    });
    for (const kind of ["native", "wasm"] as const) {
      vi.stubEnv("ENGRAFT_RUNTIME", kind);
      const { ort } = await loadFirstRuntime();
      const runtime = ortRuntime(ort);
      const model = sessionModel(createModel({ graph }));
      expect(model.shared.size).toBe(1);
      const [session] = await Promise.all([runtime.createSession(model), runtime.initialize!()]);
      const data = new Float32Array(size).fill(2);
      const x = { dtype: "float32", dims: [1, size], data } as const;
      const outputs = await session.run(feedsOf({ x }));
      const expected = Array.from({ length: size }, (_, at) => 2 * at);
      expect([...outputs.get("y")!.data]).toEqual(expected);
      await session.release();
    }
  });

  it("refuses a name that it does not know, with those that it knows", async () => {
    vi.stubEnv("ENGRAFT_RUNTIME", "cuda");
    await expect(loadFirstRuntime()).rejects.toThrow(
      /^ENGRAFT_RUNTIME is "cuda"\. It can be native, wasm, or the name of a package: .+onnxruntime-web\.$/,
    );
  });
});

describe("what is said where a runtime is missing", () => {
  it.runIf(hasNativeLibrary())("names the package to install on a platform that has one", () => {
    expect(slowRuntimeWarning(nothingNative)).toBe(
      "Models run on WebAssembly, several times slower than on the native ONNX Runtime. " +
        `${nativePackage()} is not installed. Install it with: npm install ${nativePackage()}@${RUNTIME_VERSION}. ` +
        "To use WebAssembly without this warning, set ENGRAFT_RUNTIME=wasm.",
    );
  });

  it("says what a library that is there complains of", () => {
    const error = new Error("libonnxruntime.so.1: version `VERS_1.30.0' not found\n  at x");
    const broken = [{ kind: "native", module: nativePackage(), error }, nothingNative[1]] as const;
    expect(slowRuntimeWarning(broken)).toContain(
      `${nativePackage()} could not be loaded (libonnxruntime.so.1: version \`VERS_1.30.0' not found). `,
    );
  });

  it("is an error with each package that was tried where nothing is left", () => {
    const error = runtimeMissing(nothingNative);
    expect(error).toMatchObject({ name: "RuntimeMissingError", code: "runtime/missing" });
    expect(error.message).toMatch(
      /^ONNX Runtime could not be loaded on \S+\. @engraft\/runtime-\S+: not installed; onnxruntime-node: not installed\. Install it with: npm install @engraft\/runtime-/,
    );
  });
});

describe("NATIVE_PLATFORMS", () => {
  it("are those of which the package onnxruntime-node has libraries", async () => {
    const { existsSync } = await import("node:fs");
    const libraries = new URL("../bin/napi-v6/", import.meta.resolve("onnxruntime-node"));
    for (const { os, cpu } of NATIVE_PLATFORMS) {
      expect(existsSync(new URL(`${os}/${cpu}/onnxruntime_binding.node`, libraries))).toBe(true);
    }
  });
});
