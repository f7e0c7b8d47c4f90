import { examplesForGain, type LearningCurve } from "@engraft/core/internal";
import {
  adviseNext,
  DEFAULT_SUGGESTIONS,
  describeLabelError,
  type TaskManifest,
  type TaskStudy,
} from "@engraft/tasks/internal";
import { learningCurveChart } from "../../charts/learning-curve.js";
import { NO_STUDY, type ReportData } from "../../data/report-data.js";
import { type Html, html } from "../../html/html.js";
import { absent, chartFigure, type Section, table } from "../../html/parts.js";
import { count, counted, percent } from "../../numbers.js";

/** Gains in accuracy for which the number of examples is given. */
const GAINS: readonly number[] = [0.01, 0.02, 0.05];

/** How much more examples would help. */
export function learningCurve(data: ReportData): Section {
  const { study, manifest } = data;
  return {
    id: "learning-curve",
    title: "Would more labels help?",
    body:
      study === undefined
        ? absent(NO_STUDY)
        : study.learningCurve === undefined
          ? absent("There are too few examples to see how the task learns from them.")
          : html`${nextBatch(data, study, study.learningCurve)}
${curve(study.learningCurve)}
${scopeOf(study.learners, manifest)}`,
  };
}

/** What a batch of labels would bring, beside settling those that look mixed up. */
function nextBatch(
  { labelErrors = [], record, manifest }: ReportData,
  { learners }: TaskStudy,
  learning: LearningCurve,
): Html | undefined {
  const examples = record && {
    judged: record.outOfFold.rows.length,
    suspects: labelErrors.map((error) => describeLabelError(error, manifest.labels, record)),
  };
  const next = adviseNext(DEFAULT_SUGGESTIONS, { curve: learning, learners }, examples);
  const { forecast, labels, mixUps = [], atStake = 0, step } = next;
  if (forecast === undefined) return undefined;
  const [lower, upper] = forecast.gainInterval;
  return html`<p>${labels} more labels would bring ${points(forecast.gain)} points of accuracy
(${points(lower)} to ${points(upper)} in 80 of 100 cases).${
    step === "stop" && html` More labels of this kind will hardly help.`
  }${
    step === "settle" &&
    html` <strong>Settle ${counted(mixUps.length, "label")} first</strong>: of these most neighbours have
another label, too, and settled they can bring up to ${points(atStake)} points.`
  }</p>`;
}

function points(share: number): string {
  return (100 * share).toFixed(1);
}

function curve(learning: LearningCurve): Html {
  return html`${forecasts(learning)}
${backTest(learning)}
${chartFigure(
  `Share of wrong answers after so many training examples. Dots are measured, with two standard errors;
the line is the power law through them, dashed where it is a forecast; the band holds the true curve
in about 80 of 100 cases, if it goes on as it began.`,
  learningCurveChart(learning),
  table(
    ["training examples", "wrong", "measured or forecast"],
    [
      ...learning.points.map(({ examples, error, standardError }) => [
        count(examples),
        `${percent(error)} ± ${percent(standardError)}`,
        "measured",
      ]),
      ...learning.forecast
        .filter(({ examples }) => examples > learning.examples)
        .map(({ examples, error, interval: [lower, upper] }) => [
          count(examples),
          `${percent(error)} (${percent(lower)} to ${percent(upper)})`,
          "forecast",
        ]),
    ],
  ),
)}`;
}

/** What the curve is of, where that is not the task itself. */
function scopeOf(learners: readonly string[], { head, fineTuning }: TaskManifest): Html {
  const used = head.views.filter(({ weight }) => weight > 0).length;
  return html`${
    learners.length < used &&
    html`<p>On large data the curve is that of the view ${learners.join(", ")} alone, which has the
largest weight: the whole task is a little better at every size.</p>`
  }${
    fineTuning?.kept &&
    html`<p>The curve is that of the frozen base: tuning it anew for every size would take hours.</p>`
  }`;
}

function forecasts(learning: LearningCurve): Html {
  const gains = GAINS.flatMap((gain) => {
    const more = examplesForGain(learning, gain);
    return more === undefined ? [] : [{ gain, more }];
  });
  if (gains.length === 0) {
    return html`<p>No forecast is given of how many more labels a higher accuracy takes: the curve is
too flat, or what was measured does not bear one out.</p>`;
  }
  return html`<ul>${gains.map(({ gain, more: { about, interval } }) => {
    const points = Math.round(100 * gain);
    return html`<li>About <strong>${count(about)} more labels</strong> for ${points} ${points === 1 ? "point" : "points"} of accuracy
(between ${count(interval[0])} and ${count(interval[1])} in 80 of 100 cases).</li>`;
  })}</ul>`;
}

function backTest({ backTest: test }: LearningCurve): Html {
  if (test === undefined) {
    return html`<p>There are too few examples to test the forecast on what is known.</p>`;
  }
  const { fittedUpTo, examples, predicted, interval, measured, holds } = test;
  return html`<p>Tested backwards: from up to ${count(fittedUpTo)} examples alone, the forecast for
${count(examples)} is ${percent(predicted)} wrong (${percent(interval[0])} to ${percent(interval[1])}). Measured are
${percent(measured)}: the forecast ${holds ? "holds" : "does not hold, so do not rely on it"}.</p>`;
}
