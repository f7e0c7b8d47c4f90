/**
 * The GPU that the browser offers.
 *
 * @returns Its description; undefined where there is none.
 */
export async function findAdapter(): Promise<string | undefined> {
  const adapter = await globalThis.navigator?.gpu?.requestAdapter().catch(() => null);
  if (!adapter) return undefined;
  const { vendor, architecture, device, description } = adapter.info;
  const words = [vendor, architecture, device, description].filter((word) => word !== "");
  return words.join(" ") || "a GPU without a name";
}
