/** What the task is, how good it is, and which files it has. */
export const MANIFEST_FILE = "task.json";

/** A plain ONNX model: from features and words to log-probabilities. */
export const HEAD_FILE = "head.onnx";

/** The words of the head's input `words`; only where a view on words has weight. */
export const VOCABULARY_FILE = "vocabulary.json";

/** The training examples. */
export const EXAMPLES_FILE = "examples.jsonl";
/** What was found out about the training examples. */
export const FINDINGS_FILE = "examples.safetensors";
/** Some of the unlabelled examples that the task answers otherwise than it would without them. */
export const MOVED_FILE = "unlabelled.jsonl";
/** How the task was measured, so that it can be measured again. */
export const MEASUREMENT_FILE = "measurement.safetensors";

/** The files of a record. They are not needed to predict, and are read when something asks for them. */
export const RECORD_FILES: readonly string[] = [
  EXAMPLES_FILE,
  FINDINGS_FILE,
  MEASUREMENT_FILE,
  MOVED_FILE,
];
