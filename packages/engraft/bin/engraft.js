#!/usr/bin/env node
import module from "node:module";

// Keeps what is compiled for the next start; Node 20 cannot.
module.enableCompileCache?.();

const words = process.argv.slice(2);
// The thread that a prediction runs on starts while the code of the command line loads.
const isPrediction = words[0] === "predict" && !words.includes("--help") && !words.includes("-h");
const threads = isPrediction ? await import("../dist/host/workers/compute-threads.js") : undefined;
threads?.startComputeWorkerAhead();
const { main } = await import("../dist/cli/main.js");
process.exitCode = await main(words);
await threads?.endComputeWorkerAhead();
