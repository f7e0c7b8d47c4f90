export { csvRow, fromCsvCell } from "./csv.js";
export { escapeHtml } from "./html.js";
export { markdownCode, markdownText } from "./markdown.js";
export { shellWord } from "./shell.js";
export { shorten } from "./shorten.js";
export { printableJson, sourceString } from "./source.js";
export { textTable } from "./text-table.js";
export { visible, visibleFlow, visibleLines } from "./visible.js";
