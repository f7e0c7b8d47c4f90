/** A worker of a test: a few training steps of a small network, on one device. */
import { createEngraft, layers, Model } from "@engraft/web/worker";

async function work(device: "wasm" | "webgpu"): Promise<unknown> {
  const notices: string[] = [];
  const onWarning = (message: string) => notices.push(message);
  await using engraft = createEngraft({ baseUrl: self.location.origin, device, onWarning });
  const model = Model.sequential(
    [64],
    [
      layers.dense(128, { activation: "gelu" }),
      layers.layerNorm(),
      layers.dense(32, { activation: "relu" }),
      layers.dense(2),
    ],
    { seed: 1 },
  );
  const rows = 4;
  const size = 64;
  const numbers = Float32Array.from({ length: rows * size }, (_, at) => Math.sin(at % 977));
  const inputs = {
    input: { dtype: "float32", dims: [rows, size], data: numbers },
  } as const;
  const classes = BigInt64Array.of(0n, 1n, 1n, 0n);
  const targets = { dtype: "int64", dims: [rows], data: classes } as const;
  const losses: number[] = [];
  await engraft.fit(
    model,
    { train: { inputs, targets } },
    {
      epochs: 4,
      batchSize: rows,
      learningRate: 0.001,
      optimizer: "adamw",
      seed: 1,
      onEvent: (event) => {
        if (event.type === "step") losses.push(event.loss);
      },
    },
  );
  return { losses, notices };
}

self.addEventListener("message", ({ data }: MessageEvent<"wasm" | "webgpu">) => {
  work(data).then(
    (result) => self.postMessage({ result }),
    (error: Error) => self.postMessage({ error: `${error.message}\n${error.stack}` }),
  );
});
