// Learning curves as a table, as characters and as an SVG file. A curve is `{ name, mark, runs }`, where a
// run lists the accuracies after its epochs.

export interface Curve {
  readonly name: string;
  readonly mark: string;
  readonly runs: readonly (readonly number[])[];
}

export interface Notes {
  /** Epoch after which the top is unfrozen. */
  readonly unfreezeAfter: number;
  /** Accuracy of guessing. */
  readonly chance: number;
}

/** Mean and standard deviation of each curve at some epochs. */
export function printTable(curves: readonly Curve[], { unfreezeAfter }: Notes): string {
  const epochs = epochsOf(curves);
  const step = Math.max(1, Math.round(epochs / 12));
  const shown = Array.from({ length: epochs }, (_, i) => i + 1).filter(
    (epoch) => epoch === 1 || epoch % step === 0 || epoch === epochs || epoch === unfreezeAfter,
  );
  const rows = shown.map((epoch) => [
    `${epoch}`,
    ...curves.map(({ runs }) => {
      const { mean, deviation } = spreadAt(runs, epoch - 1);
      return `${mean.toFixed(3)} ± ${deviation.toFixed(3)}`;
    }),
    epoch === unfreezeAfter ? "the head alone; then block3 too" : "",
  ]);
  const table = [["epoch", ...curves.map(({ name }) => name), ""], ...rows];
  const widths = rows[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  return table
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]! + 2))
        .join("")
        .trimEnd(),
    )
    .join("\n");
}

/** The means, one column an epoch. */
export function printCurves(curves: readonly Curve[], { unfreezeAfter }: Notes): string {
  const lines = 20;
  const epochs = epochsOf(curves);
  const grid = Array.from({ length: lines + 1 }, () => new Array<string>(epochs).fill(" "));
  for (let line = 0; line <= lines; line++) grid[line]![unfreezeAfter] = "┊";
  for (const { mark, runs } of curves) {
    for (let epoch = 0; epoch < epochs; epoch++) {
      grid[Math.round(lines * (1 - spreadAt(runs, epoch).mean))]![epoch] = mark;
    }
  }
  const rows = grid.map((row, line) => {
    const label = line % 5 === 0 ? (1 - line / lines).toFixed(2) : "";
    return `${label.padStart(6)} ┤${row.join("").trimEnd()}`;
  });
  const legend = curves.map(({ mark, name }) => `${mark} ${name}`).join("   ");
  return ["", ...rows, `       └${"─".repeat(epochs)}`, `        ${legend}   ┊ top unfrozen`].join(
    "\n",
  );
}

const TITLE = "Accuracy on unseen images of new shapes, 10 labels a shape";
const COLORS = ["#0b6e4f", "#c8553d"];
const WIDTH = 640;
const HEIGHT = 400;
const FRAME = { left: 56, right: 24, top: 36, bottom: 48 };

/** The means as lines, with a band of one standard deviation to either side. */
export function svgOf(curves: readonly Curve[], { unfreezeAfter, chance }: Notes): string {
  const epochs = epochsOf(curves);
  const x = (epoch: number): number =>
    FRAME.left + ((WIDTH - FRAME.left - FRAME.right) * (epoch - 1)) / Math.max(1, epochs - 1);
  const y = (accuracy: number): number =>
    FRAME.top + (HEIGHT - FRAME.top - FRAME.bottom) * (1 - accuracy);
  const points = (values: readonly number[]): string[] =>
    values.map((value, i) => `${round(x(i + 1))},${round(y(value))}`);
  const left = x(1);
  const right = x(epochs);
  const levels = [0, 0.2, 0.4, 0.6, 0.8, 1].flatMap((level) => [
    `<path d="M${left} ${y(level)}H${right}" stroke="#ddd"/>`,
    text(left - 8, y(level) + 4, level.toFixed(1), "end"),
  ]);
  const drawn = curves.flatMap(({ name, runs }, index) => {
    const spreads = Array.from({ length: epochs }, (_, epoch) => spreadAt(runs, epoch));
    const upper = points(spreads.map(({ mean, deviation }) => mean + deviation));
    const lower = points(spreads.map(({ mean, deviation }) => mean - deviation));
    const color = COLORS[index] ?? "#333";
    return [
      `<polygon points="${[...upper, ...lower.reverse()].join(" ")}" fill="${color}" opacity="0.2"/>`,
      `<polyline points="${points(spreads.map(({ mean }) => mean)).join(" ")}" fill="none" stroke="${color}" stroke-width="2"/>`,
      text(right - 4, y(spreads.at(-1)!.mean) - 16, name, "end", color),
    ];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<title>${TITLE}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    text(left, 20, TITLE),
    ...levels,
    `<path d="M${left} ${round(y(chance))}H${right}" stroke="#888" stroke-dasharray="4"/>`,
    text(right - 4, y(chance) + 15, "chance", "end", "#888"),
    `<path d="M${round(x(unfreezeAfter))} ${y(1)}V${y(0)}" stroke="#888" stroke-dasharray="4"/>`,
    text(x(unfreezeAfter) - 4, y(0.02), "top unfrozen →", "end", "#888"),
    ...drawn,
    text(left, HEIGHT - 24, "1", "middle"),
    text(right, HEIGHT - 24, `${epochs}`, "middle"),
    text((left + right) / 2, HEIGHT - 12, "passes over the labelled images", "middle"),
    "</svg>",
    "",
  ].join("\n");
}

function text(x: number, y: number, content: string, anchor = "start", fill = "#333"): string {
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}" fill="${fill}">${content}</text>`;
}

function epochsOf([first]: readonly Curve[]): number {
  return first?.runs[0]?.length ?? 0;
}

function round(coordinate: number): number {
  return Number(coordinate.toFixed(1));
}

/** Over the runs, after an epoch; the deviation is that of the sample. */
function spreadAt(runs: Curve["runs"], epoch: number): { mean: number; deviation: number } {
  const values = runs.map((run) => run[epoch]!);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / Math.max(1, values.length - 1)) };
}
