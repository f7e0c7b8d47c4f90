import { visible } from "@engraft/core/escape";
import type { Prediction } from "@engraft/tasks";
import { element, percent } from "./dom.js";

/** So many labels are shown at once; the others on demand. */
const SHOWN = 5;

/**
 * One prediction: the label, or that the task is not sure enough, and a bar for the probability of each
 * label.
 *
 * @param threshold - Below this probability the label counts as not sure.
 */
export function answerOf(prediction: Prediction, threshold: number): HTMLElement {
  const { label, probability, truncated } = prediction;
  const isSure = probability >= threshold;
  const headline = isSure
    ? element("p", { class: "label", part: "label", dir: "auto" }, visible(label))
    : element("p", { class: "label unsure", part: "label unsure" }, "Not sure");
  const ranked = Object.entries(prediction.probabilities).sort(([, a], [, b]) => b - a);
  const shown = ranked.slice(0, SHOWN);
  const others = ranked.slice(SHOWN);
  return element(
    "div",
    { class: isSure ? "answer" : "answer unsure", part: "answer" },
    headline,
    isSure
      ? undefined
      : element(
          "p",
          { class: "note" },
          `No label is as probable as the ${percent(threshold)} that are asked for.`,
        ),
    bars(shown),
    others.length === 0
      ? undefined
      : element(
          "details",
          {},
          element("summary", {}, `${others.length} more labels`),
          bars(others),
        ),
    truncated === undefined
      ? undefined
      : element(
          "p",
          { class: "note" },
          `The text has ${truncated.tokens} tokens; the first ${truncated.read} of them were read.`,
        ),
  );
}

function bars(ranked: readonly (readonly [label: string, probability: number])[]): HTMLElement {
  return element("ul", { class: "bars", part: "bars" }, ...ranked.map(bar));
}

function bar([label, probability]: readonly [string, number]): HTMLElement {
  const filled = element("span", { class: "filled", part: "bar" });
  filled.style.setProperty("--share", String(probability));
  return element(
    "li",
    {},
    element("span", { class: "name", dir: "auto" }, visible(label)),
    element("span", { class: "share", title: probability.toFixed(6) }, percent(probability)),
    element("span", { class: "track", "aria-hidden": "true" }, filled),
  );
}
