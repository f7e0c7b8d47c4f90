import { expect, it } from "vitest";
import { requireFits } from "./model-size.js";

it("a model that WebAssembly cannot hold is refused by its size", () => {
  expect(() => requireFits("Base model large", 900e6)).not.toThrow();
  expect(() => requireFits("Base model large", 1.2e9)).toThrow(
    /Base model large has 1200 MB, and WebAssembly can hold models of up to 1000 MB/,
  );
});
