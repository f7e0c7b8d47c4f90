/**
 * A service worker that keeps the files of an app, so that it opens without a network. Apps serve it as
 * it is, and start it with `workOffline`.
 *
 * Files come from the network, and where that fails from what was kept of them. Those that no page has
 * asked for in a long time are dropped. Base models and tasks are none of them: Engraft keeps those itself.
 */
const CACHE = "engraft-app";

/** The header of a copy that says when it was written. */
const KEPT_AT = "engraft-kept-at";

const DAY = 24 * 60 * 60 * 1000;

/** How long a copy is kept that no page asks for: files of former versions of the app. Milliseconds. */
const LONGEST = 30 * DAY;

/** What a service worker has, which the types of pages lack. */
interface Scope {
  readonly clients: { claim(): Promise<void> };
  readonly location: Location;
  readonly registration: { readonly scope: string };
  skipWaiting(): Promise<void>;
  addEventListener(type: "install", listener: (event: LongEvent) => void): void;
  addEventListener(type: "fetch", listener: (event: FetchEvent) => void): void;
  addEventListener(type: "message", listener: (event: LongEvent & MessageEvent) => void): void;
}

interface LongEvent {
  waitUntil(work: Promise<unknown>): void;
}

interface FetchEvent extends LongEvent {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}

const scope = self as unknown as Scope;

scope.addEventListener("install", (event) => event.waitUntil(scope.skipWaiting()));

scope.addEventListener("fetch", (event) => {
  if (isOfApp(event.request)) event.respondWith(answer(event));
});

// The page names what it had loaded before this worker was there.
scope.addEventListener("message", (event) => {
  event.waitUntil(takeOver(event.data as readonly string[], event.ports[0]!));
});

async function takeOver(loaded: readonly string[], page: MessagePort): Promise<void> {
  await scope.clients.claim();
  const requests = loaded.map((address) => new Request(address));
  const delivered = await Promise.all(requests.map(load));
  const copies = await Promise.all(requests.map(copyOf));
  page.postMessage(copies.every((copy) => copy !== undefined));
  // Without a network, a file that is dropped would not come back.
  if (delivered.every(Boolean)) await dropUnused();
}

/** What a browser loads by itself is of the app; of what code asks for, WebAssembly alone. */
function isOfApp({ method, url, destination }: Request): boolean {
  const { origin, pathname } = new URL(url);
  if (method !== "GET" || origin !== scope.location.origin) return false;
  return destination !== "" || pathname.endsWith(".wasm");
}

async function answer(event: FetchEvent): Promise<Response> {
  const { request } = event;
  let response: Response;
  try {
    response = await fetch(request);
  } catch (error) {
    const found = (await copyOf(request)) ?? (await homeFor(request));
    if (found === undefined) throw error;
    if (ageOf(found) > DAY) event.waitUntil(keep(request, found.clone()));
    return found;
  }
  // The page has its answer at once, and whether or not there is room for a copy.
  if (isWhole(response)) event.waitUntil(keep(request, response.clone()));
  return response;
}

/** Loads and keeps a file. @returns Whether the network has delivered it. */
async function load(request: Request): Promise<boolean> {
  const response = await fetch(request).catch(() => undefined);
  if (response === undefined || !isWhole(response)) return false;
  await keep(request, response);
  return true;
}

/** A part of a file, and a file that is not there, are not kept. */
function isWhole({ status }: Response): boolean {
  return status === 200;
}

/** Writes a copy, where the browser gives room for it. */
async function keep(request: Request, { body, headers: given }: Response): Promise<void> {
  const headers = new Headers(given);
  headers.set(KEPT_AT, String(Date.now()));
  // There is one copy for each address, and all requests get it.
  headers.delete("vary");
  try {
    const cache = await caches.open(CACHE);
    await cache.put(request, new Response(body, { headers }));
  } catch {
    // The file is loaded again at the next visit. The page is told what is not kept: see `takeOver`.
  }
}

/** What is kept of a file; undefined where nothing is. */
async function copyOf(request: Request | string): Promise<Response | undefined> {
  return caches.match(request, { cacheName: CACHE }).catch(() => undefined);
}

/** The first page of the app, in place of a page that is not kept. */
async function homeFor({ mode }: Request): Promise<Response | undefined> {
  return mode === "navigate" ? copyOf(scope.registration.scope) : undefined;
}

async function dropUnused(): Promise<void> {
  const cache = await caches.open(CACHE);
  for (const request of await cache.keys()) {
    const copy = await cache.match(request);
    if (copy !== undefined && ageOf(copy) > LONGEST) await cache.delete(request);
  }
}

/** How long ago a copy was written. Milliseconds. */
function ageOf({ headers }: Response): number {
  return Date.now() - Number(headers.get(KEPT_AT));
}
