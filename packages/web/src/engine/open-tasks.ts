import { UsageError } from "@engraft/core/errors";
import type { StreamedPrediction, Task } from "@engraft/tasks";
import type { TaskFacts } from "../protocol/facts.js";
import { factsOf } from "./send.js";

/** A task that a page has, and the place of the files that it was trained on. */
interface OpenTask {
  readonly task: Task;
  readonly data: string | undefined;
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

  /** @param forget - Called for the files of a task that nobody holds any more. */
  constructor(forget: (place: string) => void) {
    this.#forget = forget;
  }

  /** @param data - The place of its files. Default: it has none that the page gave. */
  add(task: Task, data: string | undefined): TaskFacts {
    const number = this.#next++;
    this.#tasks.set(number, { task, data });
    return factsOf(number, task);
  }

  get(number: number): Task {
    return this.#find(number).task;
  }

  /** The place of the files that a task was trained on. */
  dataOf(number: number): string | undefined {
    return this.#find(number).data;
  }

  async close(number: number): Promise<void> {
    const open = this.#tasks.get(number);
    this.#tasks.delete(number);
    await open?.task.close();
    if (open?.data === undefined) return;
    const others = [...this.#tasks.values()];
    if (!others.some(({ data }) => data === open.data)) this.#forget(open.data);
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
