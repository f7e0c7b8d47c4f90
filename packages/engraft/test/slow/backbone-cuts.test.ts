import type { Input } from "@engraft/core";
import type { BaseModel } from "@engraft/core/predict";
import { OpenBases } from "@engraft/tasks/internal";
import { type BackboneConsumer, SharedBackbone } from "@engraft/tasks/predict";
import { afterAll, describe, expect, it } from "vitest";
import { allColumns } from "../../../core/dist/features/columns.js";
import { createNodeHost } from "../../dist/host/node-host.js";
import { drawImage, mails } from "../support.js";

type Tap = BaseModel["spec"]["taps"][number];

const platform = createNodeHost();
afterAll(() => platform.close());

/** What a backbone reads of every layer of a base, while all of some taps is read as well. */
async function read(base: BaseModel, inputs: readonly Input[], cuts: readonly Tap[]) {
  const columns = allColumns(base.spec);
  const { preprocessing } = base.spec;
  const backbone = await SharedBackbone.open(base, { columns, cuts, preprocessing }, platform);
  const reader: BackboneConsumer = {
    columns,
    run: async ({ length: rows }, features) => ({
      rows,
      cols: features.length / rows,
      data: Float64Array.from(features),
    }),
  };
  const rows = Int32Array.from(inputs.keys());
  const { answers } = await backbone.run(inputs, [{ reader, rows }]);
  await backbone.release();
  return answers[0]!.data;
}

describe("tuned layers may start from any layer of", () => {
  it.each(["minilm-l6", "efficientnet-lite0"])(
    "%s, and the frozen ones stay the same to the last bit",
    async (id) => {
      const base = await new OpenBases(platform).open(id);
      const { taps, modality } = base.spec;
      const inputs: Input[] =
        modality === "text"
          ? mails.slice(0, 5).map(([text]) => ({ kind: "text", text }))
          : [await drawImage("lie", 1), await drawImage("stand", 2)].map((file) => ({
              kind: "image",
              read: () => Promise.resolve(file),
            }));
      const untouched = await read(base, inputs, []);
      const whole = taps.filter(({ kind }) => kind !== "vector");
      const middle = whole.length >> 1;
      for (const cuts of [[whole[middle]!], [whole.at(-2)!], whole.slice(middle)]) {
        expect(await read(base, inputs, cuts)).toEqual(untouched);
      }
    },
  );
});
