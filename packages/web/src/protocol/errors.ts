import { type ErrorClass, type ErrorClasses, errorClasses } from "@engraft/core/workers/rpc";
import { MissingPart } from "@engraft/data/errors";
import { OutputError, TaskChangedError } from "@engraft/tasks/errors";

/** The errors that keep their class between a page and its worker. */
export const WEB_ERRORS: ErrorClasses = new Map<string, ErrorClass>([
  ...errorClasses,
  ...Object.entries({ MissingPart, OutputError, TaskChangedError }),
]);
