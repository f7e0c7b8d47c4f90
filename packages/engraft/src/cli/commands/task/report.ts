import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import type { Report } from "@engraft/tasks/predict";
import { createEngraft } from "../../../engraft.js";
import { runOf } from "../../options/run-options.js";
import type { Interruption } from "../../terminal/interruption.js";
import { createTerminal, type Terminal } from "../../terminal/terminal.js";

/** `engraft report`: a task as a page to read. */
export function reportCommand(interruption: Interruption): CommandUnknownOpts {
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
    .action(async (path, { quiet = false, json, ...options }) => {
      const terminal = createTerminal({ quiet });
      await using engraft = createEngraft();
      const task = await engraft.loadTask(path);
      const report = await task.report({ ...runOf(interruption, terminal), ...options });
      terminal.done();
      if (json) await terminal.json(toJson(report));
      else printReport(terminal, report);
    });
  return command;
}

const EXAMPLES = `
The page is one file that opens without network. The training data is not needed, but for images,
which are found by what is in them.

Examples:
  engraft report mails.engraft
  engraft report parts.engraft --data photos/ -o parts.html
  engraft report mails.engraft --json | jq -r '.labelErrors[].source'`;

/** All but the 400 laws that the intervals of the learning curve are made from. */
function toJson({ html, study, ...report }: Report): object {
  const bytes = new TextEncoder().encode(html).length;
  if (study?.learningCurve === undefined) return { ...report, bytes, study };
  const { resampled: _, ...learningCurve } = study.learningCurve;
  return { ...report, bytes, study: { ...study, learningCurve } };
}

/** What a report says in short, and where it is. */
function printReport(terminal: Terminal, { output, findings, warnings, missing }: Report): void {
  for (const sentence of warnings) terminal.warn(sentence);
  for (const sentence of missing) terminal.note(`missing: ${sentence}`);
  for (const finding of findings) terminal.out(finding);
  terminal.out("", `Wrote ${output}`);
}
