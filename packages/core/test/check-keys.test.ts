import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const script = fileURLToPath(new URL("../../../scripts/check-keys.mjs", import.meta.url));
const fixture = fileURLToPath(new URL("fixtures/keys.ts", import.meta.url));

it("the check of keys finds every string that indexes a plain object, and nothing else", async () => {
  const marked = (await readFile(fixture, "utf8"))
    .split("\n")
    .flatMap((line, index) => (line.endsWith("// wrong") ? [index + 1] : []));
  const run = promisify(execFile)(process.execPath, [script, fixture]);
  const failure = await run.then(
    () => undefined,
    (error: { code: number; stderr: string }) => error,
  );
  expect(failure?.code).toBe(1);
  const lines = Array.from(failure!.stderr.matchAll(/keys\.ts:(\d+): /g), ([, line]) =>
    Number(line),
  );
  expect(lines).toEqual(marked);
});
