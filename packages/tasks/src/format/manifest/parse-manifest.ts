import { IntegrityError } from "@engraft/core/errors";
import { parseJson, placeOf } from "@engraft/core/predict";
import { manifestSchema, SCHEMA_VERSION, type TaskManifest } from "./manifest.js";
import { contradictionsIn } from "./manifest-rules.js";

/**
 * Parses and validates `task.json`.
 *
 * @throws IntegrityError `task/version` for a schema version that this Engraft does not know, and
 *   `task/invalid` for anything else that is wrong with it.
 */
export function parseManifest(bytes: Uint8Array): TaskManifest {
  const value = parseJson(
    bytes,
    (cause) => new IntegrityError("task/invalid", "task.json", "task.json is not JSON.", { cause }),
  );
  const version = (value as { schemaVersion?: unknown } | null)?.schemaVersion;
  if (typeof version === "number" && version !== SCHEMA_VERSION) {
    throw new IntegrityError(
      "task/version",
      "task.json",
      `task.json has schema version ${version}; this Engraft reads version ${SCHEMA_VERSION}. ` +
        "Use the Engraft that made the task, or train it again.",
    );
  }
  const result = manifestSchema.safeParse(value);
  const [issue] = result.error?.issues ?? contradictionsIn(result.data!);
  if (issue === undefined) return result.data!;
  throw new IntegrityError(
    "task/invalid",
    "task.json",
    `task.json is not a valid task at ${placeOf(issue.path)}: ${issue.message}. ` +
      "Train the task again, or restore the file.",
  );
}
