/**
 * The GPU that the browser offers.
 *
 * @returns Its description; undefined where there is none, or it cannot be asked for.
 */
export async function findAdapter(): Promise<string | undefined> {
  try {
    const adapter = await globalThis.navigator?.gpu?.requestAdapter();
    return adapter ? descriptionOf(adapter) : undefined;
  } catch {
    return undefined;
  }
}

/** Chrome and Edge before version 127 have adapters without `info`. */
function descriptionOf(adapter: GPUAdapter): string {
  const info: Partial<GPUAdapterInfo> = adapter.info ?? {};
  const words = [info.vendor, info.architecture, info.device, info.description];
  return words.filter((word) => word).join(" ") || "a GPU without a name";
}
