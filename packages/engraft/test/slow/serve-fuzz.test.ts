import { once } from "node:events";
import { cp, rename, rm } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { fc, test } from "@fast-check/vitest";
import { serve } from "engraft/server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunningServer } from "../../dist/http/serve.js";
import { asks, copyTask, predictAlone, trainImageTask, trainTextTasks } from "../serve-support.js";
import { drawImage, mails, start } from "../support.js";

const LIMIT = 1_000_000;
const texts = mails.slice(0, 2).map(([text]) => text);

let tasks: { spam: string; lines: string };
let server: RunningServer;
let jpeg: Buffer;
const defects: string[] = [];

beforeAll(async () => {
  tasks = { ...(await trainTextTasks()), ...(await trainImageTask()) };
  jpeg = await drawImage("lie", 5);
  server = await serve([tasks.spam, tasks.lines], {
    port: 0,
    maxBody: LIMIT,
    maxImagePixels: 100_000,
    log: (line) => line.startsWith("internal") && defects.push(line),
  });
}, 240_000);

afterAll(() => server.close());

/** The server still answers as it should, and has met no defect of its own. */
async function expectWell(): Promise<void> {
  const { url, ...init } = { url: `${server.url}/v1/tasks/spam/predict`, method: "POST" };
  const body = JSON.stringify({ inputs: texts });
  const headers = { "content-type": "application/json" };
  const response = await fetch(url, { ...init, headers, body });
  expect(response.status).toBe(200);
  expect(defects).toEqual([]);
}

/** Expects 4xx with a problem document. */
async function expectRefused(response: Response): Promise<void> {
  expect(response.status).toBeGreaterThanOrEqual(400);
  expect(response.status).toBeLessThan(500);
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  const { status, code, detail } = (await response.json()) as Record<string, unknown>;
  expect({ status, code, detail }).toEqual({
    status: response.status,
    code: expect.any(String),
    detail: expect.any(String),
  });
}

/** One file of an upload, with whatever bytes. */
function upload(bytes: Uint8Array): Promise<Response> {
  const form = new FormData();
  form.append("inputs", new Blob([new Uint8Array(bytes)]), "image");
  return fetch(`${server.url}/v1/tasks/lines/predict`, { method: "POST", body: form });
}

describe("huge bodies", () => {
  it.each([
    ["with their length", true],
    ["in chunks without end", false],
  ])("of 100 MB of JSON %s are refused and not read", async (_, isSized) => {
    const size = 100_000_000;
    const { hostname, port } = new URL(server.url);
    const headers = {
      "content-type": "application/json",
      ...(isSized && { "content-length": size }),
    };
    const path = asks("spam", []).url as string;
    const request = httpRequest({ hostname, port, path, method: "POST", headers });
    const answered = once(request, "response");
    // The server may close the connection while more is being sent.
    request.on("error", () => {});
    const chunk = Buffer.alloc(100_000, "[");
    let sent = 0;
    const isOpen = () => sent < size && !request.destroyed && !request.writableEnded;
    void (async () => {
      for (; isOpen(); sent += chunk.length) {
        if (!request.write(chunk)) await Promise.race([once(request, "drain"), sleep(50)]);
      }
    })();
    const [response] = await answered;
    expect(response.statusCode).toBe(413);
    expect(response.headers["content-type"]).toBe("application/problem+json");
    request.destroy();
    expect(sent).toBeLessThan(size / 2);
    await expectWell();
  });
});

it("uploads that only say that they are large take no memory from others", async () => {
  const { hostname, port } = new URL(server.url);
  const path = asks("lines", []).url as string;
  const headers = { "content-type": "multipart/form-data; boundary=x", "content-length": LIMIT };
  // Each says that it will send all that is allowed, and sends nothing yet.
  const open = Array.from({ length: 40 }, () => {
    const request = httpRequest({ hostname, port, path, method: "POST", headers });
    request.on("error", () => {});
    request.flushHeaders();
    return request;
  });
  expect((await upload(jpeg)).status).toBe(200);
  for (const request of open) request.destroy();
});

describe("images that are none, or worse", () => {
  test.prop([fc.integer({ min: 0, max: 10_000 }), fc.uint8Array({ maxLength: 40 })], {
    numRuns: 40,
  })("damaged anywhere are predicted or refused", async (at, damage) => {
    const bytes = Buffer.from(jpeg);
    bytes.set(damage.subarray(0, bytes.length), at % Math.max(1, bytes.length - damage.length));
    const response = await upload(bytes);
    if (response.status !== 200) await expectRefused(response);
  });

  test.prop([fc.integer({ min: 0 })], { numRuns: 20 })("cut anywhere are refused", async (at) => {
    await expectRefused(await upload(jpeg.subarray(0, at % (jpeg.length - 2))));
  });

  it("of few bytes and many pixels are refused, in every format", async () => {
    const { default: sharp } = await import("sharp");
    for (const format of ["png", "webp", "gif", "tiff", "jpeg"] as const) {
      const background = "white";
      const image = sharp({ create: { width: 3000, height: 1000, channels: 3, background } });
      const options = format === "tiff" ? { compression: "lzw" as const } : {};
      const bomb = await image.toFormat(format, options).toBuffer();
      expect(bomb.length).toBeLessThan(LIMIT);
      await expectRefused(await upload(bomb));
    }
    await expectWell();
  });

  it("that are one line of pixels are predicted or refused in little time", async () => {
    const { default: sharp } = await import("sharp");
    for (const [width, height] of [
      [60_000, 1],
      [1, 60_000],
    ] as const) {
      const create = { width, height, channels: 3 as const, background: "red" };
      const response = await upload(await sharp({ create }).png().toBuffer());
      expect(response.status).toBe(200);
    }
  });
});

describe("what is no request", () => {
  const boundary = "x-boundary";
  const pieces = fc.oneof(
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
    fc
      .constantFrom(
        `--${boundary}\r\n`,
        `--${boundary}--\r\n`,
        "\r\n\r\n",
        'content-disposition: form-data; name="inputs"; filename="../../etc/passwd"\r\n',
        "content-type: image/png\r\n",
        "content-transfer-encoding: base64\r\n",
      )
      .map((text) => Buffer.from(text)),
  );

  test.prop([fc.array(pieces, { maxLength: 12 })], { numRuns: 60 })(
    "random bytes as an upload are refused",
    async (parts) => {
      const response = await fetch(`${server.url}/v1/tasks/lines/predict`, {
        method: "POST",
        headers: { "content-type": `multipart/form-data; boundary=${boundary}` },
        body: Buffer.concat(parts),
      });
      await expectRefused(response);
    },
  );

  /** Sends bytes, says that there are no more, and gives all that comes back. */
  async function send(bytes: Buffer): Promise<string> {
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    let answer = "";
    socket.setEncoding("latin1").on("data", (text: string) => {
      answer += text;
    });
    socket.on("error", () => {});
    socket.end(bytes);
    await once(socket, "close");
    return answer;
  }

  const headers = fc.array(
    fc.tuple(
      fc.oneof(
        fc.constantFrom(
          ...["content-type", "content-length", "transfer-encoding", "authorization"],
          ...["expect", "upgrade", "connection", "content-encoding", "accept", "range"],
        ),
        fc.string({ unit: "binary", maxLength: 12 }),
      ),
      fc.oneof(
        fc.constantFrom("chunked", "gzip", "100-continue", "-1", "1e9", "application/json", "*/*"),
        fc.string({ unit: "binary", maxLength: 20 }),
      ),
    ),
    { maxLength: 6 },
  );

  test.prop([headers, fc.uint8Array({ maxLength: 50 })], { numRuns: 100 })(
    "random headers are answered, refused, or the connection is closed",
    async (pairs, body) => {
      const lines = pairs.map(([name, value]) => `${name}: ${value}\r\n`).join("");
      const start = "POST /v1/tasks/spam/predict HTTP/1.1\r\nhost: x\r\nconnection: close\r\n";
      const answer = await send(Buffer.concat([Buffer.from(`${start}${lines}\r\n`), body]));
      const statuses = [...answer.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, code]) => Number(code));
      for (const status of statuses) {
        expect(status === 100 || (status >= 400 && status < 500)).toBe(true);
      }
    },
  );

  it("compressed bodies are refused: they are not unpacked", async () => {
    const { gzipSync } = await import("node:zlib");
    const response = await fetch(`${server.url}/v1/tasks/spam/predict`, {
      method: "POST",
      headers: { "content-type": "application/json", "content-encoding": "gzip" },
      body: gzipSync(JSON.stringify({ inputs: ["x".repeat(10_000_000)] })),
    });
    await expectRefused(response);
  });

  it("the server is as well as before", expectWell);
});

describe("kill -9", () => {
  /** Starts a server and waits until it says that it listens. */
  async function startServer(path: string) {
    const child = start(["serve", path, "--port", "0"]);
    const ended = once(child, "close");
    const url = await new Promise<string>((resolve, reject) => {
      let said = "";
      child.stderr.on("data", (chunk: string) => {
        said += chunk;
        const [found] = /http:\/\/127\.0\.0\.1:\d+/.exec(said) ?? [];
        if (found) resolve(found);
      });
      child.once("close", () => reject(new Error(said)));
    });
    return { url, child, ended };
  }

  async function ask(url: string): Promise<unknown> {
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ inputs: texts });
    const response = await fetch(`${url}/v1/predict`, { method: "POST", headers, body });
    return ((await response.json()) as { tasks: { predictions: unknown }[] }).tasks[0]!.predictions;
  }

  it("of whoever writes a task, or of a server that loads it, leaves one that serves", async () => {
    const path = await copyTask(tasks.spam, "mine.engraft");
    const expected = await predictAlone(path, texts);
    const first = await startServer(path);
    expect(await ask(first.url)).toEqual(expected);
    // A writer that was killed leaves a part of the new folder beside the old one.
    await cp(path, `${path}.tmp`, { recursive: true });
    await rm(`${path}.tmp/head.onnx`);
    await sleep(1200);
    expect(await ask(first.url)).toEqual(expected);
    // The server is killed while it looks at a folder that has just come.
    await cp(path, `${path}.next`, { recursive: true });
    await rename(path, `${path}.old`);
    await rename(`${path}.next`, path);
    await sleep(1000);
    first.child.kill("SIGKILL");
    await first.ended;
    const second = await startServer(path);
    expect(await ask(second.url)).toEqual(expected);
    second.child.kill("SIGTERM");
    expect(await second.ended).toEqual([0, null]);
  }, 60_000);
});
