import { expect, it } from "vitest";
import { errorClasses } from "./error-classes.js";
import * as errors from "./errors.js";

it("are all the error classes that the engine exports", () => {
  const exported = Object.entries(errors).filter(
    ([name, value]) =>
      name !== "EngraftError" && name.endsWith("Error") && Object.hasOwn(value, "prototype"),
  );
  expect(new Map(errorClasses)).toEqual(new Map(exported));
});
