import type { Session } from "@engraft/core";
import type { Lazy } from "../lazy.js";

/** Releases a session where there is one. What fails then has left nothing that could be released. */
export async function unload(session: Lazy<Session>): Promise<void> {
  await session
    .take()
    ?.then((loaded) => loaded.release())
    .catch(() => {});
}
