import type { ColumnOptions } from "./columns.js";
import type { LimitOptions } from "./limits.js";

export { type ReadOptions, readDataset } from "./read-dataset.js";
export { type InputOptions, type NamedInput, readInputs } from "./read-inputs.js";

/** How data is read: where in its files the examples are, and the largest that are accepted. */
export interface DataOptions extends ColumnOptions, LimitOptions {}
