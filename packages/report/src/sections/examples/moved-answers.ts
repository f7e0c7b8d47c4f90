import type { MovedExample, UnlabelledRecord } from "@engraft/tasks/internal";
import type { MovedAnswer } from "../../data/answers.js";
import { NO_EXAMPLES, type ReportData } from "../../data/report-data.js";
import { shownMoved } from "../../data/selection.js";
import { exampleCard, exampleList, inputCard, labelTag } from "../../html/example.js";
import { type Html, html } from "../../html/html.js";
import { absent } from "../../html/parts.js";
import { count, decimal, percent } from "../../numbers.js";

/** Which answers are others because of the unlabelled examples. */
export function movedAnswers(data: ReportData, unlabelled: UnlabelledRecord): Html {
  if (unlabelled.moved === undefined) return html``;
  return html`<h3>Labelled examples that they moved</h3>
${movedLabelled(data, unlabelled.moved)}
<h3>Unlabelled examples that they moved</h3>
${movedUnlabelled(data, unlabelled.moved)}`;
}

type Counts = NonNullable<UnlabelledRecord["moved"]>;

function movedLabelled(data: ReportData, { toRight, toWrong, wrongBefore }: Counts): Html {
  const moved = toRight + toWrong + wrongBefore;
  if (moved === 0) return absent("No labelled example is answered otherwise out of fold.");
  const shown = shownMoved(data);
  return html`<p>Out of fold, ${count(moved)} of the labelled examples are answered otherwise than by labels
alone: ${count(toRight)} became right, ${count(toWrong)} became wrong, and ${count(wrongBefore)} are wrong as before, with another
label.${shown.length > 0 && shown.length < moved && html` Shown are ${shown.length}, those that became wrong first.`}</p>
${
  data.record === undefined
    ? absent(NO_EXAMPLES)
    : exampleList(shown.map((answer) => labelledCard(data, answer)))
}`;
}

function labelledCard(data: ReportData, { row, target, before, after }: MovedAnswer): Html {
  const { labels } = data.manifest;
  const verdict =
    after.predicted === target
      ? "now right"
      : before.predicted === target
        ? "now wrong"
        : "wrong as before";
  const change = changeOf(
    { label: labels[before.predicted]!, probability: before.confidence },
    { label: labels[after.predicted]!, probability: after.confidence },
  );
  return exampleCard(data, row, html`${verdict}: ${change}, labelled ${labelTag(labels[target])}`);
}

function movedUnlabelled({ record }: ReportData, { asked, differing }: Counts): Html {
  if (asked === 0) return absent("The task does not use them.");
  if (differing === 0) return absent("No unlabelled example is answered otherwise.");
  const shown = record?.moved?.unlabelled ?? [];
  return html`<p>Of ${count(asked)} unlabelled examples, ${count(differing)} (${percent(differing / asked)}) are answered
otherwise than by the stack without them. Which answer is right is not known.${
    shown.length < differing &&
    shown.length > 0 &&
    html` Shown are ${shown.length}, those first that the task is most certain of.`
  }</p>
${
  record === undefined
    ? absent(NO_EXAMPLES)
    : exampleList(
        shown.map((example) => inputCard(example, changeOf(example.before, example.after))),
      )
}`;
}

/** `ham (0.61) became spam (0.83)` */
function changeOf(before: MovedExample["before"], after: MovedExample["after"]): Html {
  return html`${labelTag(before.label)} (${decimal(before.probability)}) became ${labelTag(after.label)} (${decimal(after.probability)})`;
}
