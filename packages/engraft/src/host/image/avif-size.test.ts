import sharp from "sharp";
import { expect, it } from "vitest";
import { longestAvifSide } from "./avif-size.js";
import { readHeader } from "./header.js";

async function avif(): Promise<Buffer> {
  const image = { width: 40, height: 24, channels: 3, background: "red" } as const;
  return sharp({ create: image }).avif({ effort: 0 }).toBuffer();
}

it("is that of the image, before it is decoded", async () => {
  expect(longestAvifSide(await avif())).toBe(40);
});

it("is refused where it is beyond what libvips can read", async () => {
  const file = await avif();
  file.writeUInt32BE(2_130_706_496, file.indexOf("ispe") + 8);
  expect(longestAvifSide(file)).toBe(2_130_706_496);
  expect(await readHeader(file, 25e6)).toContain("has a side of 2130706496 pixels");
});

it("is 0 for anything else, and what is damaged ends the look", async () => {
  const file = await avif();
  expect(longestAvifSide(new Uint8Array())).toBe(0);
  expect(longestAvifSide(Buffer.from("not an image at all"))).toBe(0);
  for (let at = 0; at < file.length; at++) {
    const damaged = Buffer.from(file);
    damaged[at]! ^= 0xff;
    expect(longestAvifSide(damaged)).toBeGreaterThanOrEqual(0);
    expect(longestAvifSide(file.subarray(0, at))).toBeLessThanOrEqual(40);
  }
});
