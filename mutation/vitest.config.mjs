// The tests that mutants are held to: those beside the files that are mutated, and those of the heads
// that core writes and tasks reads.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { endWorker, keptWorker } from "./kept-worker.mjs";

const ROOT = new URL("..", import.meta.url);

/** Packages by their source in the copy that has the mutants; node_modules leads to the original. */
const alias = ["onnx", "autodiff", "core", "tasks"].flatMap((name) => {
  const folder = new URL(`packages/${name}/`, ROOT);
  const { exports } = JSON.parse(readFileSync(new URL("package.json", folder), "utf8"));
  return Object.entries(exports).flatMap(([entry, { "@engraft/source": source }]) =>
    source === undefined
      ? []
      : [
          {
            find: new RegExp(`^@engraft/${name}${entry.slice(1)}$`),
            replacement: fileURLToPath(new URL(source, folder)),
          },
        ],
  );
});

/** Stryker asks for Vitest's threads; projects are set up after that. */
const keepWorker = {
  name: "kept-worker",
  configureVitest({ vitest, project }) {
    vitest.onClose(endWorker);
    project.config.pool = keptWorker.name;
    project.config.poolRunner = keptWorker;
  },
};

export default defineConfig({
  root: fileURLToPath(ROOT),
  resolve: { alias },
  plugins: [keepWorker],
  test: {
    // Counting which mutants a test reaches slows it down.
    testTimeout: 600_000,
    isolate: false,
    include: [
      "packages/autodiff/src/**/*.test.ts",
      "packages/core/src/{evaluate,heads,outliers}/**/*.test.ts",
      "packages/tasks/src/format/{read-head,stacked-head}.test.ts",
    ],
    // Tests built code, which has no mutants.
    exclude: ["packages/autodiff/src/conformance.test.ts", "**/learning-curve-trust.test.ts"],
    setupFiles: ["packages/core/test/seeds.ts", "mutation/fewer-runs.mjs"],
  },
});
