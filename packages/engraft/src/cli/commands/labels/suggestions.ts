import type { DataProblem } from "@engraft/core";
import { shellWord } from "@engraft/core/escape";
import type {
  FirstSuggestions,
  NextBatch,
  SuggestedInput,
  Suggestions,
  TypicalInput,
} from "@engraft/tasks/predict";
import { oneLine } from "../../terminal/format.js";
import type { Terminal } from "../../terminal/terminal.js";

/** Labels that are listed. */
const MOST_LISTED = 10;

/** Prints what to label before there is a task, and how it was chosen. */
export async function printFirst(
  terminal: Terminal,
  found: FirstSuggestions,
  count: number,
  json: boolean | undefined,
): Promise<void> {
  noteSkipped(terminal, found.skipped);
  terminal.note(...howChosen(found, count));
  for (const suggestion of found.suggested) {
    await (json ? terminal.json(typicalJson(suggestion)) : terminal.row(...typicalRow(suggestion)));
  }
}

/** How typical inputs were chosen, as lines. */
export function howChosen(found: FirstSuggestions, count: number): string[] {
  const { suggested, modality, base, inputs, labelled, copies } = found;
  const clusters = new Set(suggested.map(({ cluster }) => cluster)).size;
  const what = counted(suggested.length, `typical ${modality}`);
  const from = clusters === suggested.length ? "one of each of" : "of";
  const lines = [
    `${what}, ${from} ${counted(clusters, "cluster")}, the largest first: ` +
      `${counted(inputs, modality)} read, clustered by the last layer of ${base}.`,
  ];
  const withLabel = labelled.reduce((sum, { examples }) => sum + examples, 0);
  if (withLabel > 0) {
    const listed = labelled
      .slice(0, MOST_LISTED)
      .map(({ label, examples }) => `${label} ${examples}`);
    const rest = labelled.length - listed.length;
    const labels = [...listed, ...(rest > 0 ? [`${rest} labels more`] : [])].join(", ");
    lines.push(`Have a label already, and cover their clusters: ${withLabel} (${labels}).`);
  }
  if (copies > 0) lines.push(`Copies of others, or nearly so, passed over: ${copies}.`);
  if (suggested.length < count) {
    lines.push(`Asked for were ${count}; no more without a label differ from one another.`);
  }
  return lines;
}

/** Prints what to label next, and what that will bring. */
export async function printNext(
  terminal: Terminal,
  { suggested, chosenBy, passedOver, skipped, next }: Suggestions,
  task: string,
  json: boolean | undefined,
): Promise<void> {
  noteSkipped(terminal, skipped);
  if (passedOver > 0) {
    terminal.note(
      `Passed over, because they have a label or are copies of training examples: ${passedOver}.`,
    );
  }
  if (chosenBy === "typical") {
    terminal.note(
      "The task has fewer than 4 examples of a label on average: these are typical of clusters without a label.",
    );
  }
  for (const suggestion of suggested) {
    await (json
      ? terminal.json(uncertainJson(suggestion))
      : terminal.row(...uncertainRow(suggestion)));
  }
  if (next === undefined) return;
  if (json) await terminal.json({ next });
  else terminal.note("", ...whatNext(next, task));
}

/** What the next labels will bring, and what to do, as lines. */
export function whatNext(
  { labels, forecast, unknown, mixUps = [], atStake = 0, step }: NextBatch,
  task: string,
): string[] {
  const batch = counted(labels, "more label");
  const lines: string[] = [];
  if (forecast === undefined) {
    lines.push(`What ${batch} will bring cannot be known. ${unknown}`);
  } else {
    const { accuracy, interval, gain, gainInterval } = forecast;
    lines.push(
      `With ${batch}: accuracy ${accuracy.toFixed(3)} (${span(interval, 3)} in 80 of 100 cases), ` +
        `${points(gain)} points more (${gainInterval.map(points).join(" to ")}), if they are drawn at random.`,
    );
  }
  if (mixUps.length > 0) {
    lines.push(
      `${counted(mixUps.length, "label")} of its examples ${mixUps.length === 1 ? "looks" : "look"} mixed up. ` +
        `Settled, they can bring up to ${points(atStake)} points:`,
      ...mixUps.slice(0, MOST_LISTED).map(({ source, given, suggested, text }) => {
        const shown = text === undefined ? "" : `: ${oneLine(text)}`;
        return `  ${source}  ${given}, probably ${suggested}${shown}`;
      }),
    );
    if (mixUps.length > MOST_LISTED) lines.push(`  and ${mixUps.length - MOST_LISTED} more`);
  }
  if (step === "settle") {
    const them = mixUps.length === 1 ? "this label" : `these ${mixUps.length} labels`;
    lines.push(`Settle ${them} rather than label ${labels} more:`);
  }
  if (mixUps.length > 0) {
    lines.push(`  engraft relabel <data> --from ${shellWord(task)}`);
  }
  if (step === "stop") lines.push("More labels of this kind will hardly help.");
  return lines;
}

function noteSkipped(terminal: Terminal, skipped: readonly DataProblem[]): void {
  for (const { where, what } of skipped) terminal.note(`skipped ${where}: ${what}`);
}

function typicalJson({ source, input, cluster, standsFor }: TypicalInput): object {
  const text = input.kind === "text" ? input.text : undefined;
  return { source, text, cluster, standsFor };
}

function typicalRow({ source, input, cluster, standsFor }: TypicalInput): string[] {
  const shown = input.kind === "text" ? [oneLine(input.text)] : [];
  return [source, String(cluster), String(standsFor), ...shown];
}

function uncertainJson(suggestion: SuggestedInput): object {
  const { source, input, prediction, uncertainty, cluster, standsFor } = suggestion;
  const { label, probability, truncated } = prediction;
  const text = input.kind === "text" ? input.text : undefined;
  return { source, text, label, probability, uncertainty, truncated, cluster, standsFor };
}

function uncertainRow({
  source,
  input,
  prediction: { label, probability },
}: SuggestedInput): string[] {
  const shown = input.kind === "text" ? [oneLine(input.text)] : [];
  return [source, label, probability.toFixed(3), ...shown];
}

function span(interval: readonly [number, number], digits: number): string {
  return interval.map((value) => value.toFixed(digits)).join(" to ");
}

/** Points of accuracy. */
function points(share: number): string {
  return (100 * share).toFixed(1);
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
