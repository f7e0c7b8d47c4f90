import type { OutputChunk } from "rolldown";

/** Bundles @engraft/web/extension into a folder. */
export function bundleExtension(dir: string): Promise<OutputChunk>;
