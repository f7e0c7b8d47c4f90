import * as node from "engraft";
import { expect, expectTypeOf, it } from "vitest";
import * as extension from "../src/extension.js";
import * as web from "../src/server-side.js";
import * as worker from "../src/worker.js";

/** What only one of two lists has. */
function difference(
  ours: Iterable<string>,
  theirs: Iterable<string>,
): { readonly missing: string[]; readonly more: string[] } {
  const [a, b] = [new Set(ours), new Set(theirs)];
  return {
    missing: [...b].filter((name) => !a.has(name)).sort(),
    more: [...a].filter((name) => !b.has(name)).sort(),
  };
}

/** The members of a class, without those that are not public. */
function membersOf(
  { prototype }: { readonly prototype: object },
  internal: string[] = [],
): string[] {
  const names = Object.getOwnPropertyNames(prototype);
  return names.filter((name) => name !== "constructor" && !internal.includes(name));
}

it("a page has the names of the package engraft, but for what docs/guides/browser.md says", () => {
  expect(difference(Object.keys(web), Object.keys(node))).toEqual({
    missing: ["RuntimeMissingError", "differentiateFile", "readInputs"],
    more: ["TrainingStep", "workOffline"],
  });
});

it("a worker of one's own has them, too, where they are no functions of a default instance", () => {
  expect(difference(Object.keys(worker), Object.keys(node))).toEqual({
    missing: [
      "RuntimeMissingError",
      "applyCorrections",
      "compileTrainingStep",
      "differentiateFile",
      "evaluate",
      "findLearningRate",
      "fit",
      "inspect",
      "loadModel",
      "loadTask",
      "openModel",
      "predict",
      "saveModel",
      "selectBase",
      "suggest",
      "train",
    ],
    more: [],
  });
});

it("a service worker of an extension has the names of a worker of one's own", () => {
  expect(difference(Object.keys(extension), Object.keys(worker))).toEqual({
    missing: [],
    more: [],
  });
});

it("classes of a page have the members that they have in Node, but for some", () => {
  const pairs = [
    ["Engraft", membersOf(web.Engraft), membersOf(node.Engraft)],
    ["Task", membersOf(web.Task), membersOf(node.Task)],
    ["Layer", membersOf(web.Layer), membersOf(node.Layer)],
    ["Weight", membersOf(web.Weight), membersOf(node.Weight)],
    ["OpenModel", membersOf(web.OpenModel), membersOf(node.OpenModel)],
  ] as const;
  const found = pairs.map(([name, ours, theirs]) => [name, difference(ours, theirs)]);
  expect(Object.fromEntries(found)).toEqual({
    Engraft: {
      missing: [],
      more: [
        "applyCorrections",
        "info",
        "inspect",
        "persist",
        "readDataset",
        "sequential",
        "storage",
      ],
    },
    Task: { missing: [], more: ["predictFrames"] },
    Layer: { missing: [], more: [] },
    Weight: { missing: [], more: [] },
    OpenModel: { missing: [], more: [] },
  });
});

it("layers of a page are those of Node, and take what those take", () => {
  expect(Object.keys(web.layers).sort()).toEqual(Object.keys(node.layers).sort());
  expectTypeOf<Parameters<typeof web.layers.dense>>().toEqualTypeOf<
    Parameters<typeof node.layers.dense>
  >();
  expectTypeOf<Parameters<typeof web.layers.conv2d>>().toEqualTypeOf<
    Parameters<typeof node.layers.conv2d>
  >();
});

it("options of a page are those of Node without places", () => {
  type Node = NonNullable<Parameters<typeof node.fit>[2]>;
  type Places = "imageFolder" | "logs";
  expectTypeOf<keyof web.WebFitOptions>().toEqualTypeOf<Exclude<keyof Node, Places>>();
  expectTypeOf<Awaited<ReturnType<typeof web.fit>>>().toEqualTypeOf<
    Awaited<ReturnType<typeof node.fit>>
  >();
  expectTypeOf<Awaited<ReturnType<typeof web.readDataset>>>().toEqualTypeOf<
    Awaited<ReturnType<typeof node.readDataset>>
  >();
  expectTypeOf<Awaited<ReturnType<typeof web.inspect>>>().toEqualTypeOf<
    Awaited<ReturnType<typeof node.inspect>>
  >();
  expectTypeOf<Awaited<ReturnType<typeof web.predict>>>().toEqualTypeOf<
    Awaited<ReturnType<typeof node.predict>>
  >();
  // A function of the user cannot cross to the worker.
  expectTypeOf<Parameters<typeof web.loadModel>[1]>().not.toExtend<
    Parameters<typeof node.loadModel>[1]
  >();
});
