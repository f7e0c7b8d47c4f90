/** A worker of a test: it trains a model layer by layer, with Engraft on its own thread. */
import { createEngraft, layers, Model } from "@engraft/web/worker";

async function work(): Promise<unknown> {
  await using engraft = createEngraft({ baseUrl: self.location.origin });
  const data = Float32Array.of(0, 0, 0, 1, 1, 0, 1, 1);
  const inputs = { input: { dtype: "float32", dims: [4, 2], data } } as const;
  const classes = BigInt64Array.of(0n, 1n, 1n, 0n);
  const targets = { dtype: "int64", dims: [4], data: classes } as const;
  const small = Model.sequential([2], [layers.dense(8, { activation: "tanh" }), layers.dense(2)], {
    seed: 1,
  });
  const options = {
    epochs: 60,
    batchSize: 4,
    learningRate: 0.1,
    optimizer: "adamw",
    seed: 1,
  } as const;
  const { history } = await engraft.fit(small, { train: { inputs, targets } }, options);
  const { data: logits } = await engraft.predict(small, inputs);

  const base = await engraft.loadModel("efficientnet-lite0");
  base.trainable = false;
  const model = base.cut("features").append([layers.dense(2)]);
  const weights = model.weights.length;
  const again = await engraft.loadModel("/model.onnx").catch((error: Error) => error.message);
  return {
    losses: [history[0]!.training.loss, history.at(-1)!.training.loss],
    predicted: [0, 1, 2, 3].map((row) => Number(logits[2 * row + 1]! > logits[2 * row]!)),
    weights,
    trainable: model.trainableWeights.map(({ name }) => name).length,
    again,
  };
}

work().then(
  (result) => self.postMessage({ result }),
  (error: Error) => self.postMessage({ error: `${error.message}\n${error.stack}` }),
);
