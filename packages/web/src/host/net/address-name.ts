import { isTaskZip } from "@engraft/tasks/predict";

/** The path of an address, absolute or not: what follows a question mark is no part of a name. */
function pathOf(address: string): string {
  return address.replace(/[?#].*$/s, "");
}

/** The last part of an address, as a name. One that is not encoded as addresses are stays as it is. */
export function nameOfAddress(address: string): string {
  const last = pathOf(address).replace(/\/+$/, "").split("/").at(-1)!;
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}

/** Whether a task at an address is one file. */
export function isTaskZipAddress(address: string): boolean {
  return isTaskZip(pathOf(address));
}
