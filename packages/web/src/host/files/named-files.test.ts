import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { KeptFiles } from "../storage/kept-files.js";
import { memoryFiles } from "../storage/memory-files.js";
import { prepareNamed, readNamed } from "./named-files.js";

/** Locks as a browser has them: who asks waits for those before. */
function browserLocks(): Pick<LockManager, "request"> {
  const last = new Map<string, Promise<unknown>>();
  const request = (name: string, work: () => Promise<unknown>): Promise<unknown> => {
    const run = (last.get(name) ?? Promise.resolve()).then(work);
    last.set(
      name,
      run.catch(() => {}),
    );
    return run;
  };
  return { request: request as LockManager["request"] };
}

/** Files as in OPFS: a file that is being written cannot be opened to write it. */
function exclusiveFiles(): KeptFiles {
  const files = memoryFiles();
  const open = new Set<string>();
  return {
    ...files,
    async write(path, bytes) {
      if (open.has(path)) throw new DOMException("it is open", "NoModificationAllowedError");
      open.add(path);
      await Promise.resolve();
      await files.write(path, bytes);
      open.delete(path);
    },
  };
}

beforeEach(() => vi.stubGlobal("navigator", { locks: browserLocks() }));
afterEach(() => void vi.unstubAllGlobals());

it("two versions that are written at once under one name end as one of them, whole", async () => {
  const kept = exclusiveFiles();
  const write = async (byte: number): Promise<void> => {
    const file = await prepareNamed("model", "a model", () => true, kept);
    await file.write(new Uint8Array(4).fill(byte));
  };
  await write(1);
  await Promise.all([write(2), write(3)]);
  expect(await readNamed("model", kept)).toEqual(new Uint8Array(4).fill(3));
  // The version and its mark: nothing is left of those before it.
  expect(await kept.list("files/model")).toHaveLength(2);
});
