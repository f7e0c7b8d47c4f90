/** The layers that can be put on top of a model, or make up one. */
export { activation } from "./activation.js";
export { averagePool2d, conv2d, maxPool2d } from "./convolution.js";
export { dense, embedding } from "./dense.js";
export { dropout } from "./dropout.js";
export { batchNorm, layerNorm } from "./normalization.js";
export { flatten, globalAveragePool, globalMaxPool } from "./pooling.js";
export { sequential } from "./sequential.js";
