/** Everything that Engraft needs is beside its code, and webpack finds it there by itself. */
export default {
  mode: "production",
  entry: "./src/index.js",
  output: { clean: true },
  // ONNX Runtime is 14 MB of WebAssembly, which is loaded when it is needed.
  performance: { hints: false },
};
