// The tests that mutants are held to: those beside the files that are mutated, and no others.
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { keptWorker } from "./kept-worker.mjs";

/** Stryker asks for Vitest's threads; projects are set up after that. */
const keepWorker = {
  name: "kept-worker",
  configureVitest({ project }) {
    project.config.pool = keptWorker.name;
    project.config.poolRunner = keptWorker;
  },
};

export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)),
  plugins: [keepWorker],
  test: {
    // Counting which mutants a test reaches slows it down.
    testTimeout: 600_000,
    isolate: false,
    include: [
      "packages/autodiff/src/**/*.test.ts",
      "packages/core/src/{evaluate,heads,outliers}/**/*.test.ts",
    ],
    // Tests built code, which has no mutants.
    exclude: ["packages/autodiff/src/conformance.test.ts"],
    setupFiles: ["packages/core/test/seeds.ts"],
  },
});
