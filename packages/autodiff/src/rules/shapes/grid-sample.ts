import { dataTypeCodes, intAttribute, scalarOf, stringAttribute } from "@engraft/onnx";
import type { RuleContext } from "../../context.js";
import { UnsupportedForm } from "../../errors.js";

/** Where points lie along one axis of the image: between two rows. Values are [batch, 1, points...]. */
interface AxisSamples {
  /** Indices of the two rows, clipped to the image. */
  readonly rows: readonly [string, string];
  /** Their weights; 0 for a row outside. */
  readonly weights: readonly [string, string];
  /** How the weights change with the position. */
  readonly slopes: () => readonly [string, string];
  /** How the position changes with the grid's value. */
  readonly rate: () => string;
}

/** The row and the column of each of the four pixels around a point: the first or the second. */
const corners: readonly (readonly [0 | 1, 0 | 1])[] = [
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
];

/**
 * Each point is a weighted mean of the four pixels around it. A pixel's gradient is the sum over its
 * points with those weights; that of a position comes from how the weights change with it.
 */
export function gridSampleGradient(c: RuleContext): (string | undefined)[] {
  const mode = stringAttribute(c.node, "mode", "linear");
  if (!mode.endsWith("linear") || c.rank(c.input(0)) !== 4) {
    throw new UnsupportedForm("gradients are known for linear sampling of images only");
  }
  const vertical = samplesAlong(c, 2, 1);
  const horizontal = samplesAlong(c, 3, 0);
  const pixels = corners.map(([row, column]) =>
    pixelIndex(c, vertical.rows[row], horizontal.rows[column]),
  );
  const products = (rows: readonly [string, string], columns: readonly [string, string]) =>
    corners.map(([row, column]) => c.op("Mul", [rows[row], columns[column]]));
  const image = () => addToPixels(c, pixels, products(vertical.weights, horizontal.weights));
  const grid = () => {
    const seen = pixels.map((pixel) => c.op("Mul", [c.gradient(), pixelValues(c, pixel)]));
    const along = ({ rate }: AxisSamples, slopes: readonly string[]) => {
      const terms = seen.map((value, corner) => c.op("Mul", [value, slopes[corner]!]));
      const sum = c.op("ReduceSum", [c.op("Sum", terms), c.ints([1])]);
      const last = c.op("Squeeze", [c.op("Mul", [sum, rate()]), c.ints([1])]);
      return c.op("Unsqueeze", [last, c.ints([-1])]);
    };
    const byColumn = along(horizontal, products(vertical.weights, horizontal.slopes()));
    const byRow = along(vertical, products(vertical.slopes(), horizontal.weights));
    return c.op("Concat", [byColumn, byRow], { axis: -1 });
  };
  return [c.wants(0) ? image() : undefined, c.wants(1) ? grid() : undefined];
}

/** @param coordinate - Place in the last axis of the grid, where x comes before y. */
function samplesAlong(c: RuleContext, axis: number, coordinate: number): AxisSamples {
  const index = (value: number) => c.builder.constant(scalarOf("int64", value));
  const size = c.asNumbers(c.op("Gather", [c.sizes(c.input(0)), index(axis)]));
  const value = c.op("Gather", [c.input(1), index(coordinate)], { axis: -1 });
  const { position, rate } = toImage(c, c.op("Unsqueeze", [value, c.ints([1])]), size);
  const end = c.op("Sub", [size, c.scalar(1)]);
  const low = c.op("Floor", [position]);
  const high = c.op("Add", [low, c.scalar(1)]);
  const [lowInside, highInside] = [low, high].map((row) => within(c, row, end, "OrEqual"));
  const fraction = c.op("Sub", [position, low]);
  const clipped = (row: string) =>
    c.op("Cast", [c.op("Clip", [row, c.scalar(0), end])], { to: dataTypeCodes.int64 });
  return {
    rows: [clipped(low), clipped(high)],
    weights: [
      c.op("Mul", [c.op("Sub", [c.scalar(1), fraction]), lowInside!]),
      c.op("Mul", [fraction, highInside!]),
    ],
    slopes: () => [c.op("Neg", [lowInside!]), highInside!],
    rate,
  };
}

/** From the grid's range of -1 to 1 to rows of the image, after padding, with the derivative. */
function toImage(
  c: RuleContext,
  value: string,
  size: string,
): { position: string; rate: () => string } {
  const isAligned = intAttribute(c.node, "align_corners", 0) === 1;
  const end = c.op("Sub", [size, c.scalar(1)]);
  const half = c.op("Mul", [isAligned ? end : size, c.scalar(0.5)]);
  const position = c.op("Add", [c.op("Mul", [value, half]), c.op("Mul", [end, c.scalar(0.5)])]);
  const padding = stringAttribute(c.node, "padding_mode", "zeros");
  if (padding === "zeros") return { position, rate: () => half };
  const low = isAligned ? 0 : -0.5;
  const reflected =
    padding === "reflection" ? reflect(c, position, low, isAligned ? end : size) : undefined;
  const inside = reflected?.position ?? position;
  return {
    position: c.op("Clip", [inside, c.scalar(0), end]),
    rate: () => {
      // At the border and beyond, the position stands still.
      const rate = c.op("Mul", [within(c, inside, end, ""), half]);
      return reflected === undefined ? rate : c.op("Mul", [rate, reflected.direction()]);
    },
  };
}

/** Folds positions into `[low, low + span]`, as between two mirrors. */
function reflect(c: RuleContext, position: string, low: number, span: string) {
  const offset = c.op("Sub", [position, c.scalar(low)]);
  const distance = c.op("Abs", [offset]);
  const turns = c.op("Floor", [c.op("Div", [distance, span])]);
  const extra = c.op("Sub", [distance, c.op("Mul", [turns, span])]);
  const isOdd = c.op("Mod", [turns, c.scalar(2)], { fmod: 1 });
  const back = c.op("Sub", [span, c.op("Mul", [extra, c.scalar(2)])]);
  const folded = c.op("Add", [extra, c.op("Mul", [isOdd, back])]);
  return {
    position: c.op("Add", [folded, c.scalar(low)]),
    direction: () => {
      const side = c.op("Sub", [c.scalar(1), c.op("Mul", [isOdd, c.scalar(2)])]);
      return c.op("Mul", [c.op("Sign", [offset]), side]);
    },
  };
}

/** 1 where rows are between 0 and the last one, else 0. */
function within(c: RuleContext, row: string, end: string, orEqual: "OrEqual" | ""): string {
  const above = c.op(`Greater${orEqual}`, [row, c.scalar(0)]);
  return c.asNumbers(c.op("And", [above, c.op(`Less${orEqual}`, [row, end])]));
}

/** Positions in a flattened channel, [batch, 1, points]. */
function pixelIndex(c: RuleContext, row: string, column: string): string {
  const width = c.op("Shape", [c.input(0)], { start: 3 });
  const index = c.op("Add", [c.op("Mul", [row, width]), column]);
  return c.op("Reshape", [index, c.ints([0, 1, -1])]);
}

/** The same index for every channel of a flattened value, [batch, channels, points]. */
function forChannels(c: RuleContext, index: string): string {
  const channels = c.op("Shape", [c.input(0)], { start: 1, end: 2 });
  const sizes = c.op("Concat", [c.ints([1]), channels, c.ints([1])], { axis: 0 });
  return c.op("Expand", [index, sizes]);
}

function pixelValues(c: RuleContext, pixel: string): string {
  const flat = c.op("Reshape", [c.input(0), c.ints([0, 0, -1])]);
  const values = c.op("GatherElements", [flat, forChannels(c, pixel)], { axis: 2 });
  return c.reshapeLike(values, c.output());
}

/** Adds the gradient times a weight, corner by corner, where the pixels are. */
function addToPixels(
  c: RuleContext,
  pixels: readonly string[],
  weights: readonly string[],
): string {
  const flat = c.ints([0, 0, -1]);
  const shares = weights.map((weight) =>
    c.op("Reshape", [c.op("Mul", [c.gradient(), weight]), flat]),
  );
  const indices = forChannels(c, c.op("Concat", pixels, { axis: 2 }));
  const zeros = c.op("Reshape", [c.zerosLike(c.input(0)), flat]);
  const inputs = [zeros, indices, c.op("Concat", shares, { axis: 2 })];
  const sum = c.op("ScatterElements", inputs, { axis: 2, reduction: "add" });
  return c.reshapeLike(sum, c.input(0));
}
