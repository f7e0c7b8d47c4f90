import type { LabelledRow } from "@engraft/data";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Engraft, Task } from "../src/internal.js";

/** A machine that the product is tested on. */
export interface TestedHost {
  readonly engraft: Engraft;
  /** A place for a task or a file that nothing is at. */
  place(name: string): string;
}

const spam = [
  "win a free prize now",
  "claim your cash reward today",
  "cheap pills online offer",
  "you won the lottery, click here",
  "limited offer, buy now and save",
  "free money is waiting for you",
  "exclusive deal, act fast",
  "earn dollars from home quickly",
  "your account won a bonus",
  "click to get a free cruise",
];
const ham = [
  "the meeting moved to tuesday morning",
  "please review the attached report",
  "lunch with the team at noon",
  "the build failed on the main branch",
  "notes from the weekly planning call",
  "can you send me the slides",
  "the train is late, start without me",
  "thanks for the feedback on the draft",
  "the printer on floor two is broken",
  "I will be on holiday next week",
];
const mails: readonly (readonly [text: string, label: string])[] = spam.flatMap((text, index) => [
  [text, "spam"] as const,
  [ham[index]!, "ham"] as const,
]);
const tickets: readonly LabelledRow[] = [
  ["the login page shows an error", "ticket"],
  ["my password does not work any more", "ticket"],
  { text: "error 500 when I log in", label: "ticket", source: "desk 3" },
  ["free money is waiting for you", "spam"],
];

/** A grey image with a stripe that stands or lies. */
async function stripe(kind: "stand" | "lie", at: number): Promise<Uint8Array> {
  const size = 32;
  const data = new Uint8Array(3 * size * size).fill(40);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const across = kind === "stand" ? x : y;
      if (across >= at && across < at + 6)
        data.fill(220, 3 * (y * size + x), 3 * (y * size + x) + 3);
    }
  }
  const png = sharp(data, { raw: { width: size, height: size, channels: 3 } }).png();
  return new Uint8Array(await png.toBuffer());
}

/** What the product does on any machine. */
export function productSuite(name: string, open: () => Promise<TestedHost>): void {
  describe(`the product on ${name}`, () => {
    let host: TestedHost;
    let engraft: Engraft;
    let task: Task;

    beforeAll(async () => {
      host = await open();
      engraft = host.engraft;
      task = await engraft.train(mails, { seed: 1 });
    });

    afterAll(() => engraft.close());

    it("trains a task in memory that knows how good it is", () => {
      expect(task.labels).toEqual(["ham", "spam"]);
      expect(task.modality).toBe("text");
      expect(task.metrics.n).toBe(mails.length);
      expect(task.metrics).toBe(task.manifest.evaluation.outOfFold);
      expect(Object.keys(task.baselines)).toContain("majority");
      expect(task.manifest.config).toMatchObject({ seed: 1, views: "auto" });
      expect(String(task)).toMatch(
        /(^|\n\n)Out of fold .*\n\n.*accuracy.*\nthis task +\d\.\d{3} \[/,
      );
    });

    it("learns from unlabelled examples where they help, and says what they were worth", async () => {
      const words = ["prize", "meeting", "offer", "report", "cash", "lunch", "bonus", "slides"];
      const unlabelled = Array.from({ length: 40 }, (_, index) => {
        const [a, b] = [words[index % 8]!, words[(3 * index + 2) % 8]!];
        return `about the ${a} and the ${b}, number ${index}`;
      });
      const given = [...unlabelled, "WIN a free prize  now"];
      const learned = await engraft.train(mails, { seed: 1, unlabelled: given });
      const record = learned.manifest.unlabelled!;
      // One of them is a labelled example, apart from case and white space.
      expect(record).toMatchObject({ given: 41, copies: 1 });
      expect(record.accuracy!.standardError).toBeGreaterThanOrEqual(0);
      expect(learned.baselines["labels-only"]).toBeDefined();
      expect(String(learned)).toMatch(
        /(^|\n)41 unlabelled examples, 1 of them copies .* used\.\n.*equally/,
      );
      const names = learned.manifest.head.views.map(({ name }) => name);
      expect(names.includes("last-student")).toBe(record.used);
      expect((await learned.predict("free cash prize, click now")).label).toBe("spam");

      const warnings: string[] = [];
      const onWarning = (message: string): void => void warnings.push(message);
      const next = await learned.extend(tickets, { onWarning });
      expect(next.extension!.searched).toBe(record.used ? "unlabelled" : "unknown");
      expect(warnings.some((warning) => warning.includes("a task does not keep"))).toBe(
        record.used,
      );
      await next.close();
      await learned.close();
    });

    it("takes the labels to be as frequent among unlabelled examples as is said", async () => {
      const unlabelled = Array.from({ length: 24 }, (_, index) => `about number ${index}`);
      const classShares = { spam: 0.25, ham: 0.75 };
      const learned = await engraft.train(mails, { seed: 1, unlabelled, classShares });
      expect(learned.manifest.unlabelled!.classShares).toEqual([
        { label: "ham", share: 0.75 },
        { label: "spam", share: 0.25 },
      ]);
      expect(String(learned)).toContain("as frequent as was given: ham 0.750, spam 0.250.");
      await learned.close();
      const alone = engraft.train(mails, { classShares });
      await expect(alone).rejects.toThrow(/none. Give unlabelled examples too/);
    });

    it("keeps vectors of unlabelled examples only where labels can spread to them", async () => {
      const alone = engraft.train(mails, { keepUnlabelled: true });
      await expect(alone).rejects.toThrow(/no unlabelled examples whose vectors could be kept/);
      const unlabelled = Array.from({ length: 24 }, (_, index) => `about number ${index}`);
      const start = engraft.train(unlabelled, { labels: ["spam", "ham"], keepUnlabelled: true });
      await expect(start).rejects.toThrow(/no example has a label yet/);
    });

    it("refuses unlabelled examples where nothing can learn from them", async () => {
      const few = engraft.train(mails, { unlabelled: ["one", "two"] });
      expect((await few).manifest.unlabelled).toEqual({ given: 2, copies: 0, used: false });
      const last = engraft.train(mails, { views: "last", unlabelled: ["one"] });
      await expect(last).rejects.toThrow(/Only a stack of views learns from unlabelled examples/);
    });

    it("predicts one as one and many as many", async () => {
      const texts = ["free cash prize, click now", "the report of the meeting"];
      const many = await task.predict(texts);
      expect(many.map(({ label }) => label)).toEqual(["spam", "ham"]);
      expect(await task.predict(texts[1]!)).toEqual(many[1]);
      expect(await task.predict([])).toEqual([]);
    });

    it("ranks labels and predicts selectively where it is asked to", async () => {
      const { trust } = task.manifest;
      const [loosest] = trust!.abstaining.slice(-1);
      const options = { topK: 1, confidence: 0.8, maxErrorRate: loosest!.maxError };
      const prediction = await task.predict("free prize", options);
      const { label, probability } = prediction;
      expect(prediction).toMatchObject({
        accepted: probability >= loosest!.threshold,
        ranking: [{ label, probability }],
      });
      expect(prediction.predictionSet![0]).toBe(label);
      await expect(task.predict("x", { confidence: 0.9999 })).rejects.toMatchObject({
        code: "usage",
      });
    });

    it("predicts a stream in order, with the error of what cannot be read in its place", async () => {
      const rows = ["free prize", { where: "line 2", what: "is too long" }, "the slides"];
      const found: unknown[] = [];
      for await (const { source, prediction, error } of task.predictStream(rows)) {
        found.push([source, prediction?.label ?? error?.message]);
      }
      expect(found).toEqual([
        ["free prize", "spam"],
        ["line 2", "is too long"],
        ["the slides", "ham"],
      ]);
    });

    it("measures on labelled data, and says what it was trained on", async () => {
      const rows: LabelledRow[] = [
        mails[0]!,
        ["win free pills", "spam"],
        ["see you at noon", "ham"],
      ];
      const evaluation = await task.evaluate(rows);
      expect(evaluation).toMatchObject({ n: 3, trainedOn: 1, skipped: [] });
      const unknown = [...rows, ["x y", "other"]] as LabelledRow[];
      await expect(task.evaluate(unknown)).rejects.toMatchObject({ code: "data/invalid" });
      expect(await task.evaluate(unknown, { skipBad: true })).toMatchObject({
        n: 3,
        skipped: [{ where: "row 4" }],
      });
    });

    it("lists every row that cannot be used", async () => {
      const bad = [...mails, ["", "ham"], ["no label", " "]] as LabelledRow[];
      await expect(engraft.train(bad)).rejects.toMatchObject({
        code: "data/invalid",
        remedies: ["skipBad"],
        problems: [{ where: "row 21" }, { where: "row 22" }],
      });
    });

    it("saves a task and loads it again, the same to the bit", async () => {
      const place = host.place("saved.engraft");
      await task.save(place);
      await using loaded = await engraft.loadTask(place, { modality: "text" });
      expect(loaded.manifest).toEqual(JSON.parse(JSON.stringify(task.manifest)));
      const texts = mails.map(([text]) => text);
      expect(await loaded.predict(texts)).toEqual(await task.predict(texts));
      const files = await loaded.files();
      expect([...files.keys()].sort()).toEqual(
        ["task.json", ...Object.keys(loaded.manifest.files)].sort(),
      );
      const copy = host.place("copy.engraft");
      await loaded.save(copy);
      const again = await engraft.loadTask(copy);
      expect((await again.evaluate(mails)).trainedOn).toBe(mails.length);
      await expect(engraft.loadTask(place, { modality: "image" })).rejects.toMatchObject({
        code: "usage",
      });
      await expect(engraft.loadTask(host.place("nothing"))).rejects.toMatchObject({
        code: "usage",
      });
    });

    it("does not write over what another one has written since", async () => {
      const place = host.place("shared.engraft");
      const plain = await engraft.train(mails, { views: "last" });
      await plain.save(place);
      const old = await engraft.loadTask(place);
      const [mine, theirs] = [await old.extend(tickets), await old.extend(tickets.slice(0, 2))];
      await theirs.save(place);
      await expect(mine.save(place)).rejects.toMatchObject({ code: "task/changed" });
      expect((await engraft.loadTask(place)).manifest).toEqual(
        JSON.parse(JSON.stringify(theirs.manifest)),
      );
    });

    it("extends a task to another one, and says what changed", async () => {
      const next = await task.extend(tickets);
      expect(task.labels).toEqual(["ham", "spam"]);
      expect(next.labels).toEqual(["ham", "spam", "ticket"]);
      expect(next.extension).toMatchObject({ added: 3, repeated: 1, newLabels: ["ticket"] });
      expect(next.extension!.before).toBe(task.manifest);
      expect((await next.predict("an error on the login page")).label).toBe("ticket");
      const comparison = await task.compare(next, tickets);
      expect(comparison).toMatchObject({ n: 4, trainedOn: [1, 4] });
    });

    it("finds labels that are wrong", async () => {
      const noisy = mails.map(([text, label], row): LabelledRow => {
        return [text, row === 6 ? (label === "spam" ? "ham" : "spam") : label];
      });
      const { suspects, examples } = await task.findLabelErrors(noisy);
      expect(examples).toBe(mails.length);
      expect(suspects.map(({ source }) => source)).toContain("row 7");
    });

    it("suggests what to label next, the least certain first", async () => {
      const { suggested, skipped } = await task.suggest(
        ["free lunch for the team", "win a prize", "the slides of the call"],
        { count: 2 },
      );
      expect(skipped).toEqual([]);
      expect(suggested).toHaveLength(2);
      expect(suggested[0]!.uncertainty).toBeGreaterThanOrEqual(suggested[1]!.uncertainty);
      await expect(task.suggest([])).rejects.toMatchObject({ code: "data/empty" });
    });

    it("suggests what to label first, without a task", async () => {
      const texts = mails.map(([text]) => text);
      const { suggested, copies, base, labelled } = await engraft.suggest(texts, { count: 3 });
      expect(base).toBe("minilm-l6");
      expect(suggested.map(({ cluster }) => cluster)).toEqual([1, 2, 3]);
      const stood = suggested.reduce((sum, { standsFor }) => sum + standsFor, 0);
      expect(stood).toBe(texts.length);
      expect([copies, labelled]).toEqual([0, []]);
      await expect(engraft.suggest([])).rejects.toMatchObject({ code: "data/empty" });
    });

    it("reports on a task, with and without a place", async () => {
      const unsaved = await engraft.train(mails, { views: "last" });
      const report = await unsaved.report();
      expect(report.output).toBeUndefined();
      expect(report.html).toContain("<");
      expect(report.missing).toEqual([]);
      expect(report.study!.layers.length).toBeGreaterThan(3);
      expect(report.labelErrors).toBeDefined();
      const place = host.place("reported.engraft");
      await unsaved.save(place);
      const saved = await engraft.loadTask(place);
      const { output, html } = await saved.report();
      expect(output).toContain("report.html");
      expect(html.length).toBeGreaterThan(0);
    });

    it("exports a task as a model that gives the same labels", async () => {
      const inputs = mails.map(([text]) => text);
      const exported = await task.export(host.place("exported"), { inputs, data: mails });
      expect(exported.weights).toBe("float");
      expect(Object.keys(exported.files)).toContain("model.onnx");
      expect(exported.agreement).toMatchObject({ n: mails.length, agreement: 1 });
      expect(exported.measured?.exported.accuracy).toBe(exported.measured?.task.accuracy);
    });

    it("measures which base suits some data", async () => {
      const [selected, ...others] = await engraft.selectBase(mails);
      expect(others).toEqual([]);
      expect(selected).toMatchObject({ base: "minilm-l6", stack: { n: mails.length } });
    });

    it("scores how unlike the training examples inputs are", async () => {
      const place = host.place("scored.engraft");
      await task.save(place);
      await using scoring = await engraft.loadTask(place, { outliers: true });
      const { outlier } = await scoring.predict("zzz qqq 漢字");
      expect(outlier).toEqual({
        isOutlier: expect.any(Boolean),
        knnPValue: expect.any(Number),
        classPValue: expect.any(Number),
      });
    });

    it("learns from images in memory, and names those that cannot be decoded", async () => {
      const at = [2, 8, 14, 20];
      const rows: LabelledRow[] = [];
      for (const x of at) {
        rows.push([await stripe("stand", x), "standing"], [await stripe("lie", x), "lying"]);
      }
      const images = await engraft.train(rows, { views: "last" });
      expect(images.modality).toBe("image");
      expect((await images.predict(await stripe("stand", 11))).label).toBe("standing");
      const broken = Uint8Array.of(137, 80, 78, 71, 0);
      await expect(images.predict([await stripe("lie", 5), broken])).rejects.toMatchObject({
        code: "data/unreadable",
        problems: [{ where: "input 2" }],
      });
    });

    it("stops where it is told to, and refuses work after it was closed", async () => {
      const signal = AbortSignal.abort();
      await expect(engraft.train(mails, { signal, cache: false })).rejects.toThrow(/abort/i);
      const closing = await engraft.train(mails, { views: "last" });
      await closing.close();
      await expect(closing.predict("x")).rejects.toThrow(/was closed/);
    });
  });
}
