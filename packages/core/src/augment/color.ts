import { type RgbImage, rgbImage } from "../preprocess/image/image.js";

/**
 * Changes of colour with the very pixels of torchvision's functions on Pillow images
 * (`ImageEnhance` and the HSV conversion of Pillow's `Convert.c`).
 */

/** 0 is black, 1 the image itself, 2 twice as bright (`adjust_brightness`). */
export function adjustBrightness(image: RgbImage, factor: number): RgbImage {
  return blend(image, factor, () => 0);
}

/** 0 is the mean grey, 1 the image itself (`adjust_contrast`). */
export function adjustContrast(image: RgbImage, factor: number): RgbImage {
  let sum = 0;
  for (let at = 0; at < image.data.length; at += 3) sum += greyAt(image.data, at);
  const mean = Math.trunc(sum / (image.width * image.height) + 0.5);
  return blend(image, factor, () => mean);
}

/** 0 is grey, 1 the image itself (`adjust_saturation`). */
export function adjustSaturation(image: RgbImage, factor: number): RgbImage {
  return blend(image, factor, (at) => greyAt(image.data, at));
}

/** Turns the colour wheel by `shift` of a full turn, from -0.5 to 0.5 (`adjust_hue`). */
export function adjustHue(image: RgbImage, shift: number): RgbImage {
  const turned = rgbImage(image.width, image.height);
  // Pillow's hue has 256 steps, and the sum of two of them wraps around.
  const steps = Math.trunc(shift * 255);
  for (let at = 0; at < image.data.length; at += 3) {
    const [hue, saturation, value] = toHsv(image.data, at);
    writeRgb(turned.data, at, (hue + steps) & 0xff, saturation, value);
  }
  return turned;
}

/** Between a grey image (factor 0) and the given one (factor 1), or beyond it. */
function blend(image: RgbImage, factor: number, grey: (at: number) => number): RgbImage {
  const blended = rgbImage(image.width, image.height);
  // Pillow computes in single precision and drops the fraction, which shows in the last bit.
  const alpha = Math.fround(factor);
  for (let at = 0; at < image.data.length; at += 3) {
    const from = grey(at);
    for (let channel = at; channel < at + 3; channel++) {
      const value = Math.fround(from + Math.fround(alpha * (image.data[channel]! - from)));
      blended.data[channel] = Math.trunc(Math.min(255, Math.max(0, value)));
    }
  }
  return blended;
}

/** Luma of ITU-R 601 in 16-bit fixed point. */
function greyAt(rgb: Uint8Array, at: number): number {
  return (rgb[at]! * 19595 + rgb[at + 1]! * 38470 + rgb[at + 2]! * 7471 + 0x8000) >> 16;
}

/** Hue, saturation and value, each from 0 to 255. */
function toHsv(rgb: Uint8Array, at: number): [number, number, number] {
  const red = rgb[at]!;
  const green = rgb[at + 1]!;
  const blue = rgb[at + 2]!;
  const most = Math.max(red, green, blue);
  const spread = most - Math.min(red, green, blue);
  if (spread === 0) return [0, 0, most];
  const far = (channel: number): number => Math.fround((most - channel) / spread);
  let sixths: number;
  if (red === most) sixths = Math.fround(far(blue) - far(green));
  else if (green === most) sixths = Math.fround(2 + far(red) - far(blue));
  else sixths = Math.fround(4 + far(green) - far(red));
  const hue = Math.fround((sixths / 6 + 1) % 1);
  return [Math.trunc(hue * 255), Math.trunc(Math.fround(spread / most) * 255), most];
}

function writeRgb(rgb: Uint8Array, at: number, hue: number, saturation: number, v: number): void {
  const sector = Math.floor((hue * 6) / 255);
  const rest = Math.fround((hue * 6) / 255 - sector);
  const share = Math.fround(saturation / 255);
  const p = Math.round(v * (1 - share));
  const q = Math.round(v * (1 - share * rest));
  const t = Math.round(v * (1 - share * (1 - rest)));
  const colors = [
    [v, t, p],
    [q, v, p],
    [p, v, t],
    [p, q, v],
    [t, p, v],
    [v, p, q],
  ];
  rgb.set(colors[sector % 6]!, at);
}
