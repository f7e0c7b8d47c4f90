import type { Input, Modality, Platform } from "@engraft/core";
import type { BackboneConsumer, SharedBackbone } from "@engraft/tasks/predict";

/** A PNG of one pixel. */
const PIXEL = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

/** Images that certainly are more than one batch for each thread. */
const IMAGES_PER_THREAD = 16;

/**
 * Runs a backbone and what is on it on inputs that mean nothing, enough for every thread to load the
 * models: else that would be part of the time of the first requests.
 */
export async function warmUp(
  backbone: SharedBackbone,
  modality: Modality,
  readers: readonly BackboneConsumer[],
  { runtime }: Pick<Platform, "runtime">,
): Promise<void> {
  const inputs = samples(modality, runtime.concurrency);
  const rows = Int32Array.from(inputs.keys());
  await backbone.run(
    inputs,
    readers.map((reader) => ({ reader, rows })),
  );
}

function samples(modality: Modality, threads: number): Input[] {
  if (modality === "image") {
    const image: Input = { kind: "image", read: () => Promise.resolve(PIXEL) };
    return Array.from({ length: IMAGES_PER_THREAD * threads }, () => image);
  }
  // Texts of different lengths are never in one batch.
  return Array.from({ length: 4 * threads }, (_, index) => ({
    kind: "text",
    text: "a ".repeat(index + 1),
  }));
}
