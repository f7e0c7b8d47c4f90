import { IntegrityError } from "@engraft/core/errors";
import { manifestSchema, SCHEMA_VERSION, type TaskManifest } from "./manifest.js";
import { contradictionsIn } from "./manifest-rules.js";

/**
 * Parses and validates `task.json`.
 *
 * @throws IntegrityError `task/version` for a schema version that this Engraft does not know, and
 *   `task/invalid` for anything else that is wrong with it.
 */
export function parseManifest(bytes: Uint8Array): TaskManifest {
  const value = parseJson(bytes);
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
    `task.json is not a valid task at ${issue.path.join(".") || "its root"}: ${issue.message}. ` +
      "Train the task again, or restore the file.",
  );
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new IntegrityError("task/invalid", "task.json", "task.json is not JSON.", { cause });
  }
}
