import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arbitraryModel, arbitraryTensor, dataTypes } from "../../test/arbitraries.js";
import { createGraph, createModel, createNode } from "../ir/build.js";
import { decodeUnverified } from "./decode.js";
import { encodeModel } from "./encode.js";

describe("decodeUnverified(encodeModel(model))", () => {
  it.each(dataTypes)("keeps %s initializers and attributes", (dtype) => {
    fc.assert(
      fc.property(arbitraryTensor(dtype), (tensor) => {
        const model = createModel({
          graph: createGraph({
            nodes: [createNode("Constant", [], ["y"], { value: tensor })],
            initializers: [["w", tensor]],
            outputs: [],
          }),
        });
        expect(decodeUnverified(encodeModel(model))).toEqual(model);
      }),
    );
  });

  it("keeps every part of a model", () => {
    fc.assert(
      fc.property(arbitraryModel, (model) => {
        expect(decodeUnverified(encodeModel(model))).toEqual(model);
      }),
      { numRuns: 200 },
    );
  });
});
