import type { Tensor } from "@engraft/onnx";
import { z } from "zod";
import { decodeSafetensors, encodeSafetensors } from "../../codec/safetensors.js";
import { CheckpointError } from "../../errors.js";
import { parseJson, parseOr } from "../../parse.js";
import type { TrainedValues, TrainingState } from "../step/step-engine.js";
import type { RunPosition, RunState } from "./run-state.js";

/** SHA-256 in lower-case hexadecimal. */
export type Sha256 = (data: Uint8Array) => Promise<string>;

const VERSION = 1;
/** Entries of the file's metadata. */
const STATE = "engraft.checkpoint";
const DIGEST = "engraft.sha256";

/**
 * The state of a run as one file: safetensors whose metadata hold the position and a digest of
 * everything. The state is exact: random numbers are derived from the seed and the position, so that
 * none of their state is needed, and numbers are stored to the last bit.
 *
 * @param run - Digest of what decides the run: configuration, data and model.
 */
export async function encodeCheckpoint(
  { position, training, best }: RunState,
  run: string,
  sha256: Sha256,
): Promise<Uint8Array> {
  const tensors = new Map<string, Tensor>();
  addValues(tensors, "training", training);
  addSlots(tensors, training);
  if (best !== undefined) addValues(tensors, "best", best);
  const header: Header = {
    version: VERSION,
    run,
    position,
    updates: training.updates,
    hasBest: best !== undefined,
  };
  const state = JSON.stringify(header, spellOut);
  const digest = await sha256(encodeSafetensors(tensors, new Map([[STATE, state]])));
  return encodeSafetensors(
    tensors,
    new Map([
      [STATE, state],
      [DIGEST, digest],
    ]),
  );
}

/** Whether a file is a checkpoint, whole or not. */
export function isCheckpoint(file: Uint8Array): boolean {
  try {
    return decodeSafetensors(file).metadata.has(STATE);
  } catch {
    return false;
  }
}

/**
 * Reads a checkpoint.
 *
 * @param run - As it was given to {@link encodeCheckpoint}.
 * @throws CheckpointError when the file is damaged or altered, of a version that this Engraft does
 * not know, or of a run with another configuration, other data or another model.
 */
export async function decodeCheckpoint(
  bytes: Uint8Array,
  run: string,
  sha256: Sha256,
): Promise<RunState> {
  const { tensors, metadata } = read(bytes);
  const state = metadata.get(STATE);
  if (state === undefined) throw invalid("it has no state of a run");
  const header = parseHeader(state);
  if (
    (await sha256(encodeSafetensors(tensors, new Map([[STATE, state]])))) !== metadata.get(DIGEST)
  ) {
    throw new CheckpointError(
      "checkpoint/altered",
      "The checkpoint was altered after it was written: its digest does not match. Use an earlier one, or start anew.",
    );
  }
  if (header.run !== run) {
    throw new CheckpointError(
      "checkpoint/other-run",
      "The checkpoint belongs to a run with another configuration, other data or another model. Give the same ones to resume it, or start anew.",
    );
  }
  return {
    position: header.position,
    training: takeState(tensors, header.updates),
    best: header.hasBest ? takeValues(tensors, "best") : undefined,
  };
}

interface Header {
  readonly version: number;
  readonly run: string;
  readonly position: RunPosition;
  readonly updates: number;
  /** Whether the best weights so far are there. */
  readonly hasBest: boolean;
}

const count = z.int().min(0);
/** JSON has no way to write the others. */
const number = z.union([
  z.number(),
  z.enum(["NaN", "Infinity", "-Infinity"]).transform((text) => Number(text)),
]);
const metrics = z.strictObject({
  loss: number,
  accuracy: number.exactOptional(),
  macroF1: number.exactOptional(),
  meanSquaredError: number.exactOptional(),
  meanAbsoluteError: number.exactOptional(),
});
const headerSchema: z.ZodType<Header, unknown> = z.strictObject({
  version: z.literal(VERSION),
  run: z.string(),
  position: z.strictObject({
    epoch: count,
    updatesInEpoch: count,
    metrics: z.strictObject({ loss: number, weightSum: number, sums: z.array(number) }),
    // Left out of the JSON where there is none; the transform makes it a field again.
    earlyStopping: z
      .strictObject({ best: number, bestEpoch: count, waited: count })
      .optional()
      .transform((state) => state),
    history: z.array(
      z.strictObject({ epoch: count, training: metrics, validation: metrics.exactOptional() }),
    ),
  }),
  updates: count,
  hasBest: z.boolean(),
});

function spellOut(_key: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}

function read(bytes: Uint8Array): ReturnType<typeof decodeSafetensors> {
  try {
    return decodeSafetensors(bytes);
  } catch (cause) {
    throw invalid("it is not a whole safetensors file", cause);
  }
}

function parseHeader(text: string): Header {
  const json: unknown = parseJson(text, (cause) => invalid("its state is not JSON", cause));
  const version = z.object({ version: z.number() }).safeParse(json).data?.version;
  if (version !== undefined && version !== VERSION) {
    throw new CheckpointError(
      "checkpoint/version",
      `The checkpoint has version ${version}, and this Engraft reads version ${VERSION}. Resume it with the Engraft that wrote it.`,
    );
  }
  return parseOr(headerSchema, json, (place, message) =>
    invalid(`its state is malformed at ${place}: ${message}`),
  );
}

function addValues(
  tensors: Map<string, Tensor>,
  prefix: string,
  { weights, states }: TrainedValues,
): void {
  for (const [name, data] of weights) addFloats(tensors, `${prefix}/weights/${name}`, data);
  for (const [name, data] of states) addFloats(tensors, `${prefix}/states/${name}`, data);
}

function addSlots(tensors: Map<string, Tensor>, { slots: all }: TrainingState): void {
  for (const [name, slots] of all) {
    for (const [slot, data] of slots.entries()) addFloats(tensors, `slots/${slot}/${name}`, data);
  }
}

function addFloats(tensors: Map<string, Tensor>, name: string, data: Float32Array): void {
  tensors.set(name, { dtype: "float32", dims: [data.length], data });
}

function takeState(tensors: ReadonlyMap<string, Tensor>, updates: number): TrainingState {
  const values = takeValues(tensors, "training");
  const slots = new Map(
    Array.from(values.weights.keys(), (name): [string, Float32Array[]] => [name, []]),
  );
  for (let slot = 0; ; slot++) {
    const arrays = takeFolder(tensors, `slots/${slot}/`);
    if (arrays.size === 0) return { updates, ...values, slots };
    for (const [name, data] of arrays) slots.get(name)?.push(data);
  }
}

function takeValues(tensors: ReadonlyMap<string, Tensor>, prefix: string): TrainedValues {
  return {
    weights: takeFolder(tensors, `${prefix}/weights/`),
    states: takeFolder(tensors, `${prefix}/states/`),
  };
}

/** The arrays whose names start so, by the rest of their names. */
function takeFolder(
  tensors: ReadonlyMap<string, Tensor>,
  folder: string,
): Map<string, Float32Array> {
  const found = Array.from(tensors).filter(([name]) => name.startsWith(folder));
  return new Map(found.map(([name, tensor]) => [name.slice(folder.length), floatsOf(tensor)]));
}

function floatsOf({ dtype, data }: Tensor): Float32Array {
  if (dtype === "float32") return data as Float32Array;
  throw invalid(`it holds ${dtype} values where float32 was expected`);
}

function invalid(reason: string, cause?: unknown): CheckpointError {
  return new CheckpointError(
    "checkpoint/invalid",
    `The file is not a checkpoint that can be resumed: ${reason}. Use an earlier one, or start anew.`,
    cause === undefined ? undefined : { cause },
  );
}
