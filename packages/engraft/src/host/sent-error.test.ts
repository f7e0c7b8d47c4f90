import { DataError, IntegrityError, RuntimeError, UsageError } from "@engraft/core/errors";
import { EngraftError } from "@engraft/onnx";
import { OnnxError } from "@engraft/onnx/errors";
import { expect, it } from "vitest";
import { fromSent, toSent } from "./sent-error.js";

const problems = [{ where: "mails.csv:3", what: "has no label" }];

it.each([
  new UsageError("An option."),
  new DataError("data/invalid", "Bad rows.", { problems }),
  new IntegrityError("task/altered", "head.onnx", "It was altered."),
  new RuntimeError("runtime/memory", "Failed to allocate memory"),
  new OnnxError("onnx/invalid-graph", "A cycle.", { subject: "x" }),
  new OnnxError("onnx/malformed", "No model."),
])("carries $constructor.name $code across threads, with its fields", (error) => {
  const arrived = fromSent(structuredClone(toSent(error)));
  expect(arrived).toBeInstanceOf(error.constructor);
  for (const field of ["message", "stack", ...Object.keys(error)]) {
    expect([field, Reflect.get(arrived, field)]).toEqual([field, Reflect.get(error, field)]);
  }
});

it("keeps the code of an error of the system, which is none of Engraft", () => {
  const full = Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
  const arrived = fromSent(structuredClone(toSent(full)));
  expect(arrived).not.toBeInstanceOf(EngraftError);
  expect(arrived).toMatchObject({ message: full.message, code: "ENOSPC" });
});
