import { UsageError } from "@engraft/core/errors";
import type { SelectivePrediction } from "@engraft/tasks";
import type { Engraft } from "../page/engraft.js";
import type { WebImage } from "../page/inputs.js";
import type { Task } from "../page/task.js";
import { TaskView } from "../ui/task-view.js";
import { loadSource, nameOf } from "./load-source.js";

/** What a `prediction` event tells. */
export interface PredictionEvent {
  /** What was predicted: a text, a file, or the video of the camera. */
  readonly input: unknown;
  readonly prediction: SelectivePrediction;
  /** Whether the label is as probable as `threshold` asks for. */
  readonly accepted: boolean;
}

/** The events of the element, by name. */
export interface TaskEvents {
  /** The task is loaded, and `task` is set. */
  readonly ready: CustomEvent<undefined>;
  readonly prediction: CustomEvent<PredictionEvent>;
  /** The task or an input cannot be read; the element shows it too. `detail` is the error. */
  readonly error: CustomEvent<unknown>;
}

/** What the element extends: elements of a page. A server has none; there the class is only named. */
export const ElementBase: typeof HTMLElement =
  globalThis.HTMLElement ?? (class {} as unknown as typeof HTMLElement);

/**
 * A task on a page: a box for a text, or a place for images and the camera, and the answer with a bar for
 * each label.
 *
 * ```html
 * <engraft-task src="/tasks/mails.engraft.zip" integrity="sha256-…" threshold="0.8"></engraft-task>
 * ```
 */
export class EngraftTaskElement extends ElementBase {
  /** @internal */
  static readonly observedAttributes: readonly string[] = [
    "src",
    "integrity",
    "bases",
    "heading",
    "threshold",
  ];
  #view: TaskView | undefined;
  #task: Task | undefined;
  #engraft: Engraft | undefined;
  /** Counts loads, so that what an earlier one gives is dropped. */
  #load = 0;
  /** Whether the task is loaded, or on its way. */
  #isOpen = false;
  #isScheduled = false;

  /** The address of the task: of its one file, or of its folder. */
  get src(): string | null {
    return this.getAttribute("src");
  }
  set src(address: string | null) {
    this.#reflect("src", address);
  }

  /** The digest that the file of the task has to have: `sha256-` and base64, as for scripts. */
  get integrity(): string | null {
    return this.getAttribute("integrity");
  }
  set integrity(digest: string | null) {
    this.#reflect("integrity", digest);
  }

  /** Where the base models are served. Default: the folder `engraft` beside the page. */
  get bases(): string | null {
    return this.getAttribute("bases");
  }
  set bases(address: string | null) {
    this.#reflect("bases", address);
  }

  /** The heading. Default: the name of the task; none where it is empty. */
  get heading(): string | null {
    return this.getAttribute("heading");
  }
  set heading(text: string | null) {
    this.#reflect("heading", text);
  }

  /** From which probability on a label counts as an answer, between 0 and 1. Default 0: always. */
  get threshold(): number {
    return Number(this.getAttribute("threshold") ?? 0);
  }
  set threshold(probability: number) {
    this.setAttribute("threshold", String(probability));
  }

  /** The instance that the task is loaded on. Default: one that all elements of the page share. */
  get engraft(): Engraft | undefined {
    return this.#engraft;
  }
  set engraft(instance: Engraft | undefined) {
    this.#engraft = instance;
    this.#schedule();
  }

  /** The task; undefined until it is loaded. */
  get task(): Task | undefined {
    return this.#task;
  }

  /** @internal Called by the browser. */
  connectedCallback(): void {
    this.#view ??= new TaskView(this.attachShadow({ mode: "open" }), {
      headingTag: "h2",
      onPrediction: (input, prediction) => this.#tellPrediction(input, prediction),
      onError: (error) => this.#tell("error", error),
      onThreshold: (threshold) => {
        if (threshold !== this.threshold) this.threshold = threshold;
      },
    });
    if (!this.#isOpen) this.#schedule();
  }

  /** @internal Called by the browser. */
  disconnectedCallback(): void {
    // An element that is only moved is connected again at once.
    queueMicrotask(() => {
      if (!this.isConnected) this.#close();
    });
  }

  /** @internal Called by the browser. */
  attributeChangedCallback(name: string, before: string | null, now: string | null): void {
    if (before === now) return;
    // One that is shown need not be loaded again for it.
    if (name === "threshold" && this.#task !== undefined && isShare(this.threshold)) {
      this.#view?.setThreshold(this.threshold);
    } else this.#schedule();
  }

  #reflect(name: string, value: string | null): void {
    if (value === null) this.removeAttribute(name);
    else this.setAttribute(name, value);
  }

  /** Several attributes that change together load the task once. */
  #schedule(): void {
    if (this.#isScheduled || !this.isConnected) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      if (this.isConnected) void this.#open();
    });
  }

  async #open(): Promise<void> {
    this.#close();
    this.#isOpen = true;
    const load = this.#load;
    const view = this.#view!;
    const { src, integrity, bases, engraft } = this;
    if (src === null) {
      view.showLoading("");
      return;
    }
    view.showLoading("Loading the task");
    try {
      const threshold = this.#requireThreshold();
      const task = await loadSource({ src, integrity, bases, engraft });
      if (load !== this.#load) {
        await task.close();
        return;
      }
      this.#task = task;
      view.setThreshold(threshold);
      view.showTask({
        name: this.heading ?? nameOf(src),
        manifest: task.manifest,
        predict: (input: WebImage) => task.predict(input),
      });
      this.#tell("ready", undefined);
    } catch (error) {
      if (load !== this.#load) return;
      view.showFailure(error);
      this.#tell("error", error);
    }
  }

  #close(): void {
    this.#load += 1;
    this.#isOpen = false;
    const task = this.#task;
    this.#task = undefined;
    // Where its worker has died, there is nothing to close.
    task?.close().catch(() => {});
  }

  #requireThreshold(): number {
    const { threshold } = this;
    if (isShare(threshold)) return threshold;
    const given = this.getAttribute("threshold");
    throw new UsageError(`threshold is a number between 0 and 1, not "${given}".`);
  }

  #tellPrediction(input: unknown, prediction: SelectivePrediction): void {
    const accepted = prediction.probability >= this.threshold;
    this.#tell("prediction", { input, prediction, accepted } satisfies PredictionEvent);
  }

  #tell(name: keyof TaskEvents, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

function isShare(value: number): boolean {
  return value >= 0 && value <= 1;
}
