import { getEnvironmentData, isMainThread, setEnvironmentData } from "node:worker_threads";

/** Things that are done by one thread of a process only, by their place in the shared memory. */
const THINGS = ["slow-runtime"] as const;

const KEY = "engraft/once-per-process";

/** Threads get it when they start, so it has to be there before. */
if (isMainThread && getEnvironmentData(KEY) === undefined) {
  setEnvironmentData(KEY, new Int32Array(new SharedArrayBuffer(4 * THINGS.length)));
}

/** Whether this is the first call in the whole process, over all of its threads. */
export function oncePerProcess(thing: (typeof THINGS)[number]): boolean {
  const done = getEnvironmentData(KEY) as unknown;
  // A thread of a program that loads Engraft in this thread alone.
  if (!(done instanceof Int32Array)) return true;
  return Atomics.exchange(done, THINGS.indexOf(thing), 1) === 0;
}
