import { relabelledFile as relabelledSource } from "@engraft/data";
import { DiskFile } from "../host/files/disk.js";
import type { DataOptions } from "./index.js";

export { canRelabel } from "@engraft/data";

/** A copy of a data file with some labels changed, by the position of their record. */
export function relabelledFile(
  path: string,
  labels: ReadonlyMap<number, string>,
  { text, image, label, header, imageFolder }: DataOptions,
): Promise<Uint8Array> {
  const columns = { text, image, label };
  return relabelledSource(new DiskFile(path), labels, { columns, header, imageFolder });
}
