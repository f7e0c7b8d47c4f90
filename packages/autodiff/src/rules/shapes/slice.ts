import type { Dim } from "@engraft/onnx";
import type { RuleContext } from "../../context.js";
import {
  constantNumbers,
  padWithZeros,
  placeSlices,
  positionGrid,
  positiveAxis,
  range,
  scatterFlat,
} from "./layout.js";

/** What `Slice` takes of one axis. */
interface Cut {
  readonly axis: number;
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** Where the slices along one axis belong: so many zeros before and after, or at these positions. */
type Placement =
  | { readonly axis: number; readonly begin: number; readonly end: number }
  | { readonly axis: number; readonly positions: readonly number[]; readonly size: number };

/**
 * The slice goes back between zeros. Axes with step 1 are padded in one go, also where their size is
 * only named; with another step each slice is placed by its position. Where starts or ends are
 * computed, the same slice of an index grid tells the positions.
 */
export function sliceGradient(c: RuleContext): string[] {
  const placements = constantCuts(c)?.map((cut) => placementOf(cut, sizeOf(c, cut.axis)));
  if (placements === undefined || placements.includes(undefined)) return [scatterBack(c)];
  const paddings = new Map<number, [begin: number, end: number]>();
  let gradient = c.gradient();
  for (const placement of placements as Placement[]) {
    if ("positions" in placement) {
      const { axis, positions, size } = placement;
      gradient = placeSlices(c, gradient, axis, positions, size);
    } else {
      paddings.set(placement.axis, [placement.begin, placement.end]);
    }
  }
  return [padWithZeros(c, gradient, c.rank(c.input(0)), paddings)];
}

function sizeOf(c: RuleContext, axis: number): Dim {
  return c.shape(c.input(0))?.[axis] ?? null;
}

/** The slice's settings where all of them are constant. */
function constantCuts(c: RuleContext): Cut[] | undefined {
  const starts = constantNumbers(c, 1);
  const ends = constantNumbers(c, 2);
  if (starts === undefined || ends === undefined) return undefined;
  const axes = c.has(3) ? constantNumbers(c, 3) : range(0, starts.length);
  const steps = c.has(4) ? constantNumbers(c, 4) : starts.map(() => 1);
  if (axes === undefined || steps === undefined) return undefined;
  const rank = c.rank(c.input(0));
  return starts.map((start, at) => ({
    axis: positiveAxis(axes[at]!, rank),
    start,
    end: ends[at]!,
    step: steps[at]!,
  }));
}

/** `undefined` where it depends on a size that is not known. */
function placementOf({ axis, start, end, step }: Cut, size: Dim): Placement | undefined {
  if (typeof size === "number") {
    const positions = slicePositions(size, start, end, step);
    if (step !== 1 || positions.length === 0) return { axis, positions, size };
    const begin = positions[0]!;
    return { axis, begin, end: size - begin - positions.length };
  }
  // Counted from the front at the start and from the back at the end, no size is needed.
  const isOpen = end >= 2 ** 31 - 1;
  if (step !== 1 || start < 0 || !(end < 0 || isOpen)) return undefined;
  return { axis, begin: start, end: isOpen ? 0 : -end };
}

/** The positions that a slice takes, in its order: the clamping rules of the ONNX specification. */
function slicePositions(size: number, start: number, end: number, step: number): number[] {
  const clamp = (value: number, low: number, high: number) =>
    Math.min(Math.max(value < 0 ? value + size : value, low), high);
  const positions: number[] = [];
  if (step > 0) {
    const last = clamp(end, 0, size);
    for (let at = clamp(start, 0, size); at < last; at += step) positions.push(at);
  } else {
    const last = clamp(end, -1, size - 1);
    for (let at = clamp(start, 0, size - 1); at > last; at += step) positions.push(at);
  }
  return positions;
}

function scatterBack(c: RuleContext): string {
  const grid = positionGrid(c, c.input(0));
  const positions = c.op("Slice", [grid, ...c.node.inputs.slice(1)]);
  return scatterFlat(c, c.gradient(), positions, c.input(0));
}
