import { totalmem } from "node:os";

/** Least that images may take together: room for one of about 15 megapixels. */
export const LEAST_IMAGES = 64e6;

/** Of the memory that is free once the tasks are loaded, the share that images may take. */
const IMAGES = 0.5;

/**
 * Memory that this process may use, in bytes: that of the machine, or the limit of its control
 * group, as containers have one.
 */
export function availableMemory(): number {
  // 0 where it is not known, and more than there can be where there is no limit.
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

/** How much decoded images may take together, for a process that takes `resident` bytes already. */
export function imageMemory(resident: number, available: number = availableMemory()): number {
  return Math.max(LEAST_IMAGES, Math.floor(IMAGES * (available - resident)));
}
