import { UsageError } from "@engraft/core/errors";

/**
 * Keeps the page and all that it loads, so that it opens without a network at the next visit. Base
 * models, features and tasks are kept without this.
 *
 * ```ts
 * await workOffline("/service-worker.js"); // before the first work of Engraft
 * ```
 *
 * @param serviceWorker - Where the app serves the file `dist/service-worker.js` of this package: in the
 *   folder of its pages, or above.
 * @returns Whether all files of this origin that the page has loaded so far are kept. Files of other
 *   origins are not kept. False where the browser gives no room, or has no service workers, as in some
 *   private windows and on pages that are not secure.
 * @throws UsageError when the service worker cannot be started, or does not cover the page.
 */
export async function workOffline(serviceWorker: string | URL): Promise<boolean> {
  const container = globalThis.navigator?.serviceWorker;
  if (container === undefined) return false;
  requireCovered(serviceWorker);
  const registration = await container.register(serviceWorker).catch((cause: Error) => {
    throw notStarted(serviceWorker, cause.message, cause);
  });
  const worker = await activated(registration, serviceWorker);
  const { port1, port2 } = new MessageChannel();
  const answer = new Promise<boolean>((resolve) => {
    port1.onmessage = ({ data }: MessageEvent<boolean>) => resolve(data);
  });
  worker.postMessage([...new Set([location.href, ...loadedFiles()])], [port2]);
  try {
    return await answer;
  } finally {
    port1.close();
  }
}

/** A service worker has nothing to do with pages outside of its folder, and would never answer here. */
function requireCovered(serviceWorker: string | URL): void {
  const folder = new URL("./", new URL(serviceWorker, document.baseURI)).href;
  if (location.href.startsWith(folder)) return;
  throw new UsageError(
    `The service worker ${serviceWorker} covers the pages below ${folder}, and this page is ` +
      `${location.href}. Serve it in the folder of the page, or above: /service-worker.js.`,
  );
}

/** The newest worker of a registration, once it is active. */
function activated(
  registration: ServiceWorkerRegistration,
  serviceWorker: string | URL,
): Promise<ServiceWorker> {
  const { installing, waiting, active } = registration;
  const worker = (installing ?? waiting ?? active)!;
  return new Promise((resolve, reject) => {
    const look = (): void => {
      if (worker.state === "activated") resolve(worker);
      if (worker.state !== "redundant") return;
      // One that was active before still works.
      const before = registration.active;
      if (before === null || before === worker) {
        reject(notStarted(serviceWorker, "the browser has given it up."));
      } else resolve(before);
    };
    worker.addEventListener("statechange", look);
    look();
  });
}

function notStarted(serviceWorker: string | URL, why: string, cause?: Error): UsageError {
  return new UsageError(
    `The service worker ${serviceWorker} cannot be started: ${why} Copy the file ` +
      "dist/service-worker.js of @engraft/web there.",
    { cause },
  );
}

/** The files of this origin that the browser has loaded for the page. */
function loadedFiles(): string[] {
  const resources = performance.getEntriesByType("resource") as PerformanceResourceTiming[];
  const files = resources.filter(({ initiatorType, name, responseStatus }) => {
    const isLoaded = responseStatus === undefined || responseStatus < 400;
    return isLoaded && !BY_CODE.has(initiatorType) && new URL(name).origin === location.origin;
  });
  return files.map(({ name }) => name);
}

/** What code asks for is data, and no file of the app. */
const BY_CODE: ReadonlySet<string> = new Set(["fetch", "xmlhttprequest", "beacon"]);
