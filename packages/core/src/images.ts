/** Entry for threads that prepare images: it loads nothing else. */
export { augmentationRandom, augmentImage } from "./augment/augment.js";
export { preprocessImage } from "./preprocess/chain.js";
export { readExifOrientation, readTiffTag } from "./preprocess/exif.js";
export { orient } from "./preprocess/geometry.js";
export { colorHistogram } from "./preprocess/histogram.js";
export type { RgbImage } from "./preprocess/image.js";
export {
  type ImageFormat,
  isRefusedFormat,
  recognizeImage,
  SIGNATURE_BYTES,
} from "./preprocess/image-format.js";
