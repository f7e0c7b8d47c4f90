import { layersChart } from "../../charts/layers.js";
import { NO_STUDY, type ReportData } from "../../data/report-data.js";
import { type Html, html } from "../../html/html.js";
import { absent, chartFigure, type Section, table } from "../../html/parts.js";
import { count, decimal, percent, withInterval } from "../../numbers.js";

/** What each layer of the base knows, and what the stack makes of them. */
export function layers({ manifest, study }: ReportData): Section {
  return {
    id: "layers",
    title: "Layers and views",
    body: html`${study === undefined ? absent(NO_STUDY) : layerMetrics(study)}
${manifest.fineTuning?.kept && html`<p>These are the layers before fine-tuning.</p>`}
<h3>The stack's weights</h3>
${views(manifest.head)}`,
  };
}

function layerMetrics({ layers: probes, examples }: NonNullable<ReportData["study"]>): Html {
  return chartFigure(
    `Accuracy of a probe on each layer of the base alone, from the first layer to the last, with 95 %
intervals, on ${count(examples)} examples.`,
    layersChart(probes),
    table(
      ["layer", "accuracy", "macro-F1"],
      probes.map(({ name, metrics: { accuracy, macroF1, intervals } }) => [
        name,
        withInterval(accuracy, intervals.accuracy),
        withInterval(macroF1, intervals.macroF1),
      ]),
    ),
  );
}

function views({ kind, views: parts }: ReportData["manifest"]["head"]): Html {
  const largest = parts.reduce((most, { weight }) => Math.max(most, weight), 0);
  const agrees = parts.some(({ agreement }) => agreement !== undefined);
  return html`<p>The head (${kind}) adds the log-probabilities of these views with these weights. A view
of weight 0 is not computed when predicting. A weight says how a view is used beside the others, not
how good it is alone.${
    agrees &&
    html` The last column says how often a view alone gives the label that the
stack gives, out of fold: where views seldom agree, the stack makes the most of them.`
  }</p>
${table(
  ["view", "weight", "C of its probe", ...(agrees ? ["agrees with the stack"] : [])],
  parts.map(({ name, weight, c, agreement }) => [
    name,
    { text: decimal(weight), share: largest > 0 ? weight / largest : 0 },
    c === undefined ? "" : Number(c.toPrecision(3)),
    ...(agrees ? [agreement === undefined ? "" : percent(agreement)] : []),
  ]),
)}`;
}
