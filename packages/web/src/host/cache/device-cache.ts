import type { FeatureCache, OpenFeatureCache } from "@engraft/core/internal";
import type { Device } from "../runtime/device.js";

/**
 * Caches that keep the features of each device apart. They differ in the last digits: with the features
 * of two devices, the same data and seed would give another task each time, depending on what was
 * computed where.
 *
 * @param deviceNow - Where the base runs; undefined while that is not decided.
 */
export function cacheOfDevice(
  open: OpenFeatureCache,
  deviceNow: () => Promise<Device | undefined>,
): OpenFeatureCache {
  return async (featureSet, width) => new CacheOfDevice(open, deviceNow, featureSet, width);
}

class CacheOfDevice implements FeatureCache {
  readonly #open: (device: Device) => Promise<FeatureCache>;
  readonly #deviceNow: () => Promise<Device | undefined>;
  /** The cache, bound to the device on which its first vector was read or computed. */
  #bound: { readonly device: Device; readonly cache: Promise<FeatureCache> } | undefined;

  constructor(
    open: OpenFeatureCache,
    deviceNow: () => Promise<Device | undefined>,
    featureSet: string,
    width: number,
  ) {
    this.#open = (device) =>
      open(device === "wasm" ? featureSet : `${featureSet}-${device}`, width);
    this.#deviceNow = deviceNow;
  }

  async read(item: string): Promise<Float32Array | undefined> {
    return (await this.#cache())?.read(item);
  }

  async write(item: string, features: Float32Array): Promise<void> {
    await (await this.#cache())?.write(item, features);
  }

  async close(): Promise<void> {
    await (await this.#bound?.cache)?.close();
  }

  /** Undefined where nothing can be kept: the device is not decided, or was changed by a failure. */
  async #cache(): Promise<FeatureCache | undefined> {
    const device = await this.#deviceNow();
    if (device === undefined) return undefined;
    this.#bound ??= { device, cache: this.#open(device) };
    return this.#bound.device === device ? this.#bound.cache : undefined;
  }
}
