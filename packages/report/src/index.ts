/** The page about a task. */
export { targetsOf } from "./answers.js";
export { findingsOf } from "./findings.js";
export { mapOf } from "./map.js";
export { counted } from "./numbers.js";
export { isReport, renderReport } from "./page.js";
export type { ReportData } from "./report-data.js";
export { shownRows } from "./selection.js";
