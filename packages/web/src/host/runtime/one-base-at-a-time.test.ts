import type { Runtime, SessionModel } from "@engraft/core";
import { describe, expect, it } from "vitest";
import { oneBaseAtATime } from "./one-base-at-a-time.js";

/** Says what it does. */
function loggingRuntime(log: string[]): Runtime {
  return {
    concurrency: 1,
    async createSession(_, { base } = {}) {
      const name = base?.id ?? "head";
      log.push(`load ${name}`);
      return {
        inputNames: ["x"],
        outputNames: ["y"],
        async run() {
          await Promise.resolve();
          log.push(`run ${name}`);
          return new Map();
        },
        async release() {
          log.push(`free ${name}`);
        },
      };
    },
  };
}

const MODEL = {} as SessionModel;
const layersOf = (id: string) => ({ base: { id, digest: id } });

describe("a runtime with one base at a time", () => {
  it("frees a base when another one is asked, and loads it when it is asked again", async () => {
    const log: string[] = [];
    const runtime = oneBaseAtATime(loggingRuntime(log));
    const head = await runtime.createSession(MODEL);
    const texts = await runtime.createSession(MODEL, layersOf("texts"));
    await texts.run(new Map());
    const images = await runtime.createSession(MODEL, layersOf("images"));
    await Promise.all([images.run(new Map()), texts.run(new Map()), texts.run(new Map())]);
    await head.run(new Map());
    await images.release();
    await texts.release();
    expect(log).toEqual([
      "load head",
      "load texts",
      "run texts",
      "free texts",
      "load images",
      "run images",
      "free images",
      "load texts",
      "run texts",
      "run texts",
      "run head",
      "free texts",
    ]);
  });

  it("loads a base anew where that has failed", async () => {
    const log: string[] = [];
    const logging = loggingRuntime(log);
    let fails = false;
    const runtime = oneBaseAtATime({
      ...logging,
      createSession: (...given) =>
        fails ? Promise.reject(new Error("no memory")) : logging.createSession(...given),
    });
    const texts = await runtime.createSession(MODEL, layersOf("texts"));
    const images = await runtime.createSession(MODEL, layersOf("images"));
    fails = true;
    await expect(texts.run(new Map())).rejects.toThrow("no memory");
    fails = false;
    await texts.run(new Map());
    await images.run(new Map());
    expect(log.slice(2)).toEqual([
      "load images",
      "free images",
      "load texts",
      "run texts",
      "free texts",
      "load images",
      "run images",
    ]);
  });
});
