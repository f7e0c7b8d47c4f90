import type { Model } from "@engraft/core";
import { afterEach, expect, it, vi } from "vitest";
import { servedOrt } from "../../host/runtime/served-ort.js";
import { createWebHost } from "../../host/web-host.js";
import type { Engine } from "../engine.js";
import { Opened } from "../opened.js";
import { Receiver } from "../receive.js";
import { CheckpointRuns } from "./checkpoint-runs.js";
import { modelHandlers } from "./model-handlers.js";

afterEach(() => void vi.unstubAllGlobals());

it("a training that waits for its checkpoint has its data, though the page has released it", async () => {
  vi.stubGlobal("navigator", {});
  const datasets = new Opened<readonly []>("The data set was released.");
  const number = datasets.add([]);
  const host = createWebHost({ baseUrl: "https://app.example/" }, servedOrt({}));
  const trained: string[] = [];
  let end = (): void => {};
  const first = new Promise<void>((resolve) => {
    end = resolve;
  });
  const engine = {
    models: { frozenAs: ({ model }: { model: number }) => model as unknown as Model },
    runs: new CheckpointRuns(),
    receive: new Receiver(host, datasets),
    engraft: {
      async fit(model: number) {
        trained.push(`model ${model}`);
        if (model === 1) await first;
      },
    },
  } as unknown as Engine;
  const { fit } = modelHandlers(() => engine);
  const image = { kind: "image" as const, dataset: number, image: 0, digest: undefined };
  const dataset = { splits: { train: [{ input: image, label: 0 }] }, labels: ["a"] };
  const start = (model: number): Promise<unknown> =>
    fit(
      {
        model,
        frozen: [],
        data: { kind: "dataset", dataset: dataset as never },
        options: { checkpoint: "cats" },
      },
      { signal: new AbortController().signal, notify: () => {} },
    );
  const runs = [start(1), start(2)];
  await vi.waitFor(() => expect(trained).toEqual(["model 1"]));
  datasets.remove(number);
  end();
  await Promise.all(runs);
  expect(trained).toEqual(["model 1", "model 2"]);
});
