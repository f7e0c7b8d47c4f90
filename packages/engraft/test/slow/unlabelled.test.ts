import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { loadTask, train } from "engraft";
import { describe, expect, it } from "vitest";
import { mails } from "../support.js";

/** Questions to a bank, none of them a mail. */
const verbs = ["change", "find", "cancel", "activate", "replace", "check", "block", "renew"];
const things = ["my card", "the exchange rate", "a transfer", "my PIN", "my address", "the top-up"];
const forms = ["How do I", "Why can't I", "Where can I", "Is it possible to"];
const questions = forms.flatMap((form) =>
  verbs.flatMap((verb) => things.map((thing) => `${form} ${verb} ${thing}?`)),
);

describe("unlabelled examples", () => {
  it("that are copies of labelled ones change no figure", async () => {
    const unlabelled = questions.slice(0, 60);
    const copies = mails.flatMap(([text]) => [text, ` ${text.toUpperCase()}  `]);
    const alone = await train(mails, { seed: 3, unlabelled });
    const copied = await train(mails, { seed: 3, unlabelled: [...unlabelled, ...copies] });
    expect(copied.manifest.unlabelled!.copies).toBe(copies.length);
    expect(copied.manifest.evaluation).toEqual(alone.manifest.evaluation);
    expect(copied.manifest.unlabelled!.logLoss).toEqual(alone.manifest.unlabelled!.logLoss);
    expect(copied.manifest.head).toEqual(alone.manifest.head);
    await Promise.all([alone.close(), copied.close()]);
  });

  it("of other topics cost half a point of accuracy at most, with 8 labels of a kind", async () => {
    const differences: number[] = [];
    for (let seed = 0; seed < 4; seed++) {
      const { drawn, tested } = await drawMails(8, seed);
      const rows = [...rowsOf(drawn, "train"), ...rowsOf(tested, "test")];
      const task = await train(rows, { seed, unlabelled: questions });
      const test = task.manifest.evaluation.test!;
      differences.push(test.accuracy - test.baselines["labels-only"]!.accuracy);
      await task.close();
    }
    const mean = differences.reduce((sum, value) => sum + value, 0) / differences.length;
    expect(mean).toBeGreaterThan(-0.005);
  }, 600_000);

  it("are kept as vectors where they may be, in the head that was measured", async () => {
    const { drawn, tested, rest } = await drawMails(4, 1);
    const unlabelled = rest.slice(0, 300).map(({ text }) => text);
    const rows = [...rowsOf(drawn, "train"), ...rowsOf(tested, "test")];
    const output = join(await mkdtemp(join(tmpdir(), "engraft-kept-")), "mails.engraft");
    const task = await train(rows, { seed: 1, unlabelled, keepUnlabelled: true, output });
    const { unlabelled: record, head, evaluation } = task.manifest;
    expect(record).toMatchObject({ used: true, kept: record!.given - record!.copies });
    expect(head.views.find(({ name }) => name === "graph")!.weight).toBeGreaterThan(0);
    expect(String(task)).toContain(`The task keeps vectors of ${record!.kept} of them.`);
    await task.close();

    const loaded = await loadTask(output);
    const answers = await loaded.predict(tested.map(({ text }) => text));
    const right = answers.filter(({ label }, row) => label === tested[row]!.label).length;
    expect(right / tested.length).toBeCloseTo(evaluation.test!.accuracy, 10);
    await loaded.close();
    await rm(dirname(output), { recursive: true });
  }, 600_000);
});

async function drawMails(perLabel: number, seed: number) {
  const place = new URL("../../../../examples/dist/spam-filter/mails.js", import.meta.url);
  const { loadMails, sample } = (await import(place.href)) as MailsModule;
  const { drawn: tested, rest } = sample(await loadMails(), 100, 1);
  return { ...sample(rest, perLabel, seed), tested };
}

function rowsOf(mailsOfSplit: readonly Mail[], split: "train" | "test") {
  return mailsOfSplit.map(({ text, label }) => ({ text, label, split }));
}

interface Mail {
  readonly text: string;
  readonly label: string;
}

interface MailsModule {
  readonly loadMails: () => Promise<Mail[]>;
  readonly sample: (
    mails: readonly Mail[],
    perLabel: number,
    seed: number,
  ) => { drawn: Mail[]; rest: Mail[] };
}
