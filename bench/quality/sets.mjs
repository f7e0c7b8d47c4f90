// The open sets with their layers, for benches that fit heads themselves.
import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { OpenBases } from "@engraft/tasks/internal";
import { loadMails, sample } from "../../examples/dist/spam-filter/mails.js";
import { viewRecipes } from "../../packages/core/dist/heads/views/views.js";
import { diskCaches } from "../../packages/engraft/dist/host/cache/disk-cache.js";
import { cacheFolder } from "../../packages/engraft/dist/host/cache/location.js";
import { readInputs } from "../../packages/tasks/dist/train/data/extract-dataset.js";
import { every, onSomeIntents, readQuestions } from "../lib.mjs";

/** Opens sets on one host. @param data Folder of the data. @param limit Rows of each, where not all. */
export function openSets(platform, data, limit) {
  const bases = new OpenBases(platform);
  return { mails, questions, photos, readSet };

  /** `most` mails in their natural shares, 28 % spam; tested on as many of each. */
  async function mails(most) {
    const all = (await loadMails()).map(({ text, label }) => ({
      input: { kind: "text", text },
      label,
    }));
    const { drawn: test, rest } = sample(all, 350, 1);
    return { rows: every(rest, limit ?? most), test: every(test, limit), base: "minilm-l6" };
  }

  async function questions() {
    const [rows, test] = onSomeIntents(await readRows("train"), await readRows("test"));
    return { rows: every(rows, limit), test: every(test, limit), base: "minilm-l6" };
  }

  async function readRows(name) {
    const { splits } = await readQuestions(data, name);
    return splits.train.map(({ input, target }) => ({ input, label: target.label }));
  }

  async function photos() {
    return { rows: listPhotos("train"), test: listPhotos("val"), base: "efficientnet-lite0" };
  }

  function listPhotos(split) {
    return ["ants", "bees"].flatMap((label) => {
      const place = resolve(data, "hymenoptera", split, label);
      const names = readdirSync(place).filter((name) => name.endsWith(".jpg"));
      return names.sort().map((name) => ({ input: platform.data.image(join(place, name)), label }));
    });
  }

  /** A set with its layers: first the rows to draw or choose from, then those to test on. */
  async function readSet({ rows, test, base: name }) {
    const base = await bases.open(name);
    const { spec } = base;
    const all = [...rows, ...test];
    const openCache = diskCaches(cacheFolder(), { base: spec.id }, () => {});
    const items = all.map(({ input }, row) => ({ source: String(row), input }));
    const { table } = await readInputs(base, items, platform, { openCache, skipBad: false });
    const labels = [...new Set(all.map(({ label }) => label))].sort((a, b) => (a < b ? -1 : 1));
    return {
      spec,
      recipes: viewRecipes(spec, "auto"),
      table,
      texts: spec.modality === "text" ? all.map(({ input }) => input.text) : undefined,
      targets: Int32Array.from(all, ({ label }) => labels.indexOf(label)),
      classes: labels.length,
      drawable: rows.length,
      tested: Int32Array.from(test, (_, i) => rows.length + i),
    };
  }
}
