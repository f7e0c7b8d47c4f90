import { UsageError } from "@engraft/core/errors";
import type { StreamedPrediction, Task } from "@engraft/tasks";
import type { TaskFacts } from "../protocol/facts.js";
import { factsOf } from "./send.js";

/** A task that a page has, and the places that are known for as long as some task is of them. */
interface OpenTask {
  readonly task: Task;
  readonly places: Set<string>;
}

/** A stream of predictions, and what ends the place of its inputs. */
interface OpenStream {
  readonly predictions: AsyncIterator<StreamedPrediction>;
  readonly forget: () => void;
}

/** The tasks and streams that a page holds by their numbers. */
export class OpenTasks {
  readonly #tasks = new Map<number, OpenTask>();
  readonly #streams = new Map<number, OpenStream>();
  readonly #forget: (place: string) => void;
  #next = 1;

  /** @param forget - Called for a place that no open task is of any more. */
  constructor(forget: (place: string) => void) {
    this.#forget = forget;
  }

  /** @param places - Of its files and data. */
  add(task: Task, places: Iterable<string>): TaskFacts {
    const number = this.#next++;
    this.#tasks.set(number, { task, places: new Set(places) });
    return factsOf(number, task);
  }

  get(number: number): Task {
    return this.#find(number).task;
  }

  /** The places that a task is of, to which others may be added. */
  placesOf(number: number): Set<string> {
    return this.#find(number).places;
  }

  async close(number: number): Promise<void> {
    const open = this.#tasks.get(number);
    this.#tasks.delete(number);
    await open?.task.close();
    const others = [...this.#tasks.values()];
    for (const place of open?.places ?? []) {
      if (!others.some(({ places }) => places.has(place))) this.#forget(place);
    }
  }

  addStream(stream: AsyncIterable<StreamedPrediction>, forget: () => void): number {
    const number = this.#next++;
    this.#streams.set(number, { predictions: stream[Symbol.asyncIterator](), forget });
    return number;
  }

  stream(number: number): AsyncIterator<StreamedPrediction> {
    const stream = this.#streams.get(number);
    if (stream === undefined) throw new Error(`internal: there is no stream ${number}`);
    return stream.predictions;
  }

  async endStream(number: number): Promise<void> {
    const stream = this.#streams.get(number);
    this.#streams.delete(number);
    await stream?.predictions.return?.();
    stream?.forget();
  }

  #find(number: number): OpenTask {
    const open = this.#tasks.get(number);
    if (open !== undefined) return open;
    throw new UsageError("The task was closed. Load it again to work with it.");
  }
}
