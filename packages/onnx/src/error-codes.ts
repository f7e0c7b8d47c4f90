/**
 * The codes of every error that Engraft throws, of all packages: they are stable, and a program may
 * decide by them. They stand together in the lowest package, where the base of all error classes is.
 */
export type EngraftErrorCode =
  | OnnxErrorCode
  | AutodiffErrorCode
  | DataErrorCode
  | IntegrityErrorCode
  | RuntimeErrorCode
  | CheckpointErrorCode
  | ServingErrorCode
  | WorkerErrorCode
  | RequestErrorCode
  /** An option or argument cannot be used. */
  | "usage"
  /** No ONNX Runtime is there for this platform, or it cannot be loaded. */
  | "runtime/missing"
  /** A file or folder cannot be written. */
  | "output/unwritable"
  /** Another process has written the task in the meantime. */
  | "task/changed";

/** What can be wrong with a model file or graph. */
export type OnnxErrorCode =
  /** The bytes are not a readable ONNX model. */
  | "onnx/malformed"
  /** The model is valid, and needs something that Engraft does not know. */
  | "onnx/unsupported"
  /** The graph breaks a rule of the ONNX IR (an input that nothing produces, a cycle, a wrong type). */
  | "onnx/invalid-graph"
  /** A value, node or tensor that was asked for by name does not exist. */
  | "onnx/unknown-name";

/** Why a graph cannot be differentiated. */
export type AutodiffErrorCode =
  /** Nodes between the weights and the loss have no gradient that we know. */
  | "autodiff/unsupported"
  /** What was asked for does not fit the graph: no such weight, a loss that is not one number. */
  | "autodiff/invalid-request";

/** Why data cannot be used as it is. */
export type DataErrorCode =
  /** Rows, files or fields are not what was expected. */
  | "data/invalid"
  /** There is nothing in it. */
  | "data/empty"
  /** A file is damaged or of an unknown format. */
  | "data/unreadable"
  /** There are fewer examples than the work needs. */
  | "data/too-few";

/** Why a task or a base model is refused. */
export type IntegrityErrorCode =
  /** A file is not the one that was written. */
  | "task/altered"
  | "base/altered"
  /** A file is missing, or its content is not valid. */
  | "task/invalid"
  | "base/invalid"
  /** This Engraft does not know the version of the format. */
  | "task/version";

/** What ONNX Runtime does not do. */
export type RuntimeErrorCode =
  /** It does not load a model. */
  | "runtime/load"
  /** It stops while it runs one. */
  | "runtime/run"
  /** It has not got the memory. */
  | "runtime/memory";

/** Why a training cannot go on from a checkpoint. */
export type CheckpointErrorCode =
  | "checkpoint/invalid"
  | "checkpoint/altered"
  /** This Engraft does not know the version of the format. */
  | "checkpoint/version"
  /** It belongs to another configuration, other data or another model. */
  | "checkpoint/other-run";

/** Why tasks that are served do not answer a request, whoever carries it. */
export type ServingErrorCode =
  /** Too many inputs wait; try again later. */
  | "serving/overloaded"
  /** The request has more inputs than may ever wait. */
  | "serving/too-many-inputs"
  | "serving/unknown-task"
  /** The task works on inputs of another kind. */
  | "serving/modality"
  | "serving/unreadable-inputs"
  /** The task cannot promise the error rate or the confidence that is asked for. */
  | "serving/not-promised"
  /** The answer was not ready in time. */
  | "serving/deadline";

/** Why a worker thread does not answer. */
export type WorkerErrorCode =
  /** It has ended without having been asked to: it crashed, or its memory ran out. */
  | "worker/died"
  /** It was stopped, as its owner was closed. */
  | "worker/closed"
  /** A message to it or from it cannot be sent, or is not one of the protocol. */
  | "worker/message";

/** Why a server refuses a request. */
export type RequestErrorCode =
  /** Not what the address expects. */
  | "request/invalid"
  /** The body is not JSON. */
  | "request/json"
  /** The body is not UTF-8. */
  | "request/encoding"
  /** The server is not open to this host name, or to pages of this origin. */
  | "request/forbidden"
  /** The request did not arrive in time. */
  | "request/slow"
  /** Too many bytes or inputs. */
  | "request/too-large"
  /** The body is of a kind that the address or the task does not take. */
  | "request/media-type"
  /** The answer was not ready in time. */
  | "request/timeout"
  /** No bearer token, or a wrong one. */
  | "auth/required"
  | "route/unknown"
  | "task/unknown"
  | "method/unknown"
  /** An input cannot be decoded or is too large. */
  | "input/unreadable"
  /** Too many inputs wait. */
  | "queue/full"
  | "server/stopping"
  /** A defect of the server. */
  | "internal"
  /** What answered is not a server of Engraft. */
  | "response/invalid";
