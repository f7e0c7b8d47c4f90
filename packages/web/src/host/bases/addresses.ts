import type { BaseId } from "@engraft/tasks/predict";

/** The address of a folder that has a folder for each base model, or the folder of each by its name. */
export type BaseAddresses = string | Readonly<Partial<Record<BaseId, string>>>;

/** The folder that bases are in unless another is named, beside the page. */
const DEFAULT_FOLDER = "engraft/";

/** The address of the folder of a base model, with a slash at its end. */
export function baseAddress(
  addresses: BaseAddresses = DEFAULT_FOLDER,
  id: BaseId,
  baseUrl: string,
): string {
  if (typeof addresses === "string") return folder(id, folder(addresses, baseUrl));
  return folder(addresses[id] ?? `${DEFAULT_FOLDER}${id}`, baseUrl);
}

function folder(address: string, baseUrl: string): string {
  const { href } = new URL(address, baseUrl);
  return href.endsWith("/") ? href : `${href}/`;
}
