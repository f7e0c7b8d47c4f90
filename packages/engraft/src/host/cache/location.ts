import { homedir } from "node:os";
import { join } from "node:path";

/**
 * The folder in which Engraft keeps computed features: `$ENGRAFT_CACHE`, else the user's cache
 * folder (`$XDG_CACHE_HOME`, `%LOCALAPPDATA%` or `~/.cache`) with `engraft` in it.
 */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  if (env.ENGRAFT_CACHE) return env.ENGRAFT_CACHE;
  const base =
    env.XDG_CACHE_HOME ||
    (process.platform === "win32" && env.LOCALAPPDATA) ||
    join(homedir(), ".cache");
  return join(base, "engraft");
}
