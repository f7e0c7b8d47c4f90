import { defineConfig } from "vite";

/** With these headers, models run on several threads. */
const headers = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

export default defineConfig({
  // Its worker and the files of ONNX Runtime Web are found beside its code.
  optimizeDeps: { exclude: ["@engraft/web"] },
  worker: { format: "es" },
  server: { headers },
  preview: { headers },
});
