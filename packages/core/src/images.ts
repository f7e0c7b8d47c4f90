/** Entry for what decodes images or prepares them: it loads nothing else. */
export { type DecodeImage, prepareImage } from "./augment/prepare-image.js";
export { readExifOrientation, readTiffTag } from "./preprocess/exif.js";
export { orient } from "./preprocess/geometry.js";
export type { RgbImage } from "./preprocess/image.js";
export {
  type ImageFormat,
  isRefusedFormat,
  recognizeImage,
  SIGNATURE_BYTES,
} from "./preprocess/image-format.js";
