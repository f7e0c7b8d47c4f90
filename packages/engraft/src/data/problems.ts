import { DataError, type DataProblem, listProblems } from "@engraft/core/errors";

/** How many problems a message prints; all of them are in `DataError.problems`. */
const LISTED = 20;

/** The error for a file or folder that cannot be read at all, or from some line on. */
export function unreadable(where: string, what: string, cause?: unknown): DataError {
  const problems = [{ where, what }];
  return new DataError("data/unreadable", `${where}: ${what}.`, { problems, cause });
}

/** The error for a file that can be read and, as a whole, makes no sense as data. */
export function unusable(where: string, what: string): DataError {
  return new DataError("data/invalid", `${where}: ${what}.`, { problems: [{ where, what }] });
}

/** A data file lacks a column, or data has no labels at all. */
export class MissingPart extends DataError {
  /** `labels`: there are none, and nobody said where they are. */
  readonly part: "labels" | "column";
  readonly where: string;
  readonly what: string;

  constructor(part: MissingPart["part"], where: string, what: string) {
    super("data/invalid", `${where}: ${what}.`, { problems: [{ where, what }] });
    this.part = part;
    this.where = where;
    this.what = what;
  }
}

/** The error that lists every bad row and file of a data set. */
export function invalid(name: string, problems: readonly DataProblem[]): DataError {
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  const message = [
    `${name} has ${count}:`,
    listProblems(problems, LISTED),
    "Correct the data, or leave these out with --skip-bad (option skipBad).",
  ];
  return new DataError("data/invalid", message.join("\n"), { problems });
}

/** What a failed file-system call means, to end a sentence that begins with the file's name. */
export function reason(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  switch (code) {
    case "ENOENT":
      return "does not exist";
    case "EACCES":
    case "EPERM":
      return "may not be read (permission denied)";
    case "ELOOP":
      return "cannot be reached (its symbolic links form a loop)";
    case "EISDIR":
      return "is a folder where a file was expected";
    default:
      return `cannot be read (${error instanceof Error ? error.message : String(error)})`;
  }
}
