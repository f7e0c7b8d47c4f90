import type { Task } from "@engraft/tasks";
import { expect, it } from "vitest";
import { OpenTasks } from "./open-tasks.js";

/** A task of which no more is asked than what a page is told. */
function taskNamed(name: string, closed: string[]): Task {
  return {
    isMeasured: true,
    manifest: {},
    metrics: {},
    toString: () => name,
    close: async () => void closed.push(name),
  } as unknown as Task;
}

it("a place is known until the last task of it is closed", async () => {
  const forgotten: string[] = [];
  const closed: string[] = [];
  const tasks = new OpenTasks((place) => forgotten.push(place));
  const first = tasks.add(taskNamed("first", closed), ["images"]);
  const second = await tasks.using(first.task, async (_, places) =>
    tasks.add(taskNamed("second", closed), places),
  );
  await tasks.using(second.task, async (_, places) => places.add("chosen folder"));
  expect([first.text, second.text]).toEqual(["first", "second"]);
  await tasks.close(first.task);
  expect(forgotten).toEqual([]);
  await tasks.close(second.task);
  await tasks.close(second.task);
  expect(forgotten).toEqual(["images", "chosen folder"]);
  expect(closed).toEqual(["first", "second"]);
  expect(() => tasks.get(first.task)).toThrow(/was closed/);
});

it("what is made of a task is kept, with its places, where the task is closed meanwhile", async () => {
  const forgotten: string[] = [];
  const tasks = new OpenTasks((place) => forgotten.push(place));
  const old = tasks.add(taskNamed("old", []), ["images"]);
  const made = await tasks.using(old.task, async (_, places) => {
    await tasks.close(old.task);
    expect(forgotten).toEqual([]);
    return tasks.add(taskNamed("extended", []), places);
  });
  expect(made.text).toBe("extended");
  expect(forgotten).toEqual([]);
  await tasks.close(made.task);
  expect(forgotten).toEqual(["images"]);

  const failed = tasks.add(taskNamed("failed", []), ["texts"]);
  const work = tasks.using(failed.task, async () => {
    await tasks.close(failed.task);
    throw new Error("no room");
  });
  await expect(work).rejects.toThrow("no room");
  expect(forgotten).toEqual(["images", "texts"]);
});

it("what a stream reads is known until it ends", async () => {
  const tasks = new OpenTasks(() => {});
  const ended: string[] = [];
  async function* predictions(): AsyncGenerator<never> {
    try {
      yield* [];
    } finally {
      ended.push("stream");
    }
  }
  const number = tasks.addStream(predictions(), () => ended.push("place"));
  expect(await tasks.stream(number).next()).toMatchObject({ done: true });
  await tasks.endStream(number);
  expect(ended).toEqual(["stream", "place"]);
  expect(() => tasks.stream(number)).toThrow(/no stream/);
});
