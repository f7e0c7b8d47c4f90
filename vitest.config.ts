import { defaultServerConditions } from "vite";
import { defineConfig } from "vitest/config";
import { chromium, LEFT_OUT } from "./scripts/web/chromium.mjs";

/** Whole runs that are killed, servers under way, pages and exports: what `npm test` has no time for. */
const SLOW = "packages/engraft/test/slow/*.test.ts";
/** Whole trainings of the packages that are tested as source. */
const SLOW_SOURCE = "packages/{onnx,autodiff,core,data,tasks,report,client}/**/*.slow.test.ts";
/** What runs in Chromium. */
const BROWSER = "packages/web/test/browser/*.test.ts";
const SLOW_BROWSER = "packages/web/test/browser/*.slow.test.ts";
const BUNDLE = ["packages/web/test/browser/bundle.ts"];
const SEEDS = "packages/core/test/seeds.ts";
const SETUP = [SEEDS, "packages/engraft/test/setup.ts"];

/** Packages are tested as source, one copy of each, whichever package a test is in. */
const AS_SOURCE = {
  ssr: { resolve: { conditions: ["@engraft/source", ...defaultServerConditions] } },
  resolve: { conditions: ["@engraft/source"] },
};

if (chromium === undefined) console.warn(LEFT_OUT);

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
        ...AS_SOURCE,
        test: {
          name: "engine",
          include: [
            "packages/{onnx,autodiff,core,data,tasks,report,client,web}/**/*.test.ts",
            "models/test/**/*.test.ts",
            "scripts/**/*.test.mjs",
          ],
          exclude: [SLOW_SOURCE, BROWSER],
          setupFiles: [SEEDS],
        },
      },
      {
        extends: true,
        ...AS_SOURCE,
        test: { name: "engine-slow", include: [SLOW_SOURCE], setupFiles: [SEEDS] },
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
      ...(chromium === undefined
        ? []
        : [
            {
              extends: true as const,
              test: {
                name: "browser",
                include: [BROWSER],
                exclude: [SLOW_BROWSER],
                setupFiles: [SEEDS],
                globalSetup: BUNDLE,
              },
            },
            {
              extends: true as const,
              test: {
                name: "browser-slow",
                include: [SLOW_BROWSER],
                setupFiles: [SEEDS],
                globalSetup: BUNDLE,
              },
            },
          ]),
    ],
  },
});
