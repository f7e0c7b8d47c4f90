import { type ErrorClass, type ErrorClasses, errorClasses } from "@engraft/core/workers/port";
import { MissingPart } from "@engraft/data/errors";
import { OutputError, TaskChangedError } from "@engraft/tasks/errors";
import { RuntimeMissingError } from "../runtime/runtime-missing.js";

/** The errors that keep their class between the threads of Node. */
export const NODE_ERRORS: ErrorClasses = new Map<string, ErrorClass>([
  ...errorClasses,
  ...Object.entries({ MissingPart, OutputError, RuntimeMissingError, TaskChangedError }),
]);
