export { type ReadOptions, readDataset } from "./read-dataset.js";
export { type InputOptions, type NamedInput, readInputs } from "./read-inputs.js";
