import { createRandom } from "@engraft/core";
import type { JudgedLabel, MeasuredManifest, TaskRecord, TaskStudy } from "@engraft/tasks/internal";
import { parseHTML } from "linkedom";
import type { ReportData } from "../dist/data/report-data.js";

/** What a page is checked by. */
export type Page = ReturnType<typeof parseHTML>["document"];

export function parsePage(html: string): Page {
  return parseHTML(html).document;
}

/** The part of an element that is looked at. */
interface PageElement {
  readonly localName: string;
  readonly attributes: Iterable<{ readonly name: string; readonly value: string }>;
  getAttribute(name: string): string | null;
}

export function elementsOf(page: Page, selector: string): PageElement[] {
  return Array.from<PageElement>(page.querySelectorAll(selector));
}

/** The sections that every report has, in their order. */
export const SECTIONS: readonly string[] = [
  "quality",
  "confusion",
  "labels",
  "calibration",
  "abstaining",
  "mistakes",
  "label-errors",
  "near-duplicates",
  "learning-curve",
  "layers",
  "map",
  "beside-labels",
  "fine-tuning",
  "left-out",
  "training",
];

/** The text of a section, white space as one space. */
export function sectionText(page: Page, id: string): string {
  return page.querySelector(`section#${id}`)?.textContent.replace(/\s+/g, " ").trim() ?? "";
}

/** What a page may not hold if it is to open without network and run nothing. */
export function foreignParts(page: Page): string[] {
  return elementsOf(page, "*").flatMap((element) => {
    const name = element.localName.toLowerCase();
    const forbidden = /^(script|iframe|object|embed|link|base|form|input|audio|video|use|image)$/;
    const attributes = Array.from(element.attributes, ({ name: attribute, value }) => ({
      attribute,
      value,
    })).filter(
      ({ attribute, value }) =>
        attribute.startsWith("on") ||
        (/^(src|href|xlink:href|srcset|data|action)$/.test(attribute) &&
          !/^(#[a-z-]+|data:image\/jpeg;base64,[A-Za-z0-9+/=]+)$/.test(value)),
    );
    return [
      ...(forbidden.test(name) ? [name] : []),
      ...attributes.map(({ attribute, value }) => `${name} ${attribute}=${value}`),
    ];
  });
}

/** What the data of a made-up report is made of. */
interface Made {
  readonly labels: readonly string[];
  readonly perLabel?: number;
  readonly text?: (row: number) => string;
  readonly record?: boolean;
}

/** Everything that a report shows, made up from a seed: a task that is right about two times in three. */
export function madeUpData({ labels, perLabel = 6, text, record = true }: Made): ReportData {
  const random = createRandom(5);
  const rows = labels.length * perLabel;
  const targets = Array.from({ length: rows }, (_, row) => row % labels.length);
  const predicted = targets.map((target) =>
    random.double() < 0.65 ? target : random.integer(labels.length),
  );
  const manifest = manifestOf(labels, targets, predicted);
  if (!record)
    return {
      name: "made up",
      manifest,
      thumbnails: new Map(),
      warnings: [],
      missing: ["all of it"],
    };
  const examples: TaskRecord["examples"] = targets.map((target, row) => ({
    source: `made-up.csv:${row + 2}`,
    label: labels[target]!,
    digest: String(row),
    text: text?.(row) ?? `text ${row}`,
  }));
  const width = labels.length;
  const logs = predicted.flatMap((best) =>
    labels.map((_, label) => Math.log(label === best ? 0.7 : 0.3 / (width - 1))),
  );
  return {
    name: "made up",
    manifest,
    record: {
      examples,
      outOfFold: {
        rows: Int32Array.from(targets.keys()),
        logProbabilities: { rows, cols: width, data: Float32Array.from(logs) },
      },
      embeddings: { rows, cols: 2, data: Float32Array.from({ length: 2 * rows }, () => 0.7) },
      groups: Int32Array.from(targets.keys(), (row) => (row === 1 ? 0 : row)),
    },
    labelErrors: suspectsOf(targets, predicted),
    study: studyOf(labels.length),
    map: {
      rows: [...targets.keys()],
      places: targets.map((_, row) => [Math.cos(row), Math.sin(row)] as const),
    },
    thumbnails: new Map(),
    warnings: ["Texts were cut.", "Labels look alike: \u202e<b>"],
    missing: [],
  };
}

function suspectsOf(targets: readonly number[], predicted: readonly number[]): JudgedLabel[] {
  return targets.flatMap((given, row) => {
    const suggested = predicted[row]!;
    if (given === suggested) return [];
    const probabilities = { probabilityOfGiven: 0.1, probabilityOfSuggested: 0.7 };
    return [{ row, given, suggested, ...probabilities, neighboursDisagreeing: 0.8 }];
  });
}

function studyOf(classes: number): TaskStudy {
  const points = [50, 100, 200, 400].map((examples) => ({
    examples,
    error: 2 * examples ** -0.5,
    standardError: 0.01,
  }));
  const law = { a: 2, b: 0.5, c: 0 };
  return {
    learners: ["last"],
    examples: 40 * classes,
    layers: ["block.0", "block.1"].map((name) => ({ name, metrics: summary(0.6) })),
    learningCurve: {
      points,
      examples: 500,
      law,
      forecast: [50, 500, 2000].map((examples) => {
        const error = 2 * examples ** -0.5;
        return { examples, error, interval: [error - 0.01, error + 0.01] };
      }),
      resampled: Array.from({ length: 20 }, () => law),
      backTest: {
        fittedUpTo: 200,
        examples: 400,
        predicted: 0.1,
        interval: [0.09, 0.11],
        measured: 0.1,
        holds: true,
      },
    },
  };
}

function summary(value: number) {
  const around = [value - 0.05, value + 0.05] as const;
  const intervals = {
    accuracy: around,
    balancedAccuracy: around,
    macroF1: around,
    logLoss: around,
  };
  return {
    n: 100,
    accuracy: value,
    balancedAccuracy: value,
    macroF1: value,
    logLoss: value,
    intervals,
  };
}

function manifestOf(
  labels: readonly string[],
  targets: readonly number[],
  predicted: readonly number[],
): MeasuredManifest {
  const confusion = labels.map((_, right) =>
    labels.map(
      (_label, said) => targets.filter((t, row) => t === right && predicted[row] === said).length,
    ),
  );
  const outOfFold = {
    ...summary(0.654),
    labels,
    confusion,
    perClass: labels.map((label) => ({
      label,
      precision: 0.5,
      recall: 0.25,
      f1: 1 / 3,
      support: targets.length / labels.length,
    })),
    baselines: { majority: summary(0.321), last: summary(0.543) },
  };
  return {
    schemaVersion: 1,
    kind: "engraft-task",
    engraft: "0.1.0",
    createdAt: "2026-01-01T00:00:00.000Z",
    modality: "text",
    labels,
    base: { id: "minilm-l6", digest: "d".repeat(64) },
    preprocessing: { kind: "text" } as MeasuredManifest["preprocessing"],
    columns: [],
    head: { kind: "logistic", views: [{ name: "last", weight: 1, c: 10 }] },
    config: { views: "auto", head: "logistic", classWeights: "none", keepExamples: true, seed: 0 },
    dataset: {
      digest: "e".repeat(64),
      examples: targets.length,
      perLabel: labels.map((label) => ({ label, examples: targets.length / labels.length })),
      nearDuplicates: 2,
      skipped: [{ where: "made-up.csv:9", what: "the text is missing" }],
    },
    evaluation: { method: "5-fold cross-validation", outOfFold },
    trust: {
      abstaining: [{ maxError: 0.02, threshold: 0.9, coverage: 0.4 }],
      sets: [{ coverage: 0.9, limit: 0.5 }],
    },
    seconds: 3,
    files: { "head.onnx": { bytes: 12, sha256: "f".repeat(64) } },
  };
}
