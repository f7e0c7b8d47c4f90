import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Check } from "../src/host/doctor/check.js";
import { checkNode } from "../src/host/doctor/diagnose.js";
import { cache, engraftHere, writeFiles } from "./support.js";

async function doctor(): Promise<{ code: number | null; ok: boolean; checks: Check[] }> {
  const { code, stdout, stderr } = await engraftHere(["doctor", "--json"]);
  expect(stderr).toBe("");
  return { code, ...JSON.parse(stdout) };
}

const named = (checks: readonly Check[], name: string) =>
  checks.find((check) => check.name === name);

afterEach(() => {
  vi.unstubAllEnvs();
  process.exitCode = undefined;
});

describe("engraft doctor", () => {
  it("finds that all parts work, and says which they are", async () => {
    const { code, ok, checks } = await doctor();
    expect({ code, ok }).toEqual({ code: 0, ok: true });
    expect(checks.map(({ name, status }) => `${name} ${status}`)).toEqual([
      "engraft ok",
      "node ok",
      "platform ok",
      "runtime ok",
      "devices ok",
      "images ok",
      "cache ok",
      "base minilm-l6 ok",
      "base minilm-l6-int8 ok",
      "base efficientnet-lite0 ok",
      "base efficientnet-lite0-int8 ok",
    ]);
    expect(named(checks, "runtime")?.details).toEqual({
      kind: "native",
      package: "onnxruntime-node",
      version: "1.30.0",
    });
    expect(named(checks, "cache")?.details).toMatchObject({ folder: cache });
  });

  it("fails with what is wrong and how to mend it where something needed does not work", async () => {
    const folder = await writeFiles({ file: "" });
    vi.stubEnv("ENGRAFT_CACHE", join(folder, "file"));
    vi.stubEnv("ENGRAFT_RUNTIME", "cuda");
    const { code, ok, checks } = await doctor();
    expect({ code, ok }).toEqual({ code: 1, ok: false });
    expect(named(checks, "runtime")).toMatchObject({
      status: "error",
      found: expect.stringMatching(/^ENGRAFT_RUNTIME is "cuda"/),
    });
    expect(named(checks, "devices")).toBeUndefined();
    expect(named(checks, "cache")).toMatchObject({
      status: "error",
      fix: "Set ENGRAFT_CACHE to a folder that can be written.",
    });
  });

  it("prints a table, and below it what to do", async () => {
    vi.stubEnv("ENGRAFT_RUNTIME", "cuda");
    const { stdout } = await engraftHere(["doctor"]);
    expect(stdout).toMatch(/^check +status +found\nengraft +ok +\d/);
    expect(stdout).toMatch(/\n\nruntime, error: .+\n/);
  });

  it("makes the cache folder, and leaves nothing in it", async () => {
    const folder = join(await writeFiles({}), "new");
    vi.stubEnv("ENGRAFT_CACHE", folder);
    const { checks } = await doctor();
    expect(named(checks, "cache")?.status).toBe("ok");
    expect(await readdir(folder)).toEqual([]);
  });
});

describe("checkNode", () => {
  it("accepts 20.19 and newer, and nothing older", () => {
    expect(checkNode("20.19.0").status).toBe("ok");
    expect(checkNode("26.10.0").status).toBe("ok");
    expect(checkNode("20.18.3")).toMatchObject({
      status: "error",
      fix: "Install Node 20.19 or newer.",
    });
    expect(checkNode("18.20.0").status).toBe("error");
  });
});
