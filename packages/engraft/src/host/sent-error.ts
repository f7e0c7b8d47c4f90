import {
  DataError,
  type DataProblem,
  IntegrityError,
  RuntimeError,
  UsageError,
} from "@engraft/core/errors";
import { OnnxError } from "@engraft/onnx/errors";

/** An error in a form that crosses threads; {@link fromSent} makes its class anew on the other side. */
export interface SentError {
  readonly message: string;
  readonly stack: string | undefined;
  /** The code of an error of Engraft. */
  readonly code: string | undefined;
  readonly problems?: readonly DataProblem[] | undefined;
  readonly file?: string | undefined;
  readonly detail?: string | undefined;
  readonly subject?: string | undefined;
}

export function toSent(error: unknown): SentError {
  if (!(error instanceof Error))
    return { message: String(error), stack: undefined, code: undefined };
  const { message, stack } = error;
  const { code, problems, file, detail, subject } = error as Partial<SentError>;
  return { message, stack, code, problems, file, detail, subject };
}

export function fromSent(sent: SentError): Error {
  const error = remade(sent);
  if (sent.stack !== undefined) error.stack = sent.stack;
  return error;
}

function remade({ message, code = "", problems, file = "", detail, subject }: SentError): Error {
  switch (code.replace(/\/.*/, "")) {
    case "usage":
      return new UsageError(message);
    case "data":
      return new DataError(code as DataError["code"], message, { problems: problems ?? [] });
    case "task":
    case "base":
      return new IntegrityError(code as IntegrityError["code"], file, message);
    case "runtime":
      return new RuntimeError(code as RuntimeError["code"], detail ?? message);
    case "onnx":
      return new OnnxError(
        code as OnnxError["code"],
        message,
        subject === undefined ? {} : { subject },
      );
    default:
      return Object.assign(new Error(message), code === "" ? {} : { code });
  }
}
