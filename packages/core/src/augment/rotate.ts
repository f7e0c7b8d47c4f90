import { type RgbImage, rgbImage } from "../preprocess/image/image.js";

/** RGB from 0 to 255. */
export type Color = readonly [red: number, green: number, blue: number];

/**
 * Turns an image counter-clockwise about its centre, with bilinear interpolation and the very pixels
 * of Pillow's `Image.rotate`. What comes from outside the image gets the colour `fill`.
 */
export function rotate(image: RgbImage, degrees: number, fill: Color): RgbImage {
  const { width, height } = image;
  const turned = rgbImage(width, height);
  const angle = (-degrees * Math.PI) / 180;
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  const pixel = new Float64Array(3);
  let out = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const fromX = x + 0.5 - width / 2;
      const fromY = y + 0.5 - height / 2;
      const sourceX = cos * fromX + sin * fromY + width / 2;
      const sourceY = cos * fromY - sin * fromX + height / 2;
      const isInside = sourceX >= 0 && sourceX < width && sourceY >= 0 && sourceY < height;
      if (isInside) interpolate(image, sourceX - 0.5, sourceY - 0.5, pixel);
      turned.data.set(isInside ? pixel : fill, out);
      out += 3;
    }
  }
  return turned;
}

/** The colour between the four pixels around a place; the image's edge goes on beyond it. */
function interpolate(image: RgbImage, x: number, y: number, pixel: Float64Array): void {
  const { width, height, data } = image;
  const left = Math.floor(x);
  const top = Math.floor(y);
  const right = Math.min(left + 1, width - 1);
  const bottom = Math.min(top + 1, height - 1);
  const across = x - left;
  const down = y - top;
  const topLeft = (Math.max(top, 0) * width + Math.max(left, 0)) * 3;
  const topRight = (Math.max(top, 0) * width + right) * 3;
  const bottomLeft = (bottom * width + Math.max(left, 0)) * 3;
  const bottomRight = (bottom * width + right) * 3;
  for (let channel = 0; channel < 3; channel++) {
    const above = mix(data[topLeft + channel]!, data[topRight + channel]!, across);
    const below = mix(data[bottomLeft + channel]!, data[bottomRight + channel]!, across);
    pixel[channel] = mix(above, below, down);
  }
}

function mix(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}
