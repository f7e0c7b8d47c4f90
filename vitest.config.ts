import { defineConfig } from "vitest/config";

const TIMEOUT = 60_000;

export default defineConfig({
  test: {
    pool: "forks",
    // One for each core; by default one core is left to the terminal, which halves the speed of two.
    maxWorkers: "100%",
    projects: [
      {
        test: {
          name: "engine",
          include: ["packages/{onnx,autodiff,core}/**/*.test.ts", "models/test/**/*.test.ts"],
          // These packages keep no state in their modules: to load them anew for each of 150 files
          // takes as long as the tests.
          isolate: false,
          testTimeout: TIMEOUT,
          hookTimeout: TIMEOUT,
        },
      },
      {
        test: {
          name: "engraft",
          include: ["packages/engraft/**/*.test.ts"],
          testTimeout: TIMEOUT,
          hookTimeout: TIMEOUT,
        },
      },
    ],
  },
});
