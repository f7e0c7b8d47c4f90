import { visible } from "@engraft/core/escape";
import type { TaskManifest } from "@engraft/tasks";
import { element } from "./dom.js";
import { qualityOf } from "./quality.js";

/** How good a task is, and what else is known of it, on demand. */
export function aboutTask(manifest: TaskManifest): readonly HTMLElement[] {
  const { headline, date, details } = qualityOf(manifest);
  const { base, dataset, engraft } = manifest;
  return [
    element(
      "div",
      { part: "quality" },
      element("p", { class: "quality" }, headline),
      element("p", { class: "note" }, visible(date)),
    ),
    element(
      "details",
      { class: "about", part: "about" },
      element("summary", {}, "About this task"),
      ...details.map((sentence) => element("p", {}, visible(sentence))),
      element(
        "p",
        {},
        `${dataset.examples} training examples. Base model `,
        element("code", {}, visible(base.id)),
        `. Made with Engraft ${visible(engraft)}.`,
      ),
      labelTable(manifest),
    ),
  ];
}

function labelTable({ dataset }: TaskManifest): HTMLElement {
  return element(
    "table",
    {},
    element(
      "thead",
      {},
      element(
        "tr",
        {},
        element("th", { scope: "col" }, "Label"),
        element("th", { scope: "col" }, "Training examples"),
      ),
    ),
    element(
      "tbody",
      {},
      ...dataset.perLabel.map(({ label, examples }) =>
        element(
          "tr",
          {},
          element("th", { scope: "row", dir: "auto" }, visible(label)),
          element("td", {}, String(examples)),
        ),
      ),
    ),
  );
}
