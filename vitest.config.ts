import { defaultServerConditions } from "vite";
import { defineConfig } from "vitest/config";

/** Whole runs that are killed, servers under way, pages and exports: what `npm test` has no time for. */
const SLOW = "packages/engraft/test/slow/*.test.ts";
const SEEDS = "packages/core/test/seeds.ts";
const SETUP = [SEEDS, "packages/engraft/test/setup.ts"];

export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: "forks",
    // One for each core; by default one core is left to the terminal, which halves the speed of two.
    maxWorkers: "100%",
    // The packages keep no state in their modules: to load them anew for each file takes half as long
    // as the tests.
    isolate: false,
    projects: [
      {
        extends: true,
        // Packages are tested as source, one copy of each, whichever package a test is in.
        ssr: { resolve: { conditions: ["@engraft/source", ...defaultServerConditions] } },
        resolve: { conditions: ["@engraft/source"] },
        test: {
          name: "engine",
          include: [
            "packages/{onnx,autodiff,core,data,tasks,report,client}/**/*.test.ts",
            "models/test/**/*.test.ts",
            "scripts/**/*.test.mjs",
          ],
          setupFiles: [SEEDS],
        },
      },
      {
        extends: true,
        test: {
          name: "engraft",
          include: ["packages/engraft/**/*.test.ts"],
          exclude: [SLOW],
          setupFiles: SETUP,
        },
      },
      { extends: true, test: { name: "slow", include: [SLOW], setupFiles: SETUP } },
    ],
  },
});
