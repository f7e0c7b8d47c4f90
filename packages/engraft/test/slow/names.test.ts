import { join } from "node:path";
import { createEngraft } from "engraft";
import { afterAll, describe, expect, it } from "vitest";
import { mails, writeFiles } from "../support.js";

const folder = await writeFiles({});
const engraft = createEngraft({ threads: 2, cache: join(folder, "cache") });
afterAll(() => engraft.close());

describe("what is learned beside labels", () => {
  it("learns from what labels mean where that helps, and keeps it when it is extended", async () => {
    const descriptions = new Map<string, string | string[]>([
      ["spam", ["offers of free cash and prizes", "click to win"]],
      ["ham", "meetings, reports and the team"],
    ]);
    const described = await engraft.train(mails, { seed: 1, descriptions });
    const { names, config, head } = described.manifest;
    expect(names).toMatchObject({ described: true });
    expect(config.descriptions).toEqual([
      { label: "spam", texts: ["offers of free cash and prizes", "click to win"] },
      { label: "ham", texts: ["meetings, reports and the team"] },
    ]);
    expect(head.views.some(({ name }) => name === "names")).toBe(names!.used);
    expect(String(described)).toMatch(/^The descriptions of the labels .* used\.\n/);
    const next = await described.extend([["the server is down", "ham"]]);
    expect(next.manifest.config.descriptions).toEqual(config.descriptions);
    expect((await next.predict("free cash prize, click now")).label).toBe("spam");
    await next.close();
    await described.close();

    const unknown = engraft.train(mails, { descriptions: { scam: "offers" } });
    await expect(unknown).rejects.toThrow(/"scam" is described, and no example has this label/);
    const last = engraft.train(mails, { views: "last", descriptions: { spam: "offers" } });
    await expect(last).rejects.toThrow(/Only a stack of views learns from descriptions/);
    const empty = engraft.train(mails, { descriptions: { spam: " " } });
    await expect(empty).rejects.toThrow(/"descriptions.*a description is empty/);
  });

  it("starts without a label, says that nothing measured it, and goes on with labels", async () => {
    const texts = mails.map(([text]) => text);
    const start = await engraft.train(texts, { labels: ["spam", "ham"] });
    expect(start.isMeasured).toBe(false);
    expect(start.labels).toEqual(["ham", "spam"]);
    expect(() => start.metrics).toThrow(/Nothing measured the task/);
    expect(String(start)).toContain("Nothing measured this task");
    const { probabilities, unmeasured } = await start.predict("free cash prize, click now");
    expect(unmeasured).toBe(true);
    expect(probabilities.spam! + probabilities.ham!).toBeCloseTo(1, 6);
    await expect(start.predict("a", { maxErrorRate: 0.1 })).rejects.toThrow(/Nothing measured/);
    await expect(start.report()).rejects.toThrow(/Nothing measured the task/);
    expect((await start.evaluate(mails)).n).toBe(mails.length);

    const place = join(folder, "start.engraft");
    await start.save(place);
    const loaded = await engraft.loadTask(place);
    expect(loaded.isMeasured).toBe(false);
    const few = loaded.extend(mails.slice(0, 1));
    await expect(few).rejects.toThrow(/too few have: ham, spam/);
    const next = await loaded.extend(mails);
    expect(next.isMeasured).toBe(true);
    expect(next.metrics.n).toBe(mails.length);
    expect((await next.predict("free cash prize, click now")).unmeasured).toBeUndefined();
    for (const task of [start, loaded, next]) await task.close();
  });

  it("does not start without labels where it cannot", async () => {
    const texts = mails.map(([text]) => text);
    const start = (labels: string[], options = {}, source: readonly string[] = texts) =>
      engraft.train(source, { ...options, labels });
    await expect(start(["spam"])).rejects.toThrow(/two or more labels, each once/);
    await expect(start(["spam", "spam "])).rejects.toThrow(/two or more labels, each once/);
    await expect(start(["a", "b"], { views: "last" })).rejects.toThrow(/a stack of views/);
    await expect(start(["a", "b"], {}, texts.slice(0, 5))).rejects.toThrow(/at least 20 examples/);
  });
});
