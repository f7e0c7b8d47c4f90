// A server in a process of its own, by the command line, and what can be seen of it from outside.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const CLI = fileURLToPath(new URL("../../packages/engraft/bin/engraft.js", import.meta.url));

/** Starts `engraft serve` with its defaults on a port that is free, and waits until it listens. */
export async function startServer(...tasks) {
  const child = spawn(process.execPath, [CLI, "serve", ...tasks, "--port", "0"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const closed = new Promise((resolve) => child.on("close", resolve));
  return { url: await listening(child), pid: child.pid, stop };

  async function stop() {
    child.kill("SIGTERM");
    await closed;
  }
}

/** The address that a server says it listens on; all else that it says is passed on. */
function listening(child) {
  return new Promise((resolve, reject) => {
    child.on("close", (code) => reject(new Error(`engraft serve ended with exit code ${code}.`)));
    createInterface(child.stderr).on("line", (line) => {
      const url = /^Listening on (http:\S+)\. /.exec(line)?.[1];
      if (url === undefined) console.error(line);
      else resolve(new URL(url));
    });
  });
}

/** Resident memory of a process, in units of 1,000,000 bytes. */
export function residentMegabytes(pid) {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return (Number(/VmRSS:\s+(\d+) kB/.exec(status)[1]) * 1024) / 1e6;
}

/** How many batches a server has run, the inputs in them, and the seconds that they took. */
export async function readBatches(url) {
  const text = await (await fetch(new URL("/metrics", url))).text();
  const value = (name) => Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1] ?? 0);
  return {
    batches: value("engraft_batch_inputs_count"),
    inputs: value("engraft_batch_inputs_sum"),
    seconds: value("engraft_batch_duration_seconds_sum"),
  };
}
