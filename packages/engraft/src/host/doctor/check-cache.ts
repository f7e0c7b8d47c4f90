import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cacheFolder } from "../cache/location.js";
import { listCache } from "../cache/manage.js";
import { type Check, checked } from "./check.js";

/** Writes into the folder of the feature cache, and says how much is in it. */
export function checkCache(): Promise<Check> {
  const fix = "Set ENGRAFT_CACHE to a folder that can be written.";
  return checked("cache", fix, async () => {
    const folder = cacheFolder();
    await mkdir(folder, { recursive: true });
    const probe = await mkdtemp(join(folder, "doctor-"));
    try {
      await writeFile(join(probe, "probe"), "");
    } finally {
      await rm(probe, { recursive: true });
    }
    const sets = await listCache(folder);
    const bytes = sets.reduce((sum, set) => sum + set.bytes, 0);
    return {
      status: "ok",
      found: `${folder}, ${(bytes / 1e6).toFixed(1)} MB`,
      details: { folder, bytes, sets: sets.length },
    };
  });
}
