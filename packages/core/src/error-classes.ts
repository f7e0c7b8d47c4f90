import {
  AutodiffError,
  CheckpointError,
  DataError,
  IntegrityError,
  OnnxError,
  RuntimeError,
  UsageError,
  WorkerError,
} from "./errors.js";

/** A class of errors. */
export type ErrorClass = abstract new (...parameters: never[]) => Error;

/**
 * The error classes of the engine by name, for what carries errors between threads or processes. The
 * names are written out, since tools that shorten code rename classes.
 */
export const errorClasses: ReadonlyMap<string, ErrorClass> = new Map<string, ErrorClass>([
  ["AutodiffError", AutodiffError],
  ["CheckpointError", CheckpointError],
  ["DataError", DataError],
  ["IntegrityError", IntegrityError],
  ["OnnxError", OnnxError],
  ["RuntimeError", RuntimeError],
  ["UsageError", UsageError],
  ["WorkerError", WorkerError],
]);
