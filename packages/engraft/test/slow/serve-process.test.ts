import { once } from "node:events";
import { connect } from "node:net";
import { ClientError, createClient } from "@engraft/client";
import { serve } from "engraft/server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunningServer } from "../../dist/http/serve.js";
import { trainImageTask, trainTextTasks } from "../serve-support.js";
import { drawImage, engraftHere, finished, mails, start } from "../support.js";

const texts = mails.slice(0, 4).map(([text]) => text);

let tasks: { spam: string; mood: string; lines: string };
let server: RunningServer;

beforeAll(async () => {
  tasks = { ...(await trainTextTasks()), ...(await trainImageTask()) };
  server = await serve([tasks.spam, tasks.lines], { port: 0, token: "secret", timeout: 20_000 });
});

afterAll(() => server.close());

describe("the client", () => {
  const client = () => createClient({ url: server.url, token: "secret" });

  it("predicts texts and images", async () => {
    const spam = await client().predict("spam", texts);
    expect(spam.map(({ label }) => label)).toEqual(["spam", "ham", "spam", "ham"]);
    const files = [await drawImage("lie", 31), new Blob([await drawImage("stand", 32)])];
    const lines = await client().predict("lines", files);
    expect(lines.map(({ label }) => label)).toEqual(["横", "stehend"]);
    expect(await client().predictAll(texts)).toEqual([{ task: "spam", predictions: spam }]);
    expect(await client().predictAll(files)).toEqual([{ task: "lines", predictions: lines }]);
  });

  it("lists the tasks", async () => {
    const names = (await client().tasks()).map(({ name }) => name);
    expect(names).toEqual(["spam", "lines"]);
  });

  it("throws what the server refuses", async () => {
    const error = await client()
      .predict("../etc", texts)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ClientError);
    expect(error).toMatchObject({ code: "task/unknown", status: 404 });
    await expect(client().predict("spam", ["x", ""])).rejects.toMatchObject({
      code: "request/invalid",
      errors: [{ where: "inputs.1" }],
    });
    const stranger = createClient({ url: server.url });
    await expect(stranger.tasks()).rejects.toMatchObject({ code: "auth/required", status: 401 });
  });

  it("stops when it is told to", async () => {
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(client().tasks({ signal })).rejects.toThrow("enough");
  });
});

describe("on the wire", () => {
  /** Sends bytes and gives what comes back. */
  async function send(bytes: string): Promise<string> {
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    let answer = "";
    socket.setEncoding("utf8").on("data", (text: string) => {
      answer += text;
    });
    socket.write(bytes);
    await once(socket, "close");
    return answer;
  }

  it.each([
    ["not HTTP at all", "hello\r\n\r\n"],
    ["a header that is too long", `GET / HTTP/1.1\r\nx: ${"x".repeat(100_000)}\r\n\r\n`],
    ["two lengths", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"],
  ])("%s is refused with a problem document", async (_, bytes) => {
    const answer = await send(bytes);
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(answer).toContain("content-type: application/problem+json");
    expect(JSON.parse(answer.split("\r\n\r\n")[1]!)).toMatchObject({ code: "request/invalid" });
  });
});

describe("a request that does not arrive", () => {
  const head = "POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";

  it.each([
    ["whose head is slow", "POST /v1/predict HTTP/1.1\r\nHost: loc", "x"],
    ["whose body is slow", `${head}Content-Length: 1000\r\n\r\n`, " "],
    ["whose body is slow and in chunks", `${head}Transfer-Encoding: chunked\r\n\r\n`, "1\r\n \r\n"],
  ])("%s is cut off after the timeout", async (_, start, drip) => {
    const open = await serve([tasks.mood], { port: 0, timeout: 1000 });
    const { hostname, port } = new URL(open.url);
    const socket = connect(Number(port), hostname);
    let answer = "";
    socket.setEncoding("utf8").on("data", (text: string) => {
      answer += text;
    });
    socket.on("error", () => {}).write(start);
    const dripping = setInterval(() => socket.write(drip), 100);
    await once(socket, "close");
    clearInterval(dripping);
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    await open.close();
  });

  it("keeps nobody from being answered, however many there are", async () => {
    const open = await serve([tasks.mood], { port: 0, maxBody: 100_000, maxBodies: 200_000 });
    const { hostname, port } = new URL(open.url);
    const sockets = Array.from({ length: 64 }, (_, n) => {
      const socket = connect(Number(port), hostname).on("error", () => {});
      const path = n % 2 === 0 ? "/v1/predict" : "/v1/nothing";
      socket.write(`${head.replace("/v1/predict", path)}Content-Length: 90000\r\n\r\n{`);
      return socket;
    });
    const client = createClient({ url: open.url });
    expect(await client.predict("mood", texts)).toHaveLength(4);
    for (const socket of sockets) socket.destroy();
    await open.close();
  });
});

it("the probabilities of the client's answers have labels and nothing else", async () => {
  const open = createClient({ url: server.url, token: "secret" });
  const [prediction] = await open.predict("spam", texts);
  expect("isPrototypeOf" in prediction!.probabilities).toBe(false);
  expect(Object.keys(prediction!.probabilities).sort()).toEqual(["ham", "spam"]);
});

/** The answer to a request, or the code of its refusal. */
const answerOrCode = (request: Promise<unknown>): Promise<unknown> =>
  request.catch((error: unknown) => (error instanceof ClientError ? error.code : error));

describe("a server that is told to stop", () => {
  it("answers what it took, and is gone", async () => {
    const stopping = await serve([tasks.mood], { port: 0 });
    const client = createClient({ url: stopping.url });
    const expected = await client.predict("mood", texts);
    const taken = Array.from({ length: 8 }, () => client.predict("mood", texts));
    await Promise.race(taken);
    const [, ...answers] = await Promise.all([stopping.close(), ...taken.map(answerOrCode)]);
    // A request that arrives after the first was answered may find the server stopping.
    expect(answers).toContainEqual(expected);
    for (const answer of answers) expect([expected, "server/stopping"]).toContainEqual(answer);
    await expect(client.tasks()).rejects.toThrow();
  });
});

it("a server that stops does not wait for a client that never ends its request", async () => {
  const stopping = await serve([tasks.mood], { port: 0, timeout: 1000 });
  const { hostname, port } = new URL(stopping.url);
  const socket = connect(Number(port), hostname);
  const head = "POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json";
  socket.on("error", () => {}).write(`${head}\r\nContent-Length: 100\r\n\r\n{`);
  // The server has taken that request once it has answered another one.
  await createClient({ url: stopping.url }).tasks();
  const gone = once(socket, "close");
  await stopping.close();
  await gone;
});

describe("engraft serve", () => {
  it("listens, answers, and ends in order", async () => {
    const child = start(["serve", tasks.mood, "--port", "0", "--max-batch", "16"], {
      env: { ENGRAFT_TOKEN: "from-the-environment" },
    });
    const end = finished(child);
    const notes = await new Promise<string>((resolve) => {
      let text = "";
      child.stderr.on("data", (chunk: string) => {
        text += chunk;
        if (text.includes("\n")) resolve(text);
      });
    });
    const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(notes) ?? [];
    const client = createClient({ url: url!, token: "from-the-environment" });
    expect(await client.predict("mood", texts)).toHaveLength(4);
    child.kill("SIGTERM");
    expect(await end).toMatchObject({ code: 0, stdout: "" });
  });

  it("has help with examples", async () => {
    const { code, stdout } = await engraftHere(["serve", "--help"]);
    expect(code).toBe(0);
    expect(stdout).toContain("Usage: engraft serve");
    expect(stdout).toContain("--max-queue");
    expect(stdout).toContain("Examples:");
  });

  it.each([
    [["--port", "70000"], /"port"/],
    [["--max-batch", "many"], /whole number/],
    [["--max-body", "-1"], /above 0/],
  ])("refuses %j", async (parameters, message) => {
    const { code, stderr } = await engraftHere(["serve", tasks.spam, ...parameters]);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});
