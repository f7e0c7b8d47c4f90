import { availableParallelism, totalmem } from "node:os";
import { version } from "../../version.js";
import { platformName } from "../runtime/runtime-missing.js";
import type { Check } from "./check.js";
import { checkBase, installedBases } from "./check-base.js";
import { checkCache } from "./check-cache.js";
import { checkImages } from "./check-images.js";
import { checkRuntime } from "./check-runtime.js";

/** What was found of an installation. */
export interface Diagnosis {
  /** Whether everything that is needed works. */
  readonly ok: boolean;
  readonly checks: readonly Check[];
}

/** The oldest Node that Engraft supports. */
const OLDEST_NODE = [20, 19] as const;

/** Checks what Engraft needs of a computer, by using each part once. Nothing is downloaded. */
export async function diagnose(): Promise<Diagnosis> {
  const checks: Check[] = [
    { name: "engraft", status: "ok", found: version, details: { version } },
    checkNode(process.versions.node),
    checkMachine(),
    ...(await checkRuntime()),
    await checkImages(),
    await checkCache(),
  ];
  // One after the other: a base is read whole.
  for (const id of installedBases()) checks.push(await checkBase(id));
  return { ok: checks.every(({ status }) => status !== "error"), checks };
}

/** @param node - The version of Node, as `20.19.0`. */
export function checkNode(node: string): Check {
  const [major = 0, minor = 0] = node.split(".").map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_NODE;
  const isSupported = major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
  const { deno, bun } = process.versions;
  const program = deno ? `Deno ${deno}, as Node` : bun ? `Bun ${bun}, as Node` : "Node";
  return {
    name: "node",
    status: isSupported ? "ok" : "error",
    found: `${program} ${node}`,
    fix: isSupported ? undefined : `Install Node ${OLDEST_NODE.join(".")} or newer.`,
    details: { version: node, program: process.execPath },
  };
}

function checkMachine(): Check {
  const threads = availableParallelism();
  const memory = totalmem();
  const gigabytes = (memory / 1e9).toFixed(1);
  const platform = platformName();
  return {
    name: "platform",
    status: "ok",
    found: `${platform}, ${threads} ${threads === 1 ? "thread" : "threads"}, ${gigabytes} GB of memory`,
    details: { platform, threads, memory },
  };
}
