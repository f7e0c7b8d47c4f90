import type { LabelReview, SuspectLabel } from "@engraft/core";
import type { Correction } from "../tasks/relabel.js";

/** The person in front of the terminal. */
export interface Reviewer {
  /** Shows lines. */
  say(text: string): void;
  /** Waits for an answer; undefined when there will be none any more. */
  ask(question: string): Promise<string | undefined>;
}

/** What was decided on a walk. */
export interface Walk {
  readonly corrections: readonly Correction[];
  /** How many labels were looked at. */
  readonly seen: number;
  /** Whether it ended without an answer: by Ctrl-C, or the end of the input. */
  readonly interrupted: boolean;
}

/** What an answer means. */
type Answer =
  | { readonly kind: "label"; readonly label: string }
  | { readonly kind: "undo" | "stop" | "help" | "unknown" };

/** Longer texts are cut: enough to judge by, and a screen is not filled. */
const SHOWN_CHARACTERS = 1_000;

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
  let end: "stop" | "interrupted" | undefined;
  let isShown = false;
  while (end === undefined && decisions.length < suspects.length) {
    const suspect = suspects[decisions.length]!;
    if (!isShown) reviewer.say(describe(suspect, decisions.length + 1, suspects.length, locate));
    isShown = true;
    const text = await reviewer.ask(`${keysFor(suspect)} > `);
    const answer = text === undefined ? undefined : parseAnswer(text, suspect, labels);
    switch (answer?.kind) {
      case undefined:
        end = "interrupted";
        break;
      case "label":
        decisions.push(answer.label);
        isShown = false;
        break;
      case "undo":
        isShown = decisions.pop() === undefined;
        break;
      case "stop":
        end = "stop";
        break;
      case "help":
        reviewer.say(help(labels));
        break;
      case "unknown":
        reviewer.say(`There is no label ${JSON.stringify(text)}; ? lists them.`);
    }
  }
  return {
    corrections: toCorrections(suspects, decisions),
    seen: decisions.length,
    interrupted: end === "interrupted",
  };
}

/** Labels, and their numbers from 1 on where no label is a number itself. */
function parseAnswer(text: string, { given, suggested }: SuspectLabel, labels: LabelReview["labels"]): Answer {
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
  const label = labels.includes(answer) ? answer : labels[numberOf(answer, labels) - 1];
  return label === undefined ? { kind: "unknown" } : { kind: "label", label };
}
