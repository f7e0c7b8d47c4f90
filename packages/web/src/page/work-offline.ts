import { UsageError } from "@engraft/core/errors";

/**
 * Keeps the page and all that it loads, so that it opens without a network at the next visit. Base
 * models, features and tasks are kept without this.
 *
 * ```ts
 * await workOffline("/service-worker.js"); // before the first work of Engraft
 * ```
 *
 * @param serviceWorker - Where the app serves the file `dist/service-worker.js` of this package. Its
 *   folder holds all that is kept, pages first of all.
 * @returns Whether everything that was loaded so far is kept; false where the browser has no service
 *   workers, as in some private windows and on pages that are not secure.
 * @throws UsageError when the service worker cannot be started.
 */
export async function workOffline(serviceWorker: string | URL): Promise<boolean> {
  const container = globalThis.navigator?.serviceWorker;
  if (container === undefined) return false;
  await container.register(serviceWorker).catch((cause: Error) => {
    throw new UsageError(
      `The service worker ${serviceWorker} cannot be started: ${cause.message} Copy the file ` +
        "dist/service-worker.js of @engraft/web there.",
      { cause },
    );
  });
  const { active } = await container.ready;
  const resources = performance.getEntriesByType("resource") as PerformanceResourceTiming[];
  const files = resources.filter(({ initiatorType }) => !BY_CODE.has(initiatorType));
  const { port1, port2 } = new MessageChannel();
  const answer = new Promise<boolean>((resolve) => {
    port1.onmessage = ({ data }: MessageEvent<boolean>) => resolve(data);
  });
  active!.postMessage([location.href, ...new Set(files.map(({ name }) => name))], [port2]);
  try {
    return await answer;
  } finally {
    port1.close();
  }
}

/** What code asks for is data, and no file of the app. */
const BY_CODE: ReadonlySet<string> = new Set(["fetch", "xmlhttprequest", "beacon"]);
