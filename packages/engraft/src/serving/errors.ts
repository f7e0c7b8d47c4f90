/**
 * What serving refuses, as data. The messages speak of tasks and inputs; whoever carries requests (HTTP, a
 * queue) decides what its own clients are told.
 */

import type { Modality } from "@engraft/core";
import { EngraftError } from "@engraft/core/errors";
import type { ServingErrorCode } from "@engraft/onnx/errors";

/** A request that serving does not answer: one of {@link ServingRefusal}. */
export abstract class ServingError extends EngraftError {
  abstract override readonly code: ServingErrorCode;
}

/** Every error of serving, told apart by its code. */
export type ServingRefusal =
  | OverloadedError
  | TooManyInputsError
  | UnknownTaskError
  | ModalityError
  | UnreadableInputsError
  | NotPromisedError
  | DeadlineError;

/** Too many inputs wait already. The same request may be sent again later. */
export class OverloadedError extends ServingError {
  readonly code = "serving/overloaded";
  /** About how long the queue takes to empty, in seconds. */
  readonly retryAfter: number;

  constructor(retryAfter: number) {
    super(
      "Too many inputs wait already. Try again when some of them have been answered; see retryAfter.",
    );
    this.retryAfter = retryAfter;
  }
}

/** A request has more inputs than may ever wait. It must be split. */
export class TooManyInputsError extends ServingError {
  readonly code = "serving/too-many-inputs";
  /** Inputs of the request. */
  readonly inputs: number;
  /** Most inputs of a request. */
  readonly most: number;

  constructor(inputs: number, most: number) {
    super(`The request has ${inputs} inputs; at most ${most} may wait. Send fewer at once.`);
    this.inputs = inputs;
    this.most = most;
  }
}

/** No task of this name is served. */
export class UnknownTaskError extends ServingError {
  readonly code = "serving/unknown-task";
  /** Names of the tasks that are served. */
  readonly known: readonly string[];

  constructor(known: readonly string[]) {
    super(`There is no task of this name. Tasks: ${known.join(", ") || "none"}.`);
    this.known = known;
  }
}

/** A task works on inputs of another kind. */
export class ModalityError extends ServingError {
  readonly code = "serving/modality";
  /** Name of the task. */
  readonly task: string;
  /** What the task works on. */
  readonly expected: Modality;

  constructor(task: string, expected: Modality) {
    super(`The task ${task} works on ${expected}s.`);
    this.task = task;
    this.expected = expected;
  }
}

/** Why an input cannot be used. */
export interface UnreadableInput {
  /** Position of the input in the request, from 0. */
  readonly index: number;
  /** What is wrong with it, to follow its name: `is not an image of a known format`. */
  readonly what: string;
}

/** Some inputs cannot be decoded; none of the request is predicted. */
export class UnreadableInputsError extends ServingError {
  readonly code = "serving/unreadable-inputs";
  /** Every input that cannot be decoded, in order. */
  readonly inputs: readonly UnreadableInput[];

  constructor(inputs: readonly UnreadableInput[]) {
    super(`${inputs.length} of the inputs cannot be decoded; see inputs.`);
    this.inputs = inputs;
  }
}

/** A task cannot promise the error rate or the confidence that a request asks for. */
export class NotPromisedError extends ServingError {
  readonly code = "serving/not-promised";
  /** Name of the task. */
  readonly task: string;

  constructor(task: string, cause: Error) {
    super(cause.message, { cause });
    this.task = task;
  }
}

/** The answer was not ready in time. */
export class DeadlineError extends ServingError {
  readonly code = "serving/deadline";
  /** The time that the request had, in milliseconds. */
  readonly timeout: number;

  constructor(timeout: number) {
    super(`There was no answer within ${timeout / 1000} s. Send fewer inputs, or try again later.`);
    this.timeout = timeout;
  }
}
