import { UsageError } from "@engraft/core/errors";
import type { StreamedPrediction, Task } from "@engraft/tasks";
import type { TaskFacts } from "../protocol/facts.js";
import { factsOf } from "./send.js";

/** What is of some places: they are known for as long as there is such a thing. */
interface PlaceUser {
  readonly places: Set<string>;
}

/** A task that a page has. */
interface OpenTask extends PlaceUser {
  readonly task: Task;
}

/** A stream of predictions, and what ends the place of its inputs. */
interface OpenStream {
  readonly predictions: AsyncIterator<StreamedPrediction>;
  readonly forget: () => void;
}

/** The tasks and streams that a page holds by their numbers. */
export class OpenTasks {
  readonly #tasks = new Map<number, OpenTask>();
  /** Open tasks, and work with tasks that may have been closed meanwhile. */
  readonly #users = new Set<PlaceUser>();
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
    const open = { task, places: new Set(places) };
    this.#tasks.set(number, open);
    this.#users.add(open);
    return factsOf(number, task);
  }

  get(number: number): Task {
    return this.#find(number).task;
  }

  /**
   * Works with a task and its places, to which others may be added. They stay known until the work ends,
   * even where the task is closed before.
   */
  async using<T>(
    number: number,
    work: (task: Task, places: Set<string>) => Promise<T>,
  ): Promise<T> {
    const { task, places } = this.#find(number);
    const user = { places };
    this.#users.add(user);
    try {
      return await work(task, places);
    } finally {
      this.#leave(user);
    }
  }

  async close(number: number): Promise<void> {
    const open = this.#tasks.get(number);
    if (open === undefined) return;
    this.#tasks.delete(number);
    await open.task.close();
    this.#leave(open);
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

  #leave(user: PlaceUser): void {
    this.#users.delete(user);
    for (const place of user.places) {
      if (![...this.#users].some(({ places }) => places.has(place))) this.#forget(place);
    }
  }

  #find(number: number): OpenTask {
    const open = this.#tasks.get(number);
    if (open !== undefined) return open;
    throw new UsageError("The task was closed. Load it again to work with it.");
  }
}
