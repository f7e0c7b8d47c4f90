import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { openBase } from "@engraft/core/predict";
import { BASE_PACKAGES, type BaseId, baseIds, DEFAULT_BASE } from "@engraft/tasks/predict";
import { readBaseFile } from "../base-files.js";
import { sha256 } from "../sha256.js";
import { type Check, checked } from "./check.js";

/** The base models that are installed with Engraft, and others that are installed beside it. */
export function installedBases(): BaseId[] {
  const shipped: readonly string[] = Object.values(DEFAULT_BASE);
  return baseIds().filter((id) => shipped.includes(id) || isInstalled(id));
}

function isInstalled(id: BaseId): boolean {
  try {
    return existsSync(fileURLToPath(import.meta.resolve(`${BASE_PACKAGES[id]}/spec.json`)));
  } catch {
    return false;
  }
}

/** Reads an installed base model, and compares its files with their digests. */
export function checkBase(id: BaseId): Promise<Check> {
  return checked(
    `base ${id}`,
    `Install it again with: npm install ${BASE_PACKAGES[id]}`,
    async () => {
      const { spec } = await openBase((name) => readBaseFile(id, name), { sha256 });
      const { modality, source } = spec;
      return {
        status: "ok",
        found: `for ${modality === "text" ? "texts" : "images"}, as it was published`,
        details: { id, modality, source },
      };
    },
  );
}
