import { visible } from "@engraft/core/escape";
import type { Prediction } from "@engraft/tasks";
import { answerOf } from "./answer.js";
import { element } from "./dom.js";

/** Images that were chosen stay in the list, the newest first, up to so many. */
const MOST = 50;

/** The images that were chosen, each with its prediction. */
export class ImageCards {
  readonly list: HTMLElement = element("ol", { class: "cards", part: "images" });
  readonly #answers = new Map<HTMLElement, Prediction>();
  #threshold: number;

  constructor(threshold: number) {
    this.#threshold = threshold;
  }

  /** Adds an image. @returns What shows its prediction, or why there is none. */
  add(file: File): { show(prediction: Prediction): void; fail(message: string): void } {
    const address = URL.createObjectURL(file);
    const image = element("img", { src: address, alt: "" });
    image.addEventListener("load", () => URL.revokeObjectURL(address));
    // What is no image says so in words.
    image.addEventListener("error", () => image.remove());
    const waiting = element("p", { class: "note" }, "Predicting");
    const answer = element("div", { class: "slot", role: "status" }, waiting);
    const name = element("p", { class: "file", dir: "auto" }, visible(file.name));
    this.list.prepend(element("li", {}, image, element("div", {}, name, answer)));
    for (const old of [...this.list.children].slice(MOST)) old.remove();
    return {
      show: (prediction) => {
        this.#answers.set(answer, prediction);
        answer.replaceChildren(answerOf(prediction, this.#threshold));
      },
      fail: (message) => answer.replaceChildren(element("p", { class: "failure" }, message)),
    };
  }

  /** Judges all predictions anew. */
  setThreshold(threshold: number): void {
    this.#threshold = threshold;
    for (const [answer, prediction] of this.#answers) {
      if (answer.isConnected) answer.replaceChildren(answerOf(prediction, threshold));
      else this.#answers.delete(answer);
    }
  }
}
