import { readFileSync } from "node:fs";
import { createClient } from "@engraft/client";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { trainImageTask } from "../serve-support.js";
import { drawImage, finished, start } from "../support.js";

/** A PNG of one grey. */
async function grey(width: number, height: number): Promise<Blob> {
  const create = { width, height, channels: 3, background: "#555555" } as const;
  const file = await sharp({ create, limitInputPixels: false }).png({ palette: true }).toBuffer();
  return new Blob([new Uint8Array(file)]);
}

/** Megabytes of memory of a process by a line of its status. */
function megabytes(pid: number, line: string): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(new RegExp(`^${line}:\\s+(\\d+)`, "m").exec(status)?.[1]) / 1024;
}

/** `engraft serve` in a process of its own, and the address that it listens on. */
async function serveHere(parameters: readonly string[]) {
  const child = start(["serve", ...parameters, "--port", "0"]);
  const end = finished(child);
  const url = await new Promise<string>((resolve) => {
    let notes = "";
    child.stderr.on("data", (chunk: string) => {
      notes += chunk;
      const [found] = /http:\/\/127\.0\.0\.1:\d+/.exec(notes) ?? [];
      if (found !== undefined) resolve(found);
    });
  });
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    await end;
  };
  return { url, pid: child.pid!, stop };
}

describe.runIf(process.platform === "linux")("images of few bytes and many pixels", () => {
  it("take no more memory than they may, and keep nobody from being answered", async () => {
    const { lines } = await trainImageTask();
    const server = await serveHere([lines, "--max-image-memory", "130"]);
    const client = createClient({ url: server.url });
    const small = await drawImage("lie", 1);
    const [before] = await client.predict("lines", [small]);
    const resident = megabytes(server.pid, "VmRSS");

    const large = await grey(5000, 5000);
    const controller = new AbortController();
    let underWay = 3;
    const loads = Array.from({ length: underWay }, (_, n) =>
      client
        .predict(
          "lines",
          Array.from({ length: 16 * (n + 1) }, () => large),
          {
            signal: controller.signal,
          },
        )
        .catch(() => {})
        .finally(() => {
          underWay -= 1;
        }),
    );
    for (let count = 0; count < 5; count++) {
      expect(await client.predict("lines", [small])).toEqual([before]);
      expect(underWay).toBe(3);
    }
    controller.abort();
    await Promise.all(loads);
    // What was abandoned is not decoded any more: the next image is answered at once.
    expect(await client.predict("lines", [small])).toEqual([before]);
    // The images, and as much again of what the collector has not taken away yet.
    expect(megabytes(server.pid, "VmHWM") - resident).toBeLessThan(2 * 130);
    await server.stop();
  });

  it("are refused by their head where a side is huge, or they take more than there is", async () => {
    const { lines } = await trainImageTask();
    const server = await serveHere([lines, "--max-image-memory", "64"]);
    const client = createClient({ url: server.url });
    for (const [width, height, reason] of [
      [200_000, 100, "a side may have 65535"],
      [5000, 5000, "MB to decode"],
    ] as const) {
      const asking = client.predict("lines", [await grey(width, height)]);
      await expect(asking).rejects.toMatchObject({
        code: "input/unreadable",
        errors: [{ where: "inputs.0", what: expect.stringContaining(reason) }],
      });
    }
    await server.stop();
  });
});
