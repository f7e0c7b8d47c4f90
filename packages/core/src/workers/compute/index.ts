/** Entry for compute workers. Images bring their part when the first one is prepared. */

export type { DecodeImage } from "../../augment/prepare-image.js";
export { type ComputeHome, serveCompute } from "./serve-compute.js";
