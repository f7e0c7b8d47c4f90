import { Command } from "@commander-js/extra-typings";
import { report } from "../../tasks/report.js";
import type { WrittenReport } from "../../tasks/write-report.js";
import type { Interruption } from "../interruption.js";
import { createTerminal, type Terminal } from "../terminal.js";

/** `engraft report`: a task as a page to read. */
export function reportCommand(interruption: Interruption): Command {
  const { signal } = interruption;
  const command = new Command("report")
    .description("Write a page about a task: how good it is, where it is wrong, what would help.")
    .argument("<task>", "task folder")
    .option("-o, --output <file>", "where to write (default: report.html in the task folder)")
    .option(
      "--data <folder>",
      "where the images of the task are (default: photos/ for photos.engraft)",
    )
    .option("--no-cache", "neither read nor write the feature cache")
    .option("--quiet", "print results only")
    .option("--json", "print where the page is and what it says as JSON")
    .addHelpText("after", EXAMPLES)
    .action(async (task, { quiet = false, json, ...options }) => {
      const terminal = createTerminal({ quiet });
      const written = await report(task, {
        ...options,
        signal,
        onProgress: interruption.keeping(terminal.progress),
        onWarning: terminal.warn,
      });
      terminal.done();
      if (json) await terminal.json(toJson(written));
      else printReport(terminal, written);
    });
  return command as unknown as Command;
}

const EXAMPLES = `
The page is one file that opens without network. The training data is not needed, but for images,
which are found by what is in them.

Examples:
  engraft report mails.engraft
  engraft report parts.engraft --data photos/ -o parts.html
  engraft report mails.engraft --json | jq -r '.labelErrors[].source'`;

/** All but the 400 laws that the intervals of the learning curve are made from. */
function toJson({ study, ...written }: WrittenReport): object {
  if (study?.learningCurve === undefined) return { ...written, study };
  const { resampled: _, ...learningCurve } = study.learningCurve;
  return { ...written, study: { ...study, learningCurve } };
}

/** What a report says in short, and where it is. */
function printReport(
  terminal: Terminal,
  { output, findings, warnings, missing }: WrittenReport,
): void {
  for (const sentence of warnings) terminal.warn(sentence);
  for (const sentence of missing) terminal.note(`missing: ${sentence}`);
  for (const finding of findings) terminal.out(finding);
  terminal.out("", `Wrote ${output}`);
}
