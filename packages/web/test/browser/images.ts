import sharp, { type Sharp } from "sharp";

/** A grey image with a stripe that stands or lies. */
export async function stripe(kind: "stand" | "lie", at: number): Promise<Uint8Array> {
  const size = 32;
  const data = new Uint8Array(3 * size * size).fill(40);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const across = kind === "stand" ? x : y;
      const pixel = 3 * (y * size + x);
      if (across >= at && across < at + 6) data.fill(220, pixel, pixel + 3);
    }
  }
  const png = sharp(data, { raw: { width: size, height: size, channels: 3 } }).png();
  return new Uint8Array(await png.toBuffer());
}

/** Stripes with labels. */
export async function labelledStripes(): Promise<readonly (readonly [Uint8Array, string])[]> {
  const rows: (readonly [Uint8Array, string])[] = [];
  for (const at of [2, 8, 14, 20]) {
    rows.push([await stripe("stand", at), "standing"], [await stripe("lie", at), "lying"]);
  }
  return rows;
}

/** A smooth image of so many channels, in which every pixel differs from its neighbours. */
export function drawing(channels: 3 | 4): Sharp {
  const [width, height] = [41, 23];
  const data = Uint8Array.from({ length: channels * width * height }, (_, at) => {
    const [pixel, channel] = [Math.floor(at / channels), at % channels];
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    return channel === 3 ? (x * 7 + y * 5) % 256 : (x * (3 + channel) + y * (7 - channel)) % 256;
  });
  return sharp(data, { raw: { width, height, channels } });
}
