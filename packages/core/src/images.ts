/** Entry for what decodes images or prepares them: it loads nothing else. */
export { type DecodeImage, prepareImage } from "./augment/prepare-image.js";
export {
  readExifOrientation,
  readTiffTag,
  withoutExifOrientation,
} from "./preprocess/image/exif.js";
export { orient } from "./preprocess/image/geometry.js";
export type { RgbImage } from "./preprocess/image/image.js";
export {
  type ImageFormat,
  isRefusedFormat,
  recognizeImage,
  SIGNATURE_BYTES,
} from "./preprocess/image/image-format.js";
