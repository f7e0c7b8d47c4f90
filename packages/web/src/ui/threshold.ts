import type { TaskManifest } from "@engraft/tasks";
import { element, percent } from "./dom.js";
import { promiseAt } from "./quality.js";

/** A slider for how probable a label has to be to count as an answer, with what is known of such answers. */
export class ThresholdInput {
  readonly field: HTMLElement;
  readonly #manifest: TaskManifest;
  readonly #slider: HTMLInputElement = element("input", {
    id: "threshold",
    type: "range",
    min: "0",
    max: "1",
    step: "0.01",
    "aria-describedby": "promise",
  });
  readonly #value: HTMLElement = element("output", { for: "threshold" });
  readonly #promise: HTMLElement = element("p", { id: "promise", class: "note" });

  constructor(manifest: TaskManifest, onChange: (threshold: number) => void) {
    this.#manifest = manifest;
    this.#slider.addEventListener("input", () => onChange(this.#slider.valueAsNumber));
    this.field = element(
      "div",
      { class: "field threshold", part: "threshold" },
      element(
        "label",
        { for: "threshold", class: "caption" },
        "Answer only when sure: ",
        this.#value,
      ),
      this.#slider,
      this.#promise,
    );
  }

  /** Shows a threshold. */
  show(threshold: number): void {
    const words = threshold === 0 ? "always answers" : `${percent(threshold)} or more`;
    this.#slider.value = String(threshold);
    this.#slider.setAttribute("aria-valuetext", words);
    this.#value.textContent = words;
    this.#promise.textContent = promiseAt(threshold, this.#manifest) ?? "";
  }
}
