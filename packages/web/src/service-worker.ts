/**
 * A service worker that keeps the files of an app, so that it opens without a network. Apps serve it as
 * it is, and start it with `workOffline`.
 *
 * Files come from the network, and where that fails from what was kept of them. Base models and tasks
 * are none of them: Engraft keeps those itself.
 */
const CACHE = "engraft-app";

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

interface FetchEvent {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}

const scope = self as unknown as Scope;

scope.addEventListener("install", (event) => event.waitUntil(scope.skipWaiting()));

scope.addEventListener("fetch", (event) => {
  if (isOfApp(event.request)) event.respondWith(answer(event.request));
});

// The page names what it had loaded before this worker was there.
scope.addEventListener("message", (event) => {
  event.waitUntil(takeOver(event.data as readonly string[], event.ports[0]!));
});

async function takeOver(loaded: readonly string[], page: MessagePort): Promise<void> {
  await scope.clients.claim();
  const requests = loaded.map((address) => new Request(address));
  const answers = requests.filter(isOfOrigin).map((request) => answer(request));
  const outcomes = await Promise.allSettled(answers);
  page.postMessage(outcomes.every(({ status }) => status === "fulfilled"));
}

/** What a browser loads by itself is of the app; of what code asks for, WebAssembly alone. */
function isOfApp(request: Request): boolean {
  if (request.method !== "GET" || !isOfOrigin(request)) return false;
  return request.destination !== "" || new URL(request.url).pathname.endsWith(".wasm");
}

function isOfOrigin({ url }: Request): boolean {
  return new URL(url).origin === scope.location.origin;
}

async function answer(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  try {
    const response = await fetch(request);
    // A part of a file, and a file that is not there, are not kept.
    if (response.status === 200) await cache.put(request, response.clone());
    return response;
  } catch (error) {
    const kept = await cache.match(request, { ignoreVary: true });
    const home =
      request.mode === "navigate" ? await cache.match(scope.registration.scope) : undefined;
    const found = kept ?? home;
    if (found === undefined) throw error;
    return found;
  }
}
