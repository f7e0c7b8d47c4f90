import type { ReportOptions, WrittenReport } from "./write-report.js";

/**
 * Writes a report on a task: one HTML file that opens without network and without scripts. It shows
 * how good the task is, where it is wrong, which labels look wrong, whether more labels would help, and
 * what each layer of its base knows. The same task gives the same file.
 *
 * ```ts
 * const { output, findings } = await report("mails.engraft");
 * ```
 *
 * @param taskFolder - The data that the task was trained on is not needed: its layers come from the
 *   feature cache, or from the texts that the task keeps. Only images are looked for.
 * @throws UsageError when there is no such task, or nothing where the images are said to be.
 * @throws IntegrityError when a file of the task or of its base model was altered or is missing.
 */
export async function report(
  taskFolder: string,
  options: ReportOptions = {},
): Promise<WrittenReport> {
  // Loaded late: what draws is not needed for anything else.
  const { writeReport } = await import("./write-report.js");
  return writeReport(taskFolder, options);
}
