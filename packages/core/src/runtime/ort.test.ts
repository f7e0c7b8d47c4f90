import type { Tensor } from "@engraft/onnx";
import { describe, expect, it } from "vitest";
import { feedsOf } from "./feeds.js";
import { type OrtModule, ortRuntime } from "./ort.js";
import type { SessionModel } from "./session-model.js";

/** A runtime that refuses what ONNX Runtime Web refuses on a GPU: a run while another one is under way. */
function exclusiveOrt(log: string[]): OrtModule {
  let running = 0;
  class OrtTensor {
    readonly type: never;
    readonly data: never;
    readonly dims: readonly number[];
    constructor(type: never, data: never, dims: readonly number[]) {
      this.type = type;
      this.data = data;
      this.dims = dims;
    }
  }
  return {
    Tensor: OrtTensor,
    InferenceSession: {
      create: async () => ({
        inputNames: ["x"],
        outputNames: ["y"],
        async run({ x }) {
          running += 1;
          if (running > 1) throw new Error("Session already started");
          const [value] = x!.data as Float32Array;
          log.push(`${value} starts`);
          // The first takes the longest.
          for (let turn = 0; turn < 5 - value!; turn++) await Promise.resolve();
          running -= 1;
          if (value === 2) throw new Error("two is refused");
          log.push(`${value} ends`);
          return { y: x! };
        },
        async release() {
          log.push("released");
        },
      }),
    },
  };
}

const x = (value: number): ReadonlyMap<string, Tensor> =>
  feedsOf({ x: { dtype: "float32", dims: [1], data: Float32Array.of(value) } });

describe("ortRuntime", () => {
  it("runs a session once at a time, in the order of the calls, and then frees it", async () => {
    const log: string[] = [];
    const session = await ortRuntime(exclusiveOrt(log)).createSession({
      bytes: new Uint8Array(),
      shared: new Map(),
    } as unknown as SessionModel);
    const runs = [1, 2, 3].map((value) => session.run(x(value)));
    const released = session.release();
    const settled = await Promise.allSettled(runs);
    await released;
    expect(settled.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(settled[1]).toMatchObject({ reason: { code: "runtime/run", detail: "two is refused" } });
    expect(log).toEqual(["1 starts", "1 ends", "2 starts", "3 starts", "3 ends", "released"]);
  });
});
