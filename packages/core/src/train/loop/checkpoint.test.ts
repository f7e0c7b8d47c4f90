import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { CheckpointError } from "../../errors.js";
import type { TrainedValues, TrainingState } from "../step/step-engine.js";
import { decodeCheckpoint, encodeCheckpoint } from "./checkpoint.js";
import type { RunState } from "./run-state.js";

const sha256 = async (data: Uint8Array): Promise<string> =>
  createHash("sha256").update(data).digest("hex");

function trainedValues(divisor: number): TrainedValues {
  const floats = (...values: number[]) => Float32Array.from(values, (value) => value / divisor);
  return {
    weights: new Map([
      ["a/b.weight", floats(1, -0, 3)],
      ["__proto__", floats(4)],
    ]),
    states: new Map([["norm.mean", floats(1e-40, Number.MAX_VALUE)]]),
  };
}

function trainingState(updates: number): TrainingState {
  return {
    updates,
    ...trainedValues(updates),
    slots: new Map([
      ["a/b.weight", [Float32Array.of(1, 2, 3), Float32Array.of(4, 5, 6)]],
      ["__proto__", [Float32Array.of(7), Float32Array.of(8)]],
    ]),
  };
}

const complete: RunState = {
  position: {
    epoch: 2,
    updatesInEpoch: 5,
    metrics: { loss: 0.1 + 0.2, weightSum: 3, sums: [1, 2, 5e-324] },
    earlyStopping: { best: Number.NaN, bestEpoch: 1, waited: 1 },
    history: [
      { epoch: 1, training: { loss: 1 / 3 }, validation: { loss: Number.POSITIVE_INFINITY } },
      { epoch: 2, training: { loss: 1 / 7, accuracy: 0.5, macroF1: 0.25 } },
    ],
  },
  training: trainingState(7),
  best: trainedValues(3),
};

const fresh: RunState = {
  position: {
    epoch: 0,
    updatesInEpoch: 0,
    metrics: { loss: 0, weightSum: 0, sums: [] },
    earlyStopping: undefined,
    history: [],
  },
  training: {
    ...trainingState(1),
    slots: new Map([
      ["a/b.weight", []],
      ["__proto__", []],
    ]),
  },
  best: undefined,
};

describe("checkpoints", () => {
  it.each([
    ["complete", complete],
    ["fresh", fresh],
  ])("give back a %s state to the last bit", async (_, state) => {
    const bytes = await encodeCheckpoint(state, "run", sha256);
    const decoded = await decodeCheckpoint(bytes, "run", sha256);
    expect(decoded).toEqual(state);
    expect(await encodeCheckpoint(decoded, "run", sha256)).toEqual(bytes);
  });

  it("belong to one run", async () => {
    const bytes = await encodeCheckpoint(complete, "run", sha256);
    await expect(decodeCheckpoint(bytes, "another", sha256)).rejects.toMatchObject({
      code: "checkpoint/other-run",
    });
  });

  it("are refused where a byte was altered", async () => {
    const bytes = await encodeCheckpoint(complete, "run", sha256);
    bytes[bytes.length - 1]! ^= 1;
    await expect(decodeCheckpoint(bytes, "run", sha256)).rejects.toMatchObject({
      code: "checkpoint/altered",
    });
  });

  it("are refused where a part is missing", async () => {
    const bytes = await encodeCheckpoint(complete, "run", sha256);
    for (const length of [0, 4, 40, bytes.length - 1]) {
      const part = decodeCheckpoint(bytes.slice(0, length), "run", sha256);
      await expect(part).rejects.toMatchObject({ code: "checkpoint/invalid" });
    }
  });

  it.each([
    ["version", '{\\"version\\":1', '{\\"version\\":2', "checkpoint/version"],
    ["field", '\\"updates\\":', '\\"upgrade\\":', "checkpoint/invalid"],
  ])("are refused with another %s", async (_, from, to, code) => {
    const bytes = await encodeCheckpoint(complete, "run", sha256);
    const text = Buffer.from(bytes).toString("latin1");
    expect(text).toContain(from);
    const altered = new Uint8Array(Buffer.from(text.replace(from, to), "latin1"));
    const refused = decodeCheckpoint(altered, "run", sha256);
    await expect(refused).rejects.toThrow(CheckpointError);
    await expect(refused).rejects.toMatchObject({ code });
  });
});
