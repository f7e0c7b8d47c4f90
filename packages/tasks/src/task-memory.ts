import { UsageError } from "@engraft/core/errors";
import {
  parseExamples,
  parseRecord,
  type RecordedExample,
  type TaskRecord,
} from "./format/files/record.js";
import { requireRecordOf } from "./format/files/requirements.js";
import { readStoredRecord, type StorageHost } from "./format/files/stored-task.js";
import { EXAMPLES_FILE, RECORD_FILES } from "./format/manifest/task-files.js";
import type { TrainedTask } from "./predict/open-task.js";

/** Where a task was read from, and in which state the place was. */
export interface TaskOrigin {
  readonly place: string;
  readonly state: string | undefined;
}

/**
 * What a task remembers of the examples that it was trained on: among its files where it was just
 * trained, else at the place that it was read from, when something asks for it.
 */
export class TaskMemory {
  readonly #task: TrainedTask;
  readonly #origin: TaskOrigin | undefined;
  readonly #host: StorageHost;

  constructor(task: TrainedTask, origin: TaskOrigin | undefined, host: StorageHost) {
    this.#task = task;
    this.#origin = origin;
    this.#host = host;
  }

  /** The record; undefined where the task keeps no examples. */
  async find(): Promise<TaskRecord | undefined> {
    const record = parseRecord(await this.files(RECORD_FILES));
    if (record !== undefined) requireRecordOf(this.#task.manifest, record);
    return record;
  }

  /** @throws UsageError when the task keeps no examples. */
  async require(): Promise<TaskRecord> {
    const record = await this.find();
    if (record !== undefined) return record;
    throw new UsageError(
      "The task keeps no examples, which this needs. Train it again and keep them (option keepExamples).",
    );
  }

  /** The examples alone; undefined where the task keeps none. */
  async examples(): Promise<readonly RecordedExample[] | undefined> {
    const lines = (await this.files([EXAMPLES_FILE])).get(EXAMPLES_FILE);
    return lines && parseExamples(lines);
  }

  /**
   * Files of the record by their names; those that the task lacks are left out.
   *
   * @throws IntegrityError when a file is missing or was altered.
   */
  async files(names: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> {
    const { files, manifest } = this.#task;
    const known = new Map([...files].filter(([name]) => names.includes(name)));
    if (known.size > 0 || this.#origin === undefined) return known;
    return readStoredRecord(this.#origin.place, manifest, names, this.#host);
  }
}
