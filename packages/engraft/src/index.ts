export {
  type ComparedFigures,
  DataError,
  type DataProblem,
  type Dataset,
  EngraftError,
  type Figures,
  IntegrityError,
  Layer,
  layers,
  Model,
  type OnProgress,
  type Prediction,
  type Progress,
  type SummaryFigures,
  type TaskManifest,
  type TrainConfig,
  type TrainConfigInput,
  type TrainingEvent,
  transferWeights,
  UsageError,
  Weight,
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
export { type DifferentiatedFile, differentiateFile } from "./models/differentiate-file.js";
export { type FitOptions, fit, valueAndGrad } from "./models/fit.js";
export { type LoadModelOptions, loadModel } from "./models/load-model.js";
export { loadTask } from "./tasks/load.js";
export type { StreamInput, StreamResult, Task } from "./tasks/task.js";
export { type TrainOptions, train } from "./tasks/train.js";
