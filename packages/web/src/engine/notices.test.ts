import type { Call } from "@engraft/core/workers/rpc";
import { expect, it } from "vitest";
import type { EngineEvent } from "../protocol/facts.js";
import { Notices } from "./notices.js";

/** A call that writes down what it is told. */
function listeningCall(told: string[], signal = new AbortController().signal): Call<EngineEvent> {
  return {
    signal,
    notify: (event) => void told.push(event.kind === "notice" ? event.message : ""),
  };
}

it("each notice is told once, however many calls are under way", async () => {
  const notices = new Notices();
  const told: string[] = [];
  await notices.during(listeningCall(told), () =>
    notices.during(listeningCall(told), async () => notices.tell("the GPU is lost")),
  );
  expect(told).toEqual(["the GPU is lost"]);
});

it("a notice waits for the next call where none is under way, or the page has stopped it", async () => {
  const notices = new Notices();
  const told: string[] = [];
  const stopped = new AbortController();
  await notices.during(listeningCall(told, stopped.signal), async () => {
    stopped.abort();
    notices.tell("no room");
  });
  notices.tell("nothing is kept");
  expect(told).toEqual([]);
  await notices.during(listeningCall(told), async () => {});
  await notices.during(listeningCall(told), async () => {});
  expect(told).toEqual(["no room", "nothing is kept"]);
});
