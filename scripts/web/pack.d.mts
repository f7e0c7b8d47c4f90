/** Packages that are in the bundles of @engraft/web. */
export const BUNDLED: readonly string[];
/** Makes of the compiled package in a folder what is published. */
export function stageWeb(folder: string): Promise<void>;
