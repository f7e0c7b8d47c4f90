import { availableMemory } from "../../serving/queue/memory.js";

/** Of all memory, the share that bodies may take. */
const BODIES = 0.125;

/** How much the bodies of all requests may take together where each may take `maxBody`, in bytes. */
export function bodyMemory(maxBody: number, available: number = availableMemory()): number {
  return Math.max(maxBody, Math.min(16 * maxBody, Math.floor(BODIES * available)));
}
