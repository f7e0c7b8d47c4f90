import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { loadTask } from "engraft";
import { describe, expect, it } from "vitest";
import {
  engraft,
  finished,
  mails,
  ownProgram,
  start,
  toCsv,
  writeFiles,
  writeMails,
} from "../support.js";

/** Enough texts that reading their layers takes a while. */
const many = toCsv(
  Array.from({ length: 160 }, (_, n) => {
    const [text, label] = mails[n % 24]!;
    const [other] = mails[(7 * n) % 24]!;
    return [`${text} ${other} ${n} `.repeat(1 + (n % 4)), label] as const;
  }),
);

async function itemsIn(folder: string): Promise<number> {
  const { stdout } = await engraft(["cache", "--json"], { env: { ENGRAFT_CACHE: folder } });
  const { sets } = JSON.parse(stdout) as { sets: { items: number }[] };
  return sets.reduce((sum, { items }) => sum + items, 0);
}

/** Waits until a process has begun to fill a cache, or has ended. */
async function untilCaching(folder: string, ended: () => boolean): Promise<void> {
  const hasShard = async () => {
    const names = await readdir(folder, { recursive: true }).catch(() => []);
    return names.some((name) => name.endsWith(".shard"));
  };
  while (!ended() && !(await hasShard())) await pause(10);
}

describe("kill -9 in the middle of train", () => {
  it("while layers are read leaves no task, and a cache that the next run goes on with", async () => {
    const folder = await writeFiles({ "mails.csv": many });
    const data = join(folder, "mails.csv");
    const env = { ENGRAFT_CACHE: join(folder, "cache") };
    const child = start(["train", data, "--views", "last"], { env });
    const end = finished(child);
    await untilCaching(env.ENGRAFT_CACHE, () => child.exitCode !== null);
    child.kill("SIGKILL");
    expect((await end).code).toBeNull();
    expect(existsSync(join(folder, "mails.engraft"))).toBe(false);
    // On a busy machine all layers may have been read by then.
    expect(await itemsIn(env.ENGRAFT_CACHE)).toBeLessThanOrEqual(160);

    const next = await engraft(["train", data, "--views", "last", "--json"], { env });
    expect(next).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(next.stdout).n).toBe(160);
    await (await loadTask(join(folder, "mails.engraft"))).close();
  });

  it("at any moment leaves either no task or a whole one", async () => {
    const folder = await writeMails();
    const data = join(folder, "mails.csv");
    const outputs = await mkdtemp(join(folder, "tasks-"));
    const startedAt = Date.now();
    await engraft(["train", data, "-o", join(outputs, "whole"), "--views", "last"]);
    const whole = Date.now() - startedAt;
    let cut = 0;
    for (const share of [0.3, 0.8, 0.95]) {
      const output = join(outputs, `at ${share}`);
      const child = start(["train", data, "-o", output, "--views", "last"]);
      const end = finished(child);
      await Promise.race([pause(share * whole), once(child, "exit")]);
      child.kill("SIGKILL");
      await end;
      if (existsSync(output)) await (await loadTask(output)).close();
      else cut += 1;
    }
    expect(cut).toBeGreaterThan(0);
    // What is left of a write that was cut off is hidden, and so never taken for a task or for data.
    const visible = (await readdir(outputs)).filter((name) => !name.startsWith("."));
    expect(visible).toHaveLength(1 + 3 - cut);
  });
});

describe.skipIf(process.platform === "win32")("a signal", () => {
  it("ends train with exit code 130 and a message, and keeps what was computed", async () => {
    const folder = await writeFiles({ "mails.csv": many });
    const env = { ENGRAFT_CACHE: join(folder, "cache") };
    const child = start(["train", join(folder, "mails.csv")], { env });
    const end = finished(child);
    await untilCaching(env.ENGRAFT_CACHE, () => child.exitCode !== null);
    child.kill("SIGINT");
    expect(await end).toEqual({
      code: 130,
      stdout: "",
      stderr: "Interrupted. What was computed is kept; run the same command to go on.\n",
    });
    expect(existsSync(join(folder, "mails.engraft"))).toBe(false);
    const kept = await itemsIn(env.ENGRAFT_CACHE);
    expect(kept).toBeGreaterThan(0);
    expect(kept).toBeLessThanOrEqual(160);
  });

  it("that is SIGTERM has an exit code of its own", async () => {
    const folder = await writeFiles({ "mails.csv": many });
    const env = { ENGRAFT_CACHE: join(folder, "cache") };
    const child = start(["train", join(folder, "mails.csv")], { env });
    const end = finished(child);
    await untilCaching(env.ENGRAFT_CACHE, () => child.exitCode !== null);
    child.kill("SIGTERM");
    expect(await end).toMatchObject({ code: 143, stderr: expect.stringMatching(/^Interrupted\./) });
  });

  it("ends predict while it waits for a line", async () => {
    const folder = await writeMails();
    const task = join(folder, "mails.engraft");
    await engraft(["train", join(folder, "mails.csv"), "--views", "last"]);
    const child = start(["predict", task]);
    const end = finished(child);
    // Enough lines for some answers; what comes after them never comes.
    child.stdin.write("hello\n".repeat(600));
    await once(child.stdout, "data");
    child.kill("SIGINT");
    // There is nothing to keep: the operating system ends it.
    expect(await end).toMatchObject({ code: null, stderr: "" });
    expect(child.signalCode).toBe("SIGINT");
  });
});

describe.skipIf(!existsSync("/dev/full"))("a full disk behind stdout", () => {
  it.each([[["--version"]], [["inspect", "minilm-l6"]], [["completion", "bash"]]])(
    "is a message, not a stack trace: %j",
    async (parameters) => {
      const command = [process.execPath, ownProgram, ...parameters].map((word) => `'${word}'`);
      const child = spawn("sh", ["-c", `${command.join(" ")} > /dev/full`]);
      expect(await finished(child)).toEqual({
        code: 1,
        stdout: "",
        stderr:
          "error: Standard output cannot be written: the disk is full. Free some space, or name another place.\n",
      });
    },
  );
});

it("two processes that share a cache both finish, with the same task", async () => {
  const folder = await writeMails();
  const data = join(folder, "mails.csv");
  const env = { ENGRAFT_CACHE: join(folder, "shared") };
  const names = ["one", "two"];
  const ends = await Promise.all(
    names.map((name) =>
      engraft(["train", data, "-o", join(folder, name), "--views", "last", "--quiet"], { env }),
    ),
  );
  for (const end of ends) expect(end).toMatchObject({ code: 0, stderr: "" });
  const [one, two] = await Promise.all(names.map((name) => loadTask(join(folder, name))));
  expect(one!.manifest.files).toEqual(two!.manifest.files);
  await Promise.all([one!.close(), two!.close()]);
  expect(await itemsIn(env.ENGRAFT_CACHE)).toBeGreaterThanOrEqual(24);
});

it("a cache that cannot be written is a warning, and the task is made", async () => {
  const folder = await writeMails();
  const taken = join(await writeFiles({ taken: "a file" }), "taken");
  const { code, stderr } = await engraft(["train", join(folder, "mails.csv"), "--views", "last"], {
    env: { ENGRAFT_CACHE: taken },
  });
  expect(code).toBe(0);
  expect(stderr).toMatch(/^warning: The feature cache in .* cannot be written/);
  expect(stderr.match(/warning/g)).toHaveLength(1);
  expect(existsSync(join(folder, "mails.engraft/task.json"))).toBe(true);
});
