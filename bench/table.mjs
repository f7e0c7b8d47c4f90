// From stored results to one Markdown table.
import { BENCHES } from "./benches.mjs";

/** One row for each case that was measured. */
export function formatTable(results) {
  const rows = BENCHES.flatMap((bench) => {
    const result = results.get(bench.name);
    if (result === undefined) return [];
    return Object.entries(bench.cases).flatMap(([name, spec]) => {
      const measured = result.cases[name];
      return measured === undefined ? [] : [formatRow(spec, measured, result.date)];
    });
  });
  const head = ["what", "Engraft", "beside it", "ratio", "goal", "reached", "date"];
  const lines = [head, head.map(() => "---"), ...rows];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function formatRow(spec, { engraft, python = {} }, date) {
  const [own] = Object.values(engraft);
  const others = Object.entries(python);
  const ratio = spec.best && others.length > 0 ? typical(own) / best(spec, others) : undefined;
  return [
    spec.title,
    formatFigure(spec, own),
    others.map(([method, values]) => `${method}: ${formatFigure(spec, values)}`).join("<br>"),
    ratio === undefined ? "" : ratio.toFixed(2),
    spec.goal ? formatGoal(spec) : "",
    spec.goal ? reached(spec.goal, spec.goal.ratio ? ratio : typical(own, spec)) : "",
    date,
  ];
}

/** Mean and standard deviation of accuracies, median and range of everything else. */
function formatFigure(spec, values) {
  const show = (value) => value.toFixed(spec.digits);
  if (spec.unit === "accuracy") {
    return values.length === 1
      ? show(values[0])
      : `${show(mean(values))} ± ${show(deviation(values))}`;
  }
  const range =
    values.length === 1 ? "" : ` (${show(Math.min(...values))} to ${show(Math.max(...values))})`;
  return `${show(median(values))} ${spec.unit}${range}`;
}

function formatGoal({ goal, unit }) {
  const [sign, bound] = goal.atLeast === undefined ? ["≤", goal.atMost] : ["≥", goal.atLeast];
  return `${sign} ${bound} ${goal.ratio ? "x" : unit === "accuracy" ? "" : unit}`.trim();
}

function reached(goal, value) {
  if (value === undefined) return "";
  return value >= (goal.atLeast ?? value) && value <= (goal.atMost ?? value) ? "yes" : "no";
}

/** The figure that stands for all runs. */
function typical(values, spec) {
  return spec?.unit === "accuracy" ? mean(values) : median(values);
}

function best(spec, methods) {
  const figures = methods.map(([, values]) => median(values));
  return spec.best === "most" ? Math.max(...figures) : Math.min(...figures);
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function deviation(values) {
  const centre = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1));
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
