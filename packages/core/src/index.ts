export type { BaseSpec, Tap } from "./bases/spec.js";
export { baseSpecSchema } from "./bases/spec.js";
export type {
  Dataset,
  Example,
  ImageInput,
  Input,
  Modality,
  SingleLabelExample,
  SplitName,
  Target,
  TextInput,
} from "./dataset/dataset.js";
export type { DataProblem } from "./errors.js";
export { DataError, EngraftError, IntegrityError, UsageError } from "./errors.js";
