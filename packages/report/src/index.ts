/**
 * The page about a task.
 *
 * @module @engraft/report
 */
export { drawReport } from "./draw-report.js";
export { isReport } from "./page.js";
