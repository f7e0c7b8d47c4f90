import type { OutputChunk } from "rolldown";

/** Bundles @engraft/web into a folder. */
export function bundleWeb(
  dir: string,
  entries?: Readonly<Record<string, string>>,
  minify?: boolean,
): Promise<readonly OutputChunk[]>;
