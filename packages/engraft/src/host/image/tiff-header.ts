import type { Metadata } from "sharp";

/** How many bands the colours of an image take. */
export function colourBands({ space }: Metadata): number {
  if (space === "cmyk") return 4;
  return space === "b-w" || space === "grey16" ? 1 : 3;
}

/**
 * Says why a TIFF is not decoded, to follow "the image": its bands or samples do not say what colours
 * are meant. `undefined` where they do.
 */
export function tiffProblem(metadata: Metadata): string | undefined {
  const { channels, depth } = metadata;
  if (channels > colourBands(metadata) + 1) {
    return `has ${channels} bands; expected grey, RGB or CMYK, and at most one band more`;
  }
  if (depth === "uchar" || depth === "ushort" || depth === "float") return undefined;
  return (
    `has samples of the type ${depth}; expected 8 or 16 bits without sign, or floats of 32 bits. ` +
    "Convert it to 8 bits"
  );
}
