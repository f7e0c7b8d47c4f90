import { PassThrough } from "node:stream";
import type { LabelReview, SuspectLabel } from "@engraft/tasks/internal";
import { describe, expect, it } from "vitest";
import { type Walk, walkLabels } from "../src/cli/commands/labels/label-walk.js";
import { openReviewer } from "../src/cli/terminal/reviewer.js";
import { asLines } from "../src/cli/terminal/terminal.js";

function suspect(source: string, given: string, suggested: string, text = source): SuspectLabel {
  return {
    source,
    input: { kind: "text", text },
    given,
    suggested,
    probabilityOfGiven: 0.1,
    probabilityOfSuggested: 0.8,
    neighboursDisagreeing: 0.7,
  };
}

const review: LabelReview = {
  labels: ["ham", "news", "spam"],
  examples: 30,
  lookAlikes: [],
  truncation: undefined,
  suspects: [
    suspect("mails.csv:4", "spam", "ham"),
    suspect("mails.csv:9", "ham", "spam"),
    suspect("mails.csv:2", "news", "spam"),
  ],
};

/** Walks with prepared answers; when they are used up, there is nobody any more. */
async function walk(answers: readonly string[], over: LabelReview = review) {
  const left = [...answers];
  const said: string[] = [];
  const reviewer = {
    say: (...lines: readonly string[]) => {
      said.push(asLines(lines));
    },
    ask: async () => left.shift(),
  };
  const result: Walk = await walkLabels(over, reviewer, (source) => `data/${source}`);
  return { ...result, said: said.join("\n"), left };
}

describe("a walk through likely label errors", () => {
  it("takes suggestions, keeps labels, and takes others by name and by number", async () => {
    const { corrections, decided, interrupted } = await walk(["", "n", "1"]);
    expect(corrections).toEqual([
      { source: "mails.csv:4", given: "spam", label: "ham" },
      { source: "mails.csv:2", given: "news", label: "ham" },
    ]);
    expect({ decided, interrupted }).toEqual({ decided: 3, interrupted: false });
    const named = await walk(["y", "k", " ham "]);
    expect(named.corrections).toEqual(corrections);
  });

  it("shows what a person needs to decide, the worst first", async () => {
    const { said } = await walk(["s"]);
    expect(said).toContain("1 of 3  data/mails.csv:4");
    expect(said).toMatch(/labelled +spam +probability 0\.100, 70 % of the neighbours disagree/);
    expect(said).toMatch(/suggested +ham +probability 0\.800/);
    expect(said).not.toContain("mails.csv:9");
  });

  it("goes back, and forgets what was decided there", async () => {
    const { corrections, said } = await walk(["u", "", "", "u", "n", "n"]);
    expect(corrections).toEqual([{ source: "mails.csv:4", given: "spam", label: "ham" }]);
    expect(said.match(/1 of 3/g)).toHaveLength(1);
    expect(said.match(/2 of 3/g)).toHaveLength(2);
  });

  it("asks again after an answer that it does not understand, without showing all again", async () => {
    const { corrections, said } = await walk(["hamm", "4", "0", "?", "", "s"]);
    expect(corrections).toHaveLength(1);
    expect(said).toContain('no label "hamm"');
    expect(said).toContain('no label "4"');
    expect(said).toContain("2 news");
    expect(said.match(/1 of 3/g)).toHaveLength(1);
  });

  it("keeps what was decided before it is stopped or left", async () => {
    const stopped = await walk(["", "s", ""]);
    expect(stopped).toMatchObject({ decided: 1, interrupted: false, left: [""] });
    const left = await walk([""]);
    expect(left).toMatchObject({ decided: 1, interrupted: true });
    for (const { corrections } of [stopped, left]) {
      expect(corrections).toEqual([{ source: "mails.csv:4", given: "spam", label: "ham" }]);
    }
  });

  it("does not take labels that are numbers for places in the list", async () => {
    const digits = { ...review, labels: ["0", "1"], suspects: [suspect("a", "0", "1")] };
    expect((await walk(["2", "0"], digits)).corrections).toEqual([]);
    expect((await walk(["1"], digits)).corrections).toMatchObject([{ label: "1" }]);
    expect((await walk(["2", "1"], digits)).said).toContain('no label "2"');
  });

  it("shows texts without what would control the terminal, and not without end", async () => {
    const text = `\x1b[2J${"long ".repeat(1_000)}`;
    const suspects = [suspect("a", "ham", "spam", text)];
    const { said } = await walk(["s"], { ...review, suspects });
    expect(said).not.toContain("\x1b");
    expect(said.length).toBeLessThan(1_500);
  });
});

describe("a reviewer at a terminal", () => {
  const open = (signal = new AbortController().signal) => {
    const [input, output] = [new PassThrough(), new PassThrough()];
    const reviewer = openReviewer(["ham"], signal, { input, output });
    return { input, output, reviewer };
  };

  it("answers line by line, until the input ends", async () => {
    const { input, output, reviewer } = open();
    reviewer.say("Look:");
    const first = reviewer.ask("? ");
    input.write("ham\n");
    expect(await first).toBe("ham");
    const second = reviewer.ask("? ");
    input.end();
    expect(await second).toBeUndefined();
    expect(await reviewer.ask("? ")).toBeUndefined();
    expect(String(output.read())).toContain("Look:\n? ");
  });

  it("answers no more once the work is ended", async () => {
    const controller = new AbortController();
    const { reviewer } = open(controller.signal);
    const asked = reviewer.ask("? ");
    controller.abort();
    expect(await asked).toBeUndefined();
    reviewer.close();
  });
});
