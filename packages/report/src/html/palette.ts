/**
 * Colours and shapes that tell labels apart, for readers of every kind of colour vision (Okabe and
 * Ito, 2008, with the yellow darkened); the page defines the variables for light and for dark.
 */
export const SERIES: readonly { readonly colour: string; readonly symbol: string }[] = [
  { colour: "var(--series-1)", symbol: "circle" },
  { colour: "var(--series-2)", symbol: "triangle" },
  { colour: "var(--series-3)", symbol: "square" },
  { colour: "var(--series-4)", symbol: "diamond" },
  { colour: "var(--series-5)", symbol: "star" },
  { colour: "var(--series-6)", symbol: "wye" },
  { colour: "var(--series-7)", symbol: "cross" },
];

/** What belongs to none of the series. */
export const OTHER_COLOUR = "var(--other)";
