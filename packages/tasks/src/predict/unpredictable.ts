import { DataError, type DataProblem, listProblems } from "@engraft/core/errors";

/** The error that lists every input that cannot be read. */
export function unpredictable(problems: readonly DataProblem[]): DataError {
  const message = `Some inputs cannot be read; go on without them (option skipBad):\n${listProblems(problems)}`;
  return new DataError("data/unreadable", message, { problems, remedies: ["skipBad"] });
}
