#!/usr/bin/env node
import module from "node:module";

// Keeps what is compiled for the next start; Node 20 cannot.
module.enableCompileCache?.();

const { main } = await import("../dist/cli/main.js");
process.exitCode = await main(process.argv.slice(2));
