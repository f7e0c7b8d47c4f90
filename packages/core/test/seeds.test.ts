import { fc as vitestCheck } from "@fast-check/vitest";
import fc from "fast-check";
import { expect, it } from "vitest";
import config from "../../../vitest.config.js";

it("every project of tests sets the seed of property tests", () => {
  const projects = config.test?.projects ?? [];
  expect(projects.length).toBeGreaterThan(1);
  for (const project of projects) {
    expect(project).toMatchObject({
      test: { setupFiles: expect.arrayContaining(["packages/core/test/seeds.ts"]) },
    });
  }
});

it("the seed of properties is the committed one, or that of ENGRAFT_TEST_SEED", () => {
  const seed = Number(process.env.ENGRAFT_TEST_SEED ?? 20261130);
  expect(fc.readConfigureGlobal().seed).toBe(seed);
  expect(vitestCheck.readConfigureGlobal().seed).toBe(seed);
  expect(fc.sample(fc.nat(), 4)).toEqual(fc.sample(fc.nat(), 4));
});
