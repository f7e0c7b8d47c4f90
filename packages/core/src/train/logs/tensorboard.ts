import { crc32c } from "../../codec/crc32c.js";
import type { TrainingEvent } from "../loop/events.js";
import type { TrainingMetrics } from "../settings/metrics.js";

/**
 * TensorBoard event files: TFRecords of `tensorflow.Event` messages (tensorflow/core/util/event.proto)
 * with scalars alone. A file is {@link tensorBoardHeader}, then {@link tensorBoardRecords} of every
 * event; its name must contain `tfevents`.
 */

/** The record that every event file starts with. */
export function tensorBoardHeader(wallTime: number): Uint8Array<ArrayBuffer> {
  return record([...eventTime(wallTime), ...lengthDelimited(FILE_VERSION, utf8("brain.Event:2"))]);
}

/**
 * The records of an event: a scalar for each of its metrics, at its step. Empty for events without
 * metrics.
 *
 * @param wallTime - When it happened, in seconds since 1970.
 */
export function tensorBoardRecords(
  event: TrainingEvent,
  wallTime: number,
): Uint8Array<ArrayBuffer> {
  const values = scalarsOf(event).flatMap(([tag, value]) =>
    lengthDelimited(SUMMARY_VALUE, [
      ...lengthDelimited(VALUE_TAG, utf8(tag)),
      ...fixed32(VALUE_SIMPLE, value),
    ]),
  );
  if (values.length === 0) return new Uint8Array(0);
  return record([
    ...eventTime(wallTime),
    ...varint(EVENT_STEP << 3),
    ...varint(event.step),
    ...lengthDelimited(EVENT_SUMMARY, values),
  ]);
}

/** Field numbers of the messages Event, Summary and Summary.Value. */
const EVENT_WALL_TIME = 1;
const EVENT_STEP = 2;
const FILE_VERSION = 3;
const EVENT_SUMMARY = 5;
const SUMMARY_VALUE = 1;
const VALUE_TAG = 1;
const VALUE_SIMPLE = 2;

type Scalar = readonly [tag: string, value: number];

/** Curves of a run; those under one name before the slash are shown together. */
function scalarsOf(event: TrainingEvent): Scalar[] {
  if (event.type === "step") {
    return [
      ["step/loss", event.loss],
      ["step/learningRate", event.learningRate],
      ["step/gradientNorm", event.gradientNorm],
    ];
  }
  if (event.type === "epoch") return curvesOf("train", event.metrics);
  return event.type === "validation" ? curvesOf("validation", event.metrics) : [];
}

function curvesOf(name: string, metrics: TrainingMetrics): Scalar[] {
  return Object.entries(metrics).map(([metric, value]) => [`${name}/${metric}`, value]);
}

/** TFRecord framing: length and data, each followed by its masked CRC-32C. */
function record(data: readonly number[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(data.length + 16);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length, true);
  view.setUint32(8, maskedCrc(bytes.subarray(0, 8)), true);
  bytes.set(data, 12);
  view.setUint32(12 + data.length, maskedCrc(bytes.subarray(12, 12 + data.length)), true);
  return bytes;
}

/** Masked, because a CRC of data that hold CRCs is weak (TensorFlow's lib/hash/crc32c.h). */
function maskedCrc(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return ((crc >>> 15) | (crc << 17)) + 0xa282ead8;
}

function eventTime(seconds: number): number[] {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, seconds, true);
  return [(EVENT_WALL_TIME << 3) | 1, ...bytes];
}

function fixed32(field: number, value: number): number[] {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return [(field << 3) | 5, ...bytes];
}

function lengthDelimited(field: number, bytes: ArrayLike<number> & Iterable<number>): number[] {
  return [(field << 3) | 2, ...varint(bytes.length), ...bytes];
}

/** Seven bits a byte, the lowest first; for whole numbers that a double holds exactly. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return [...bytes, rest];
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
