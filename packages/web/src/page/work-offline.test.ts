import { UsageError } from "@engraft/core/errors";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { workOffline } from "./work-offline.js";

const PAGE = "https://app.example/shop/";

/** A service worker that is installed, and answers with what it was told. */
class FakeWorker extends EventTarget {
  state = "installing";
  told: readonly string[] | undefined;

  postMessage(message: readonly string[], [port]: [MessagePort]): void {
    this.told = message;
    port.postMessage(true);
    port.close();
  }

  become(state: string): void {
    this.state = state;
    this.dispatchEvent(new Event("statechange"));
  }
}

let worker: FakeWorker;
let before: FakeWorker | null;
let registered: string[];

beforeEach(() => {
  worker = new FakeWorker();
  before = null;
  registered = [];
  vi.stubGlobal("document", { baseURI: PAGE });
  vi.stubGlobal("location", new URL(PAGE));
  const register = async (address: string): Promise<object> => {
    registered.push(address);
    return { installing: worker, waiting: null, active: before };
  };
  vi.stubGlobal("navigator", { serviceWorker: { register } });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

it("a service worker beside the page is refused where it covers another folder", async () => {
  for (const address of ["/assets/service-worker.js", "assets/service-worker.js"]) {
    const refused = workOffline(address);
    await expect(refused).rejects.toBeInstanceOf(UsageError);
    await expect(refused).rejects.toThrow(
      /covers the pages below https:.*\/assets\/, and this page is https:.*\/shop\/\. Serve it in/,
    );
  }
  expect(registered).toEqual([]);
});

it("the worker is told the files of the origin that were loaded, once it is active", async () => {
  const entry = (name: string, initiatorType: string, responseStatus?: number): object => ({
    name,
    initiatorType,
    responseStatus,
  });
  vi.spyOn(performance, "getEntriesByType").mockReturnValue([
    entry(`${PAGE}app.js`, "script", 200),
    entry(`${PAGE}app.js`, "link"),
    entry(`${PAGE}none.png`, "img", 404),
    entry(`${PAGE}data.json`, "fetch", 200),
    entry("https://fonts.example/a.woff2", "css", 200),
  ] as unknown as PerformanceEntryList);
  const isKept = workOffline("../service-worker.js");
  await Promise.resolve();
  expect(worker.told).toBeUndefined();
  worker.become("activated");
  expect(await isKept).toBe(true);
  expect(worker.told).toEqual([PAGE, `${PAGE}app.js`]);
});

it("a worker that cannot be installed is an error, or the one before it goes on", async () => {
  const given = workOffline("/service-worker.js");
  await vi.waitFor(() => expect(registered).toHaveLength(1));
  worker.become("redundant");
  await expect(given).rejects.toThrow(/cannot be started: the browser has given it up/);

  before = new FakeWorker();
  before.state = "activated";
  expect(await workOffline("/service-worker.js")).toBe(true);
  expect(before.told).toEqual([PAGE]);
});
