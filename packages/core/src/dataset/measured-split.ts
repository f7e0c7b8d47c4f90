import type { Dataset } from "./dataset.js";

/** The examples of a data set that models and tasks are measured on: those of its last split. */
export function measuredSplit({
  splits: { train, val, test },
}: Dataset): Dataset["splits"]["train"] {
  return test ?? val ?? train;
}
