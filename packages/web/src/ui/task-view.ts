import { visible, visibleLines } from "@engraft/core/escape";
import type { Prediction } from "@engraft/tasks";
import { aboutTask } from "./about.js";
import { answerOf } from "./answer.js";
import { element } from "./dom.js";
import { ImageCards } from "./image-cards.js";
import { imageInput } from "./image-input.js";
import { STYLE } from "./style.js";
import { textInput } from "./text-input.js";
import { ThresholdInput } from "./threshold.js";
import type { ViewedTask } from "./viewed-task.js";

/** How a view is made, and what it tells whoever made it. */
export interface ViewOptions {
  /** The level of its heading on the page that it is on. Default: `h1`. */
  readonly headingTag?: "h1" | "h2";
  readonly onPrediction?: (input: unknown, prediction: Prediction) => void;
  readonly onError?: (error: unknown) => void;
  readonly onThreshold?: (threshold: number) => void;
}

/** A task to look at and to ask: the same in a page of its own and in the element `engraft-task`. */
export class TaskView {
  readonly #body: HTMLElement;
  readonly #options: ViewOptions;
  /** One answer, of a text or of the camera. */
  readonly #answer: HTMLElement;
  readonly #failure: HTMLElement;
  #shown: Prediction | undefined;
  #cards: ImageCards | undefined;
  #slider: ThresholdInput | undefined;
  #threshold = 0;

  constructor(root: ShadowRoot, options: ViewOptions = {}) {
    this.#options = options;
    const style = new CSSStyleSheet();
    style.replaceSync(STYLE);
    root.adoptedStyleSheets = [style];
    this.#body = element("div", { class: "view", part: "view" });
    this.#answer = element("div", { class: "slot", role: "status" });
    this.#failure = element("p", { class: "failure", part: "failure", role: "alert" });
    root.replaceChildren(this.#body);
  }

  /** Labels below this probability count as not sure. */
  setThreshold(threshold: number): void {
    this.#threshold = threshold;
    this.#slider?.show(threshold);
    this.#cards?.setThreshold(threshold);
    this.#draw();
  }

  /** Says that something is under way. */
  showLoading(what: string): void {
    this.#body.replaceChildren(element("p", { class: "note", role: "status" }, what));
  }

  /** Says why there is no task. */
  showFailure(error: unknown): void {
    this.#body.replaceChildren(this.#failure);
    this.#say(error);
  }

  /** Shows a task. */
  showTask(task: ViewedTask): void {
    const { name, manifest } = task;
    this.#shown = undefined;
    this.#say(undefined);
    const input = manifest.modality === "text" ? this.#texts(task) : this.#images(task);
    const { headingTag = "h1" } = this.#options;
    const slider = new ThresholdInput(manifest, (threshold) => {
      this.setThreshold(threshold);
      this.#options.onThreshold?.(threshold);
    });
    this.#slider = slider;
    slider.show(this.#threshold);
    this.#body.replaceChildren(
      ...(name === ""
        ? []
        : [element(headingTag, { part: "heading", dir: "auto" }, visible(name))]),
      ...aboutTask(manifest),
      ...input,
      this.#failure,
      slider.field,
      element("p", { class: "note" }, "Nothing that you give leaves this page."),
    );
    this.#draw();
  }

  #texts(task: ViewedTask): HTMLElement[] {
    const ask = (text: string): Promise<Prediction> => this.#ask(task, text, text);
    this.#answer.removeAttribute("aria-live");
    return [textInput({ ask, ...this.#showing() }), this.#answer];
  }

  #images(task: ViewedTask): HTMLElement[] {
    // Nobody can listen to an answer for each frame of the camera.
    this.#answer.setAttribute("aria-live", "off");
    const cards = new ImageCards(this.#threshold);
    this.#cards = cards;
    const predictAll = async (files: readonly File[]): Promise<void> => {
      const added = files.map((file) => ({ file, card: cards.add(file) }));
      for (const { file, card } of added) {
        try {
          card.show(await this.#ask(task, file, file));
        } catch (error) {
          card.fail(messageOf(error));
          this.#options.onError?.(error);
        }
      }
    };
    const camera = {
      ask: (video: HTMLVideoElement) => this.#ask(task, video, video),
      ...this.#showing(),
    };
    return [
      imageInput({ onFiles: (files) => void predictAll(files), camera }),
      this.#answer,
      cards.list,
    ];
  }

  async #ask(
    task: ViewedTask,
    input: Parameters<ViewedTask["predict"]>[0],
    given: unknown,
  ): Promise<Prediction> {
    const prediction = await task.predict(input);
    this.#options.onPrediction?.(given, prediction);
    return prediction;
  }

  #showing(): {
    show: (prediction: Prediction | undefined) => void;
    fail: (error: unknown) => void;
  } {
    return {
      show: (prediction) => {
        this.#shown = prediction;
        this.#say(undefined);
        this.#draw();
      },
      fail: (error) => {
        this.#say(error);
        this.#options.onError?.(error);
      },
    };
  }

  #draw(): void {
    const shown = this.#shown;
    if (shown === undefined) this.#answer.replaceChildren();
    else this.#answer.replaceChildren(answerOf(shown, this.#threshold));
  }

  #say(error: unknown): void {
    this.#failure.hidden = error === undefined;
    this.#failure.textContent = error === undefined ? "" : messageOf(error);
  }
}

function messageOf(error: unknown): string {
  return visibleLines(error instanceof Error ? error.message : String(error));
}
