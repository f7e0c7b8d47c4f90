import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { AutodiffError } from "@engraft/autodiff/errors";
import { OnnxError } from "@engraft/onnx/errors";
import { describe, expect, it } from "vitest";
import { errorClasses } from "../../error-classes.js";
import {
  CheckpointError,
  DataError,
  EngraftError,
  IntegrityError,
  RuntimeError,
  UsageError,
  WorkerError,
} from "../../errors.js";
import { decodeError, encodeError, isSentError } from "./sent-error.js";

const problems = [{ where: "mails.csv:3", what: "has no label" }];
const obstacles = [{ node: "Foo y", operator: "com.example:Foo", reason: "has no rule" }];

/** One of each class, with all its fields. */
const errors: readonly Error[] = [
  new AutodiffError("autodiff/unsupported", "No gradient.", obstacles),
  new CheckpointError("checkpoint/altered", "It was altered."),
  new DataError("data/invalid", "Bad rows.", { problems }),
  new IntegrityError("task/altered", "head.onnx", "It was altered."),
  new OnnxError("onnx/invalid-graph", "A cycle.", { subject: "x" }),
  new RuntimeError("runtime/memory", "Failed to allocate memory"),
  new UsageError("An option."),
  new WorkerError("worker/died", "It died.", { exitCode: 3 }),
  new EvalError("e"),
  new RangeError("r"),
  new ReferenceError("f"),
  new SyntaxError("s"),
  new TypeError("t"),
  new URIError("u"),
];

function sent(error: unknown): Error {
  const encoded = structuredClone(encodeError(error, errorClasses));
  expect(isSentError(encoded)).toBe(true);
  return decodeError(encoded, errorClasses);
}

describe("an error that crosses threads", () => {
  it.each(errors.map((error) => [error.constructor.name, error] as const))(
    "is still a %s, with its fields, code and stack",
    (_, error) => {
      const arrived = sent(error);
      expect(Object.getPrototypeOf(arrived)).toBe(Object.getPrototypeOf(error));
      for (const field of ["name", "message", "stack", ...Object.keys(error)]) {
        expect([field, Reflect.get(arrived, field)]).toEqual([field, Reflect.get(error, field)]);
      }
      expect(Object.keys(arrived).sort()).toEqual(Object.keys(error).sort());
    },
  );

  it("is one of every class of the engine", () => {
    const tried = errors.map((error) => error.constructor);
    for (const known of errorClasses.values()) expect(tried).toContain(known);
    const packages = join(import.meta.dirname, "../../../../");
    const classes = ["onnx", "autodiff", "core"].flatMap((name) =>
      errorClassesIn(join(packages, name, "src")),
    );
    expect(classes).toContain("DataError");
    expect(classes.filter((name) => !errorClasses.has(name))).toEqual([]);
  });

  it("keeps its causes", () => {
    const middle = new UsageError("middle");
    Object.defineProperty(middle, "cause", { value: new RangeError("inner") });
    const arrived = sent(new DataError("data/empty", "outer", { cause: middle }));
    expect(arrived.cause).toBeInstanceOf(UsageError);
    expect((arrived.cause as Error).cause).toBeInstanceOf(RangeError);
    expect(sent(new Error("e", { cause: { row: 3 } })).cause).toEqual({ row: 3 });
    expect(sent(new Error("e", { cause: () => 1 })).cause).toBe("() => 1");
    expect("cause" in sent(new Error("e"))).toBe(false);
  });

  it("may be its own cause", () => {
    const error = new Error("round");
    error.cause = error;
    expect((sent(error).cause as Error).message).toBe("round");
  });

  it("of a class that nobody knows is of the nearest one above", () => {
    class BadRow extends DataError {}
    const arrived = sent(new BadRow("data/invalid", "A row."));
    expect(arrived).toBeInstanceOf(DataError);
    expect(arrived.name).toBe("BadRow");
  });

  it("of the system keeps its code", () => {
    const full = Object.assign(new Error("ENOSPC: no space left on device"), {
      code: "ENOSPC",
      errno: -28,
    });
    const arrived = sent(full);
    expect(arrived).not.toBeInstanceOf(EngraftError);
    expect(arrived).toMatchObject({ message: full.message, code: "ENOSPC", errno: -28 });
  });

  it("loses a field that cannot be cloned, and nothing else", () => {
    const arrived = sent(Object.assign(new UsageError("u"), { done: () => 1, row: 2 }));
    expect(arrived).toMatchObject({ message: "u", row: 2 });
    expect("done" in arrived).toBe(false);
  });

  it("need not be an error", () => {
    expect(sent("just a text")).toMatchObject({ name: "Error", message: "just a text" });
  });

  it("names no property that it must not", () => {
    const odd = Object.defineProperty(new Error("odd"), "__proto__", {
      value: { polluted: true },
      enumerable: true,
    });
    const arrived = sent(odd);
    expect(Object.getPrototypeOf(arrived)).toBe(Error.prototype);
  });
});

/** Names of the classes below a folder that extend `EngraftError`, directly or not. */
function errorClassesIn(folder: string): string[] {
  const sources = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => /(?<!\.test)\.ts$/.test(path))
    .map((path) => readFileSync(join(folder, path), "utf8"));
  return sources.flatMap((source) =>
    [...source.matchAll(/class (\w+) extends (\w*Error)\b/g)]
      .filter(([, , parent]) => parent !== "Error")
      .map(([, name]) => name!),
  );
}
