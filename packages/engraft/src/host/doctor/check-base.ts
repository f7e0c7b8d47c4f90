import { openBase } from "@engraft/core/predict";
import type { BaseId } from "@engraft/tasks/predict";
import { readBaseFile } from "../base-files.js";
import { sha256 } from "../sha256.js";
import { type Check, checked } from "./check.js";

/** Reads a base model that ships with Engraft, and compares its files with their digests. */
export function checkBase(id: BaseId): Promise<Check> {
  return checked(`base ${id}`, "Install it again with: npm install engraft", async () => {
    const { spec } = await openBase((name) => readBaseFile(id, name), { sha256 });
    const { modality, source } = spec;
    return {
      status: "ok",
      found: `for ${modality === "text" ? "texts" : "images"}, as it was published`,
      details: { id, modality, source },
    };
  });
}
