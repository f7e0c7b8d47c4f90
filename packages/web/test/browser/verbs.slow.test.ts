import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openApp, type TestApp } from "./browser.js";
import { CSV, MAILS, NEW_TEXTS } from "./texts.js";

let app: TestApp;
let page: Page;

declare global {
  interface Window {
    /** What the tests of this file share. */
    shared: {
      readonly instance: import("../../src/index.js").Engraft;
      readonly task: import("../../src/index.js").Task<"text">;
    };
  }
}

beforeAll(async () => {
  app = await openApp();
  page = await app.open();
  await page.evaluate(async (mails) => {
    const instance = window.engraft.createEngraft();
    const task = await instance.train(mails, { seed: 1, views: "last" });
    window.shared = { instance, task: task as never };
  }, MAILS);
});
afterAll(async () => {
  await page?.evaluate(() => window.shared.instance.close());
  await app?.close();
});

/** Tickets, which are a class that the task does not know. */
const TICKETS: readonly (readonly [string, string])[] = [
  ["the login page shows an error", "ticket"],
  ["my password does not work any more", "ticket"],
  ["error 500 when I log in", "ticket"],
];

describe("a task in a page", () => {
  it("is measured, extended and compared", async () => {
    const found = await page.evaluate(
      async ({ tickets, mails }) => {
        const { task } = window.shared;
        const measured = await task.evaluate(mails.slice(0, 4));
        const next = await task.extend(tickets);
        const comparison = await task.compare(next, tickets.slice(0, 1).concat(mails.slice(0, 2)), {
          skipBad: true,
        });
        const { label } = await next.predict("an error on the login page");
        const { added, newLabels, before } = next.extension!;
        await next.close();
        const closed = await next.predict("x").catch((error: unknown) => error);
        return {
          n: measured.n,
          trainedOn: measured.trainedOn,
          label,
          extension: { added, newLabels, before: before.labels },
          compared: comparison.n,
          closed: closed instanceof window.engraft.UsageError && closed.message,
          modality: task.modality,
        };
      },
      { tickets: TICKETS, mails: MAILS },
    );
    expect(found).toMatchObject({
      n: 4,
      trainedOn: 4,
      label: "ticket",
      extension: { added: 3, newLabels: ["ticket"], before: ["ham", "spam"] },
      modality: "text",
    });
    expect(found.closed).toMatch(/was closed/);
    expect(found.compared).toBeGreaterThan(0);
  });

  it("suggests what to label, and finds labels that are wrong", async () => {
    const found = await page.evaluate(
      async ({ mails, texts }) => {
        const { instance, task } = window.shared;
        const noisy = mails.map(([text, label], row) => {
          return [text, row === 6 ? (label === "spam" ? "ham" : "spam") : label] as const;
        });
        const review = await task.findLabelErrors(noisy);
        const next = await task.suggest(texts, { count: 2, forecast: false });
        const first = await instance.suggest(new File([texts.join("\n")], "inbox.txt"), {
          count: 1,
        });
        return { review, next, first };
      },
      { mails: MAILS, texts: NEW_TEXTS },
    );
    expect(found.review.suspects.map(({ source }) => source)).toContain("row 7");
    expect(found.next.suggested).toHaveLength(2);
    expect(found.next.suggested[0]!.input).toEqual({
      kind: "text",
      text: found.next.suggested[0]!.source,
    });
    expect(found.first).toMatchObject({ modality: "text", inputs: 1 });
  });

  it("is explained by a report, and exported as files", async () => {
    const found = await page.evaluate(async (csv) => {
      const { task } = window.shared;
      const report = await task.report();
      const exported = await task.export({ inputs: new File([csv], "mails.csv") });
      return {
        html: report.html,
        missing: report.missing,
        findings: report.findings.length,
        agreement: exported.agreement?.agreement,
        names: [...exported.content.keys()],
        bytes: exported.content.get("model.onnx")!.length,
        declared: exported.files["model.onnx"],
      };
    }, CSV);
    expect(found.html).toMatch(/^<!doctype html>/i);
    expect(found.html).not.toContain("<script");
    expect(found.missing).toEqual([]);
    expect(found.findings).toBeGreaterThan(0);
    expect(found.agreement).toBe(1);
    expect(found.names).toContain("README.md");
    expect(found.bytes).toBe(found.declared);
  });

  it("says what is refused as in Node, with class, code and fields", async () => {
    const found = await page.evaluate(async (mails) => {
      const { instance, task } = window.shared;
      const failures = [
        await instance.train(mails.map(([text]) => [text, "one"])).catch((error) => error),
        await instance.train(mails, { views: "none" as never }).catch((error) => error),
        await task.evaluate([["see you at noon", "other"]]).catch((error) => error),
        await task.predict("x", { confidence: 0.9999 }).catch((error) => error),
        await instance.train("nothing.csv").catch((error) => error),
      ];
      return failures.map((error) => [error.constructor.name, error.code, error.message]);
    }, MAILS);
    expect(found).toEqual([
      ["DataError", "data/too-few", expect.stringMatching(/two labels/)],
      ["UsageError", "usage", expect.stringMatching(/"views"/)],
      ["DataError", "data/invalid", expect.stringContaining("other")],
      ["UsageError", "usage", expect.stringContaining("confidence")],
      ["DataError", "data/unreadable", expect.stringMatching(/nothing\.csv: .* 404/)],
    ]);
  });

  it("does not write over what another tab has saved since", async () => {
    const found = await page.evaluate(async (mails) => {
      const { instance, task } = window.shared;
      await task.save("shared");
      const mine = await instance.loadTask("shared");
      const theirs = await instance.loadTask("shared");
      const extended = await theirs.extend([["a new prize", "spam"]]);
      const other = await mine.extend([["a meeting at noon", "ham"]]);
      await extended.save("shared");
      const error = await other.save("shared").catch((thrown: unknown) => thrown);
      const { tasks } = await instance.storage();
      const kept = await instance.loadTask("shared-2");
      return {
        isChanged: error instanceof window.engraft.TaskChangedError && error.kept,
        names: [...tasks.keys()].sort(),
        examples: [mails.length, kept.metrics.n],
      };
    }, MAILS);
    expect(found).toEqual({
      isChanged: "shared-2",
      names: ["shared", "shared-2"],
      examples: [MAILS.length, MAILS.length + 1],
    });
  });

  it("stops at once, and goes on with other work", async () => {
    const found = await page.evaluate(
      async ({ mails, texts }) => {
        const { instance, task } = window.shared;
        const controller = new AbortController();
        const stopped = await instance
          .train(mails, {
            signal: controller.signal,
            cache: false,
            onProgress: () => controller.abort(new Error("enough")),
          })
          .catch((error: unknown) => error);
        const broken = await instance
          .train(mails, {
            views: "last",
            onProgress: () => {
              throw new RangeError("a fault of the page");
            },
          })
          .catch((error: unknown) => error);
        const { label } = await task.predict(texts[0]!);
        return [String(stopped), String(broken), label];
      },
      { mails: MAILS, texts: NEW_TEXTS },
    );
    expect(found).toEqual(["Error: enough", "RangeError: a fault of the page", "spam"]);
  });
});
