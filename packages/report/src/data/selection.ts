import { targetsOf } from "@engraft/core/internal";
import type { JudgedLabel, TaskRecord } from "@engraft/tasks/internal";
import { type Answer, answersOf, type MovedAnswer, mistakesOf, movedOf } from "./answers.js";
import type { ReportData } from "./report-data.js";

/** What decides which examples are shown. */
type Shown = Pick<ReportData, "record" | "manifest" | "labelErrors">;

/** How many examples a section shows. */
const MOST_MISTAKES = 20;
const MOST_MOVED = 20;
const MOST_LABEL_ERRORS = 40;
const MOST_GROUPS = 10;
const MOST_OF_GROUP = 4;

/** Examples that are nearly the same. */
export interface DuplicateGroup {
  /** Positions in the record; where labels differ, one example of each label first. */
  readonly rows: readonly number[];
  /** Whether they have different labels. */
  readonly contradictory: boolean;
}

/** The most confident mistakes, those that are shown. */
export function shownMistakes({ record, manifest }: Shown): readonly Answer[] {
  if (record === undefined) return [];
  return mistakesOf(answersOf(record, targetsOf(record.examples, manifest.labels))).slice(
    0,
    MOST_MISTAKES,
  );
}

/** The examples that unlabelled ones moved, those that are shown. */
export function shownMoved({ record, manifest }: Shown): readonly MovedAnswer[] {
  if (record === undefined) return [];
  return movedOf(record, targetsOf(record.examples, manifest.labels)).slice(0, MOST_MOVED);
}

/** The likely label errors that are shown. */
export function shownLabelErrors({ labelErrors = [] }: Shown): readonly JudgedLabel[] {
  return labelErrors.slice(0, MOST_LABEL_ERRORS);
}

/** Groups of near-duplicates: first those with different labels, then the largest. */
export function duplicateGroups(record: TaskRecord): DuplicateGroup[] {
  const members = new Map<number, number[]>();
  record.groups.forEach((group, row) => {
    const rows = members.get(group);
    if (rows === undefined) members.set(group, [row]);
    else rows.push(row);
  });
  return [...members.values()]
    .filter((rows) => rows.length > 1)
    .map((rows) => groupOf(rows, record))
    .sort(
      (a, b) => Number(b.contradictory) - Number(a.contradictory) || b.rows.length - a.rows.length,
    );
}

/** The groups that are shown, cut to as many examples as are shown of each. */
export function shownGroups(groups: readonly DuplicateGroup[]): readonly (readonly number[])[] {
  return groups.slice(0, MOST_GROUPS).map(({ rows }) => rows.slice(0, MOST_OF_GROUP));
}

/** Every example that some section shows: those that need a thumbnail. */
export function shownRows(data: Shown): ReadonlySet<number> {
  const groups = data.record === undefined ? [] : duplicateGroups(data.record);
  return new Set([
    ...shownMistakes(data).map(({ row }) => row),
    ...shownMoved(data).map(({ row }) => row),
    ...shownLabelErrors(data).map(({ row }) => row),
    ...shownGroups(groups).flat(),
  ]);
}

function groupOf(rows: readonly number[], { examples }: TaskRecord): DuplicateGroup {
  const firstOfLabel = new Map<string, number>();
  for (const row of rows) {
    const { label } = examples[row]!;
    if (!firstOfLabel.has(label)) firstOfLabel.set(label, row);
  }
  return {
    rows: [...new Set([...firstOfLabel.values(), ...rows])],
    contradictory: firstOfLabel.size > 1,
  };
}
