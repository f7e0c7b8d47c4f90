// Mutation tests: changes one expression after another and says which change no test notices.
//   npm run mutation                                                   all rooms
//   npm run mutation -- --mutate "packages/core/src/evaluate/**/*.ts"  one of them
// docs/internals/testing.md has the score, what is left out, and the mutants that change nothing.

/** The rooms whose numbers nothing else checks. */
const ROOMS = [
  "packages/autodiff/src/rules",
  "packages/core/src/evaluate",
  "packages/core/src/heads",
  "packages/core/src/outliers",
];

/** @type {import("@stryker-mutator/api/core").PartialStrykerOptions} */
export default {
  mutate: ROOMS.flatMap((room) => [`${room}/**/*.ts`, `!${room}/**/*.test.ts`]),
  plugins: ["@stryker-mutator/vitest-runner", "./mutation/left-out.mjs"],
  testRunner: "vitest",
  vitest: { configFile: "mutation/vitest.config.mjs", related: false },
  coverageAnalysis: "perTest",
  // A worker that stays alive does not evaluate modules anew: see mutation/kept-worker.mjs.
  ignoreStatic: true,
  ignorers: ["error-messages", "loop-counters"],
  concurrency: 2,
  // The processors may be shared: what counts is whether a mutant ends.
  timeoutMS: 20_000,
  timeoutFactor: 2,
  dryRunTimeoutMinutes: 30,
  // The examples are in the tsconfig.json of the root.
  ignorePatterns: [
    "bench",
    "docs",
    "examples/dist",
    "fuzz",
    "models",
    "packages/*/dist",
    "reports",
  ],
  reporters: ["clear-text", "html", "json"],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
};
