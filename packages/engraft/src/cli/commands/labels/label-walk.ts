import { visible } from "@engraft/core/escape";
import type { Correction } from "@engraft/data";
import type { LabelReview, SuspectLabel } from "@engraft/tasks/internal";
import type { Reviewer } from "../../terminal/reviewer.js";

/** What was decided on a walk. */
export interface Walk {
  readonly corrections: readonly Correction[];
  /** How many labels were decided on. */
  readonly decided: number;
  /** Whether it ended for want of an answer: by Ctrl-C, or the end of the input. */
  readonly interrupted: boolean;
}

/** What an answer means. */
type Answer =
  | { readonly kind: "label"; readonly label: string }
  | { readonly kind: "undo" | "stop" | "help" | "unknown" };

/**
 * Walks through labels that are probably wrong, the worst first, and asks about each.
 *
 * @param locate - What to call the source of an example, so that a person finds it.
 */
export async function walkLabels(
  { suspects, labels }: LabelReview,
  reviewer: Reviewer,
  locate: (source: string) => string,
): Promise<Walk> {
  const decisions: string[] = [];
  const endedBy = (interrupted: boolean): Walk => ({
    corrections: suspects.flatMap(({ source, given }, at) => {
      const label = decisions[at] ?? given;
      return label === given ? [] : [{ source, given, label }];
    }),
    decided: decisions.length,
    interrupted,
  });
  let shown = -1;
  while (decisions.length < suspects.length) {
    const at = decisions.length;
    const suspect = suspects[at]!;
    if (shown !== at) {
      const [first, ...others] = describe(suspect, locate);
      reviewer.say("", `${at + 1} of ${suspects.length}  ${first}`, ...others);
    }
    shown = at;
    const text = await reviewer.ask(KEYS);
    if (text === undefined) return endedBy(true);
    const answer = parseAnswer(text, suspect, labels);
    if (answer.kind === "label") decisions.push(answer.label);
    else if (answer.kind === "undo") decisions.pop();
    else if (answer.kind === "stop") return endedBy(false);
    else if (answer.kind === "help") reviewer.say(...help(labels));
    else reviewer.say(`There is no label ${JSON.stringify(text.trim())}; ? lists them.`);
  }
  return endedBy(false);
}

const KEYS = "[Enter] as suggested, [n] keep, a label, [u]ndo, [s]top, [?] > ";

function parseAnswer(
  text: string,
  { given, suggested }: SuspectLabel,
  labels: readonly string[],
): Answer {
  const answer = text.trim().normalize("NFC");
  switch (answer) {
    case "":
    case "y":
      return { kind: "label", label: suggested };
    case "n":
    case "k":
      return { kind: "label", label: given };
    case "u":
      return { kind: "undo" };
    case "s":
      return { kind: "stop" };
    case "?":
      return { kind: "help" };
  }
  const label = labels.includes(answer) ? answer : numbered(labels).get(answer);
  return label === undefined ? { kind: "unknown" } : { kind: "label", label };
}

/** Labels by their numbers from 1 on; none where labels are numbers themselves. */
function numbered(labels: readonly string[]): ReadonlyMap<string, string> {
  if (labels.some((label) => /^\d+$/.test(label))) return new Map();
  return new Map(labels.map((label, index) => [String(index + 1), label]));
}

function help(labels: readonly string[]): string[] {
  const numbers = numbered(labels);
  const choices = numbers.size > 0 ? [...numbers].map((pair) => pair.join(" ")) : labels;
  return [
    "",
    "Enter, y  take the suggestion",
    "n, k      keep the label as it is",
    "u         go back to the one before",
    "s         stop, and save what was decided",
    `          or type a label${numbers.size > 0 ? ", or its number" : ""}; Tab completes it:`,
    ...choices.map((choice) => `            ${choice}`),
  ];
}

/** A text in one flow, and no more of it than a screen holds. */
function readable(text: string): string {
  const shown = text.trim().replace(/\s+/g, " ");
  return shown.length > SHOWN ? `${shown.slice(0, SHOWN - 1)}…` : shown;
}

const SHOWN = 1_000;

function describe(suspect: SuspectLabel, locate: (source: string) => string): string[] {
  const { source, input, neighboursDisagreeing: share } = suspect;
  const [given, suggested] = [visible(suspect.given), visible(suspect.suggested)];
  const width = Math.max(given.length, suggested.length);
  const probability = (value: number): string => `probability ${value.toFixed(3)}`;
  const neighbours =
    share === undefined ? "" : `, ${Math.round(100 * share)} % of the neighbours disagree`;
  return [
    locate(source),
    ...(input.kind === "text" ? [`  ${readable(input.text)}`] : []),
    `  labelled   ${given.padEnd(width)}  ${probability(suspect.probabilityOfGiven)}${neighbours}`,
    `  suggested  ${suggested.padEnd(width)}  ${probability(suspect.probabilityOfSuggested)}`,
  ];
}
