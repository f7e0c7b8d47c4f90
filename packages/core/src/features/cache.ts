/**
 * Features that were computed before, one vector per item, found by the item's digest. One cache
 * belongs to one (base, preprocessing, columns); see `featureSetKey`.
 */
export interface FeatureCache {
  /** The vector stored for an item, or undefined. */
  read(item: string): Promise<Float32Array | undefined>;
  /** Stores a vector. Writing the same item twice is harmless. */
  write(item: string, features: Float32Array): Promise<void>;
  /** Waits until everything that was written survives the end of the process. */
  close(): Promise<void>;
}

/** Opens the cache of one feature set; `width` is the length of its vectors. */
export type OpenFeatureCache = (featureSet: string, width: number) => Promise<FeatureCache>;

/** A cache that lasts as long as the process: for browsers and for `--no-cache`. */
export const openMemoryCache: OpenFeatureCache = () => {
  const items = new Map<string, Float32Array>();
  return Promise.resolve({
    read: (item) => Promise.resolve(items.get(item)),
    write: (item, features) => {
      items.set(item, features);
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  });
};
