import { feedsOf, type OrtModule, ortRuntime } from "@engraft/core";
import { sessionModel } from "@engraft/core/internal";
import { createGraph, createModel, createNode, valueInfo } from "@engraft/onnx";
import { RUNTIME_VERSION } from "../runtime/native-platforms.js";
import { type LoadedRuntime, loadFirstRuntime } from "../runtime/onnx-runtime.js";
import { whyNotNative } from "../runtime/runtime-missing.js";
import { type Check, checked } from "./check.js";

/** Loads ONNX Runtime, runs a model on it, and asks which devices it knows. */
export async function checkRuntime(): Promise<Check[]> {
  let loaded: LoadedRuntime | undefined;
  const runtime = await checked(
    "runtime",
    "Install Engraft again, with its optional dependencies.",
    async () => {
      loaded = await loadFirstRuntime();
      await runOnce(loaded.ort);
      return describe(loaded);
    },
  );
  return loaded === undefined ? [runtime] : [runtime, checkDevices(loaded)];
}

function describe({ kind, module, version, failures }: LoadedRuntime): Omit<Check, "name"> {
  const details = { kind, package: module, version };
  if (kind === "wasm") {
    const isAsked = failures.every((failure) => failure.kind !== "native");
    return {
      status: isAsked ? "ok" : "warning",
      found: `ONNX Runtime ${version} on WebAssembly (${module}), slower than a native one`,
      fix: isAsked ? undefined : `${whyNotNative(failures)}.`,
      details,
    };
  }
  const isTested = version === RUNTIME_VERSION;
  return {
    status: isTested ? "ok" : "warning",
    found: `ONNX Runtime ${version}, native (${module})`,
    fix: isTested ? undefined : `Engraft is tested with ONNX Runtime ${RUNTIME_VERSION}.`,
    details,
  };
}

/** A kind of device that a runtime can use; for some it needs further libraries, which are not bundled. */
interface Backend {
  readonly name: string;
  readonly bundled: boolean;
}

const CPU: Backend = { name: "cpu", bundled: true };

/** What only the native runtime can tell. */
interface NativeModule {
  listSupportedBackends?(): readonly Backend[];
}

function checkDevices({ ort }: LoadedRuntime): Check {
  const backends = (ort as NativeModule).listSupportedBackends?.() ?? [CPU];
  const available = backends.filter(({ bundled }) => bundled).map(({ name }) => name);
  const others = available.filter((name) => name !== "cpu");
  const unused = others.length > 0 ? ` (the runtime also knows ${others.join(", ")})` : "";
  return {
    name: "devices",
    status: "ok",
    found: `cpu${unused}`,
    details: { used: "cpu", available },
  };
}

/** @throws Error when a sum does not come out right. */
async function runOnce(ort: OrtModule): Promise<void> {
  const graph = createGraph({
    nodes: [createNode("Add", ["x", "x"], ["y"])],
    inputs: [valueInfo("x", "float32", [1])],
    outputs: [valueInfo("y", "float32", [1])],
  });
  const session = await ortRuntime(ort).createSession(sessionModel(createModel({ graph })));
  const x = { dtype: "float32", dims: [1], data: Float32Array.of(21) } as const;
  const sum = (await session.run(feedsOf({ x }))).get("y")?.data[0];
  await session.release();
  if (sum !== 42) throw new Error(`ONNX Runtime computes 21 + 21 = ${String(sum)}.`);
}
