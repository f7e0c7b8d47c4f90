import { UsageError } from "@engraft/core/errors";

/** A device that models run on: the processor, or the GPU. */
export type Device = "wasm" | "webgpu";

/** Where models run: on one device, or where a base model takes less time. */
export type DeviceOption = "auto" | Device;

const OPTIONS: readonly DeviceOption[] = ["auto", "wasm", "webgpu"];

/** @throws UsageError when it is none. */
export function requireDevice(device: DeviceOption): void {
  if (OPTIONS.includes(device)) return;
  const known = OPTIONS.map((option) => `"${option}"`).join(", ");
  throw new UsageError(`device is one of ${known}, not "${String(device)}".`);
}
