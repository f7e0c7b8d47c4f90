/**
 * The page about a task.
 *
 * @module @engraft/report
 */
export type * from "@engraft/tasks";
export { drawReport } from "./draw-report.js";
export { isReport } from "./page.js";
