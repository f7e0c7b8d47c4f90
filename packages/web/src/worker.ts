/**
 * Engraft on the calling thread, for workers of one's own: the same as the package `engraft` has in
 * Node, but for where data comes from. Pages use `@engraft/web`, which keeps all work off their thread.
 *
 * @module @engraft/web/worker
 */
export { createEngraft, type EngraftOptions } from "./engraft.js";
export type { Device, DeviceOption } from "./host/runtime/device.js";
export type { OrtBuild, OrtOptions } from "./host/runtime/load-ort.js";
export type { WebHostOptions } from "./host/web-host.js";
export * from "./worker-exports.js";
