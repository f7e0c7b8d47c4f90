export {
  type ComparedFigures,
  DataError,
  type DataProblem,
  type Dataset,
  EngraftError,
  type Figures,
  IntegrityError,
  type OnProgress,
  type Prediction,
  type Progress,
  type SummaryFigures,
  type TaskManifest,
  type TrainConfig,
  type TrainConfigInput,
  UsageError,
} from "@engraft/core";
export { type BaseId, baseIds } from "./bases/resolve.js";
export {
  type InputOptions,
  type NamedInput,
  type ReadOptions,
  readDataset,
  readInputs,
} from "./data/index.js";
export { type Inspection, inspect, type LayerSummary, type PartSummary } from "./inspect.js";
export { loadTask, type StreamInput, type StreamResult, type Task } from "./tasks/task.js";
export { type TrainOptions, train } from "./tasks/train.js";
