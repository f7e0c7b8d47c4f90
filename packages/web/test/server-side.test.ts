import { describe, expect, it } from "vitest";
import * as page from "../src/index.js";
import * as server from "../src/server-side.js";

describe("@engraft/web on a server", () => {
  it("has the names that a page has, and does nothing before it is called", () => {
    expect(Object.keys(server).sort()).toEqual(Object.keys(page).sort());
    expect(server.createEngraft()).toBeInstanceOf(server.Engraft);
  });

  it("says what to use instead where it is called", async () => {
    const training = server.train([["see you at noon", "ham"]]);
    await expect(training).rejects.toThrow(/works in a browser, and this is a server.*engraft/);
    await expect(server.loadTask("mails")).rejects.toBeInstanceOf(server.UsageError);
  });

  it("has a class for the element, and defines none", async () => {
    const { EngraftTaskElement } = await import("../src/element.js");
    expect(EngraftTaskElement.observedAttributes).toContain("src");
    expect("customElements" in globalThis).toBe(false);
  });

  it("keeps no page there", async () => {
    expect(await server.workOffline("/service-worker.js")).toBe(false);
  });

  it("refuses options that are none", () => {
    expect(() => server.createEngraft({ threads: 0 })).toThrow(/threads is a whole number above 0/);
    expect(() => server.createEngraft({ device: "webgl" as never })).toThrow(
      /device is one of "auto", "wasm", "webgpu"/,
    );
  });
});
