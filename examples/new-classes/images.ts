// Small grey images of shapes, drawn from a seed: nothing is downloaded, and there is no end of them.
// Each has its shape at another place, size, angle and contrast, light on dark or dark on light, with
// lines across it that mean nothing and with noise.
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { Line, Point, Shapes } from "./shapes.js";

/** Width and height in pixels. */
export const SIZE = 24;

/** Deviation of the noise; the ink has 1 to 2. */
const NOISE = 0.2;
/** Lines that mean nothing. */
const STRAY_LINES = 2;
/** The shape is turned by so many degrees at most, to either side. */
const ROTATION = 45;

/** What `fit` takes. */
export interface LabelledImages {
  /** Pixels around 0. */
  readonly inputs: {
    readonly input: {
      readonly dtype: "float32";
      readonly dims: readonly [count: number, channels: 1, height: number, width: number];
      readonly data: Float32Array<ArrayBuffer>;
    };
  };
  /** The number of each shape. */
  readonly targets: {
    readonly dtype: "int64";
    readonly dims: readonly [count: number];
    readonly data: BigInt64Array<ArrayBuffer>;
  };
}

/** Random numbers from a seed. */
interface Random {
  between(low: number, high: number): number;
  normal(): number;
}

/** A straight piece of a line. */
interface Segment {
  readonly fromX: number;
  readonly fromY: number;
  readonly dx: number;
  readonly dy: number;
}

/**
 * Draws the same number of images of every shape.
 *
 * @param shapes Lines of each shape, by name; see shapes.ts.
 */
export function drawImages(shapes: Shapes, perShape: number, seed: number): LabelledImages {
  const random = createRandom(seed);
  const outlines = Object.values(shapes);
  const count = outlines.length * perShape;
  const area = SIZE * SIZE;
  const data = new Float32Array(count * area);
  const targets = new BigInt64Array(count);
  for (let i = 0; i < count; i++) {
    const shape = i % outlines.length;
    drawImage(data.subarray(i * area, (i + 1) * area), outlines[shape]!, random);
    targets[i] = BigInt(shape);
  }
  return {
    inputs: { input: { dtype: "float32", dims: [count, 1, SIZE, SIZE], data } },
    targets: { dtype: "int64", dims: [count], data: targets },
  };
}

function drawImage(image: Float32Array, outline: readonly Line[], random: Random): void {
  const pen = random.between(0.6, 1.1);
  const shape = segmentsOf(outline, randomPlacement(random));
  const stray = Array.from({ length: STRAY_LINES }, () => randomSegment(random));
  const ink = random.between(1, 2) * (random.between(0, 1) < 0.5 ? -1 : 1);
  for (let i = 0; i < image.length; i++) {
    const x = i % SIZE;
    const y = Math.floor(i / SIZE);
    const cover = Math.max(coverage(x, y, shape, pen), coverage(x, y, stray, 0.6));
    image[i] = ink * cover + NOISE * random.normal();
  }
}

/** Where the corners of a shape come to lie: turned, stretched and moved, inside the image. */
function randomPlacement(random: Random): (point: Point) => Point {
  const radius = random.between(7, 10);
  const stretch = random.between(0.75, 1);
  const angle = (random.between(-ROTATION, ROTATION) * Math.PI) / 180;
  const room = (SIZE - 1) / 2 - radius;
  const left = (SIZE - 1) / 2 + random.between(-room, room);
  const top = (SIZE - 1) / 2 + random.between(-room, room);
  const cos = radius * Math.cos(angle);
  const sin = radius * Math.sin(angle);
  return ([x, y]) => [left + cos * stretch * x - sin * y, top + sin * stretch * x + cos * y];
}

function segmentsOf(outline: readonly Line[], place: (point: Point) => Point): Segment[] {
  return outline.flatMap((corners) => {
    const placed = corners.map(place);
    return placed.slice(1).map(([x, y], i) => {
      const [fromX, fromY] = placed[i]!;
      return { fromX, fromY, dx: x - fromX, dy: y - fromY };
    });
  });
}

/** A short line anywhere. */
function randomSegment(random: Random): Segment {
  const length = random.between(4, 10);
  const angle = random.between(0, 2 * Math.PI);
  return {
    fromX: random.between(0, SIZE),
    fromY: random.between(0, SIZE),
    dx: length * Math.cos(angle),
    dy: length * Math.sin(angle),
  };
}

/** How much of a pixel the nearest line covers, 0 to 1. `pen` is half its width. */
function coverage(x: number, y: number, segments: readonly Segment[], pen: number): number {
  let nearest = Number.POSITIVE_INFINITY;
  for (const segment of segments) nearest = Math.min(nearest, squaredDistance(x, y, segment));
  return Math.min(1, Math.max(0, pen + 0.5 - Math.sqrt(nearest)));
}

function squaredDistance(x: number, y: number, { fromX, fromY, dx, dy }: Segment): number {
  const along = ((x - fromX) * dx + (y - fromY) * dy) / (dx * dx + dy * dy);
  const share = Math.min(1, Math.max(0, along));
  return (x - fromX - share * dx) ** 2 + (y - fromY - share * dy) ** 2;
}

function createRandom(seed: number): Random {
  const generator = xoroshiro128plus(seed);
  const between = (low: number, high: number): number =>
    low + (high - low) * uniformFloat64(generator);
  // Box-Muller; 1 - u is never 0.
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(1 - between(0, 1))) * Math.cos(2 * Math.PI * between(0, 1));
  return { between, normal };
}
