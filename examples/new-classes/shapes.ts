// The shapes of the images: each is a list of lines, and each line a list of corners [x, y] between
// -1 and 1, with y downwards.

export type Point = readonly [x: number, y: number];

/** The corners of a line. */
export type Line = readonly Point[];

/** Lines of each shape, by name. */
export type Shapes = Readonly<Record<string, readonly Line[]>>;

/** Shapes of which there are plenty of images. */
export const OLD_SHAPES: Shapes = {
  arrow: [line([0, 1], [0, -1]), line([-0.6, -0.3], [0, -1], [0.6, -0.3])],
  circle: [arc([0, 0], 1, 0, 360)],
  crescent: [arc([0, 0], 1, 50, 310), arc([0.5, 0], 0.78, 80, 280)],
  cross: [line([-1, 0], [1, 0]), line([0, -1], [0, 1])],
  fork: [line([0, 1], [0, -1]), line([-0.6, -1], [-0.6, -0.2], [0.6, -0.2], [0.6, -1])],
  hourglass: [line([-0.7, -1], [0.7, -1], [-0.7, 1], [0.7, 1], [-0.7, -1])],
  house: [line([-0.7, 1], [-0.7, -0.2], [0, -1], [0.7, -0.2], [0.7, 1], [-0.7, 1])],
  ladder: [
    line([-0.45, -1], [-0.45, 1]),
    line([0.45, -1], [0.45, 1]),
    ...[-0.6, 0, 0.6].map((y) => line([-0.45, y], [0.45, y])),
  ],
  spiral: [arc([0.1, 0], 0.3, 0, 180), arc([0.2, 0], 0.6, 180, 360), arc([-0.1, 0], 0.9, 0, 250)],
  square: [line([-0.8, -0.8], [0.8, -0.8], [0.8, 0.8], [-0.8, 0.8], [-0.8, -0.8])],
  triangle: [line([0, -1], [0.9, 0.7], [-0.9, 0.7], [0, -1])],
  zigzag: [line([-0.5, -1], [0.5, -0.5], [-0.5, 0], [0.5, 0.5], [-0.5, 1])],
};

/** Shapes of which few images have a label. */
export const NEW_SHAPES: Shapes = {
  cup: [
    line([-0.7, -0.8], [-0.6, 0.6], [-0.3, 0.9], [0.2, 0.9], [0.5, 0.6], [0.6, -0.8]),
    arc([0.55, -0.1], 0.4, -90, 90),
  ],
  fish: [
    line([1, -0.5], [0.3, 0.3], [-0.4, 0.5], [-1, 0]),
    line([1, 0.5], [0.3, -0.3], [-0.4, -0.5], [-1, 0]),
    line([1, -0.5], [1, 0.5]),
  ],
  flag: [line([-0.5, 1], [-0.5, -1], [0.8, -0.5], [-0.5, 0])],
  key: [arc([0, -0.6], 0.4, 0, 360), line([0, -0.2], [0, 1], [0.5, 1]), line([0, 0.5], [0.5, 0.5])],
  note: [arc([-0.3, 0.65], 0.35, 0, 360), line([0.05, 0.65], [0.05, -1], [0.7, -0.4])],
  star: [line(...Array.from({ length: 11 }, (_, i) => onCircle(i % 2 ? 0.42 : 1, 36 * i - 90)))],
};

function line(...corners: Point[]): Line {
  return corners;
}

/** Part of a circle, from one angle to another in degrees, as short straight pieces. */
function arc([x, y]: Point, radius: number, from: number, to: number): Line {
  const pieces = Math.ceil((to - from) / 30);
  return Array.from({ length: pieces + 1 }, (_, i): Point => {
    const [dx, dy] = onCircle(radius, from + ((to - from) * i) / pieces);
    return [x + dx, y + dy];
  });
}

function onCircle(radius: number, degrees: number): Point {
  const angle = (degrees * Math.PI) / 180;
  return [radius * Math.cos(angle), radius * Math.sin(angle)];
}
