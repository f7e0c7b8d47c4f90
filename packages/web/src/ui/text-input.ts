import type { Prediction } from "@engraft/tasks";
import { element } from "./dom.js";
import { Latest } from "./latest.js";

/** A text is predicted when so long nothing was typed. Milliseconds. */
const PAUSE = 150;

/** What an input of a view is given. */
export interface Asking<I> {
  /** Predicts an input. */
  readonly ask: (input: I) => Promise<Prediction>;
  /** Shows a prediction; undefined where there is nothing to predict. */
  readonly show: (prediction: Prediction | undefined) => void;
  readonly fail: (error: unknown) => void;
}

/** A box for a text, which is predicted while it is typed. */
export function textInput({ ask, show, fail }: Asking<string>): HTMLElement {
  const box = element("textarea", {
    id: "text",
    part: "input",
    rows: "5",
    dir: "auto",
    spellcheck: "false",
    placeholder: "Type or paste a text",
  });
  const latest = new Latest<string>(async (text) => {
    try {
      const prediction = text.trim() === "" ? undefined : await ask(text);
      // What was typed since has an answer of its own.
      if (text === box.value) show(prediction);
    } catch (error) {
      fail(error);
    }
  });
  let timer: ReturnType<typeof setTimeout> | undefined;
  box.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => void latest.give(box.value), PAUSE);
  });
  return element(
    "div",
    { class: "field" },
    element("label", { for: "text", class: "caption" }, "Text"),
    box,
  );
}
