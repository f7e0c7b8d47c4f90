import type { RunOptions } from "@engraft/tasks/predict";
import type { Interruption } from "../terminal/interruption.js";
import type { Terminal } from "../terminal/terminal.js";

/** How long work is watched and stopped from a terminal. What is computed until then is kept. */
export function runOf(interruption: Interruption, terminal: Terminal): RunOptions {
  return {
    signal: interruption.signal,
    onProgress: interruption.keeping(terminal.progress),
    onWarning: terminal.warn,
  };
}
