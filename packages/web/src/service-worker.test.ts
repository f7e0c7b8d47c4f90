import { afterEach, beforeEach, expect, it, vi } from "vitest";

const APP = "https://app.example/";
const DAY = 24 * 60 * 60 * 1000;

type Listener = (event: object) => void;

/** The cache of the browser, by addresses, and what it does with each copy before it is there. */
let copies: Map<string, Response>;
let put: (address: string) => Promise<void>;
/** What the network has; undefined for a file: it fails. */
let network: Map<string, Response>;
let listeners: Map<string, Listener>;
let now: number;

const addressOf = (request: Request | string): string =>
  typeof request === "string" ? request : request.url;

beforeEach(async () => {
  copies = new Map();
  network = new Map();
  listeners = new Map();
  put = async () => {};
  now = 1000 * DAY;
  vi.stubGlobal("self", {
    location: new URL(APP),
    registration: { scope: APP },
    clients: { claim: async () => {} },
    addEventListener: (type: string, listener: Listener) => listeners.set(type, listener),
  });
  const cache = {
    async put(request: Request, response: Response) {
      if (response.headers.get("vary") === "*") throw new TypeError("Vary header contains *");
      await put(request.url);
      copies.set(request.url, new Response(await response.text(), response));
    },
    match: async (request: Request | string) => copies.get(addressOf(request))?.clone(),
    keys: async () => Array.from(copies.keys(), (address) => new Request(address)),
    delete: async (request: Request) => copies.delete(request.url),
  };
  vi.stubGlobal("caches", { open: async () => cache, match: cache.match });
  vi.stubGlobal("fetch", async (request: Request) => {
    const response = network.get(request.url);
    if (response === undefined) throw new TypeError("Failed to fetch");
    return response.clone();
  });
  vi.spyOn(Date, "now").mockImplementation(() => now);
  vi.resetModules();
  await import("./service-worker.js");
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** What a page gets for a file, and what goes on after that. */
async function ask(path: string): Promise<{ text: string; after: Promise<unknown> }> {
  const work: Promise<unknown>[] = [];
  let response: Promise<Response> | undefined;
  listeners.get("fetch")!({
    request: new Request(APP + path),
    respondWith: (given: Promise<Response>) => {
      response = given;
    },
    waitUntil: (given: Promise<unknown>) => work.push(given),
  });
  return { text: await (await response!).text(), after: Promise.all(work) };
}

/** What a page is told that names the files which it had loaded. */
async function takeOver(...paths: string[]): Promise<unknown> {
  const told: unknown[] = [];
  let work: Promise<unknown> | undefined;
  listeners.get("message")!({
    data: paths.map((path) => APP + path),
    ports: [{ postMessage: (message: unknown) => told.push(message) }],
    waitUntil: (given: Promise<unknown>) => {
      work = given;
    },
  });
  await work;
  return told[0];
}

it("a file of the network is answered before it is kept, and where it cannot be kept", async () => {
  network.set(`${APP}a.wasm`, new Response("new", { headers: { vary: "*", "x-of": "server" } }));
  let write = (): void => {};
  put = () => new Promise((resolve) => (write = resolve));
  const { text, after } = await ask("a.wasm");
  expect(text).toBe("new");
  expect(copies.size).toBe(0);
  write();
  await after;
  network.clear();
  expect((await ask("a.wasm")).text).toBe("new");
  expect(copies.get(`${APP}a.wasm`)!.headers.get("x-of")).toBe("server");

  network.set(`${APP}a.wasm`, new Response("newer"));
  put = () => Promise.reject(new DOMException("no room", "QuotaExceededError"));
  const full = await ask("a.wasm");
  expect(full.text).toBe("newer");
  await full.after;
});

it("a page is told whether all its files are kept", async () => {
  network.set(APP, new Response("page"));
  network.set(`${APP}a.js`, new Response("code"));
  expect(await takeOver("", "a.js")).toBe(true);
  network.set(`${APP}gone.js`, new Response("none", { status: 404 }));
  expect(await takeOver("", "gone.js")).toBe(false);
  put = () => Promise.reject(new DOMException("no room", "QuotaExceededError"));
  network.set(`${APP}b.js`, new Response("code"));
  expect(await takeOver("", "b.js")).toBe(false);
  network.clear();
  expect(await takeOver("", "a.js")).toBe(true);
});

it("a file that no page has asked for in 30 days is dropped, once the app is loaded", async () => {
  for (const path of ["", "used.wasm", "old.wasm"]) network.set(APP + path, new Response(path));
  for (const path of ["used.wasm", "old.wasm"]) await (await ask(path)).after;
  now += 20 * DAY;
  const online = new Map(network);
  network.clear();
  // Without a network, too, a file is asked for.
  await (await ask("used.wasm")).after;
  now += 20 * DAY;
  await takeOver("");
  expect(copies.size).toBe(2);
  network = online;
  await takeOver("");
  expect([...copies.keys()].sort()).toEqual([APP, `${APP}used.wasm`]);
});
