import { DataError, type DataProblem, type DataRemedy, listProblems } from "@engraft/core/errors";

/** How many problems a message prints; all of them are in `DataError.problems`. */
const LISTED = 20;

/** The error for a file or folder that cannot be read at all, or from some line on. */
export function unreadable(where: string, what: string, cause?: unknown): DataError {
  const problems = [{ where, what }];
  return new DataError("data/unreadable", `${where}: ${what}.`, { problems, cause });
}

/** The error for a file that can be read and, as a whole, makes no sense as data. */
export function unusable(
  where: string,
  what: string,
  remedies: readonly DataRemedy[] = [],
): DataError {
  const problems = [{ where, what }];
  return new DataError("data/invalid", `${where}: ${what}.`, { problems, remedies });
}

/** A data file lacks a column, or data has no labels at all. */
export class MissingPart extends DataError {
  /** `labels`: there are none, and nobody said where they are. */
  readonly part: "labels" | "column";
  readonly where: string;
  readonly what: string;

  constructor(
    part: MissingPart["part"],
    where: string,
    what: string,
    remedies: readonly DataRemedy[] = [],
  ) {
    super("data/invalid", `${where}: ${what}.`, { problems: [{ where, what }], remedies });
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
    "Correct the data, or leave these out (option skipBad).",
  ];
  return new DataError("data/invalid", message.join("\n"), { problems, remedies: ["skipBad"] });
}
