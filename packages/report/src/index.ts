/** The page about a task. */
export { drawReport } from "./draw-report.js";
export { isReport } from "./page.js";
