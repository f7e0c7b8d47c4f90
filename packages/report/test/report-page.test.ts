import { visibleFlow } from "@engraft/core/escape";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ReportData } from "../dist/data/report-data.js";
import { renderReport } from "../dist/page.js";
import {
  elementsOf,
  foreignParts,
  madeUpData,
  parsePage,
  SECTIONS,
  sectionText,
} from "./report-support.js";

describe("the page of a report", () => {
  it("has every section, a way to each, and nothing that a network or a script is needed for", () => {
    const html = renderReport(madeUpData({ labels: ["ham", "spam"] }));
    const page = parsePage(html);
    expect(Array.from(page.querySelectorAll("main > section"), ({ id }) => id)).toEqual(SECTIONS);
    const links = elementsOf(page, "nav a").map((link) => link.getAttribute("href"));
    expect(links).toEqual(SECTIONS.map((id) => `#${id}`));
    expect(foreignParts(page)).toEqual([]);
    const [addresses] = [html.replaceAll("http://www.w3.org/2000/svg", "")];
    expect(addresses.replaceAll("http://www.w3.org/1999/xlink", "")).not.toMatch(/https?:|url\(/);
    expect(page.querySelector('meta[http-equiv="Content-Security-Policy"]')).not.toBeNull();
  });

  it("has a table beside every chart, with the numbers that the chart shows", () => {
    const data = madeUpData({ labels: ["ham", "spam"] });
    const page = parsePage(renderReport(data));
    for (const figure of page.querySelectorAll("figure")) {
      expect(figure.querySelector("svg")!.getAttribute("aria-label")).toBeTruthy();
      expect(figure.querySelectorAll("tbody tr").length).toBeGreaterThan(0);
    }
    expect(sectionText(page, "quality")).toContain("this task0.654 [0.604, 0.704]");
    expect(sectionText(page, "quality")).toContain("most frequent label0.321");
    const { confusion } = data.manifest.evaluation.outOfFold;
    expect(sectionText(page, "confusion")).toContain(`ham${confusion[0]!.join("")}`);
    expect(sectionText(page, "labels")).toContain("0.5000.2500.333");
    expect(sectionText(page, "abstaining")).toContain("2.0 %0.90040.0 %");
    expect(sectionText(page, "label-errors")).toContain("80 % of its nearest examples");
    expect(sectionText(page, "learning-curve")).toContain("The forecast holds".slice(4));
    expect(sectionText(page, "learning-curve")).toMatch(
      /^.*50 more labels would bring 0\.4 points of accuracy\s+\(0\.4 to 0\.4 in 80 of 100 cases\)\. Settle \d+ labels first: /s,
    );
    expect(sectionText(page, "layers")).toContain("block.00.600 [0.550, 0.650]");
    expect(sectionText(page, "left-out")).toContain("made-up.csv:9the text is missing");
  });

  it("says what unlabelled examples and descriptions of labels were worth", () => {
    const data = madeUpData({ labels: ["ham", "spam"] });
    const alone = sectionText(parsePage(renderReport(data)), "beside-labels");
    expect(alone).toContain("learned from labelled examples alone");

    const manifest = {
      ...data.manifest,
      names: {
        described: true,
        used: false,
        accuracy: { gain: -0.01, standardError: 0.02 },
        logLoss: { gain: 0, standardError: 0.004 },
      },
      unlabelled: {
        given: 1200,
        copies: 3,
        classShares: [
          { label: "ham", share: 0.72 },
          { label: "spam", share: 0.28 },
        ],
        used: true,
        accuracy: { gain: 0.0208, standardError: 0.0131 },
        logLoss: { gain: 0.046, standardError: 0.019 },
      },
    };
    const text = sectionText(parsePage(renderReport({ ...data, manifest })), "beside-labels");
    expect(text).toContain("descriptions of the labels-1.0 ± 2.0 points0.000 ± 0.004not used");
    expect(text).toContain("1,200 unlabelled examples2.1 ± 1.3 points0.046 ± 0.019used");
    expect(text).toContain("3 of the unlabelled examples are copies");
    expect(text).toContain("Taken to be among them: ham 72 %, spam 28 %.");

    expect(text).not.toContain("moved");

    const few = { ...data.manifest, unlabelled: { given: 5, copies: 0, used: false } };
    const page = parsePage(renderReport({ ...data, manifest: few }));
    expect(sectionText(page, "beside-labels")).toContain("too few to learn from");
  });

  it("shows which answers the unlabelled examples moved, and how far views agree", () => {
    const data = madeUpData({ labels: ["ham", "spam"] });
    const { outOfFold, examples } = data.record!;
    const spam = [0, 1].flatMap(() => [Math.log(0.2), Math.log(0.8)]);
    const withoutUnlabelled = { ...outOfFold.logProbabilities, data: new Float32Array(24) };
    withoutUnlabelled.data.set(outOfFold.logProbabilities.data);
    // The first two, of which one is ham and one spam.
    withoutUnlabelled.data.set(spam);
    const before = { label: "ham", probability: 0.6 };
    const moved = { toRight: 1, toWrong: 0, wrongBefore: 0, asked: 50, differing: 3 };
    const unlike = { share: 0.62, standardError: 0.1 };
    const used = { given: 60, copies: 10, used: true, unlike, moved };
    const page = (changes: object, record: ReportData["record"] = data.record) => {
      const manifest = { ...data.manifest, ...changes };
      return parsePage(renderReport({ ...data, manifest, record }));
    };
    const after = { label: "<b>spam", probability: 0.9 };
    const unlabelled = [{ source: "pool:7", text: "<i>win", before, after }];
    const shown = page(
      { unlabelled: used },
      { ...data.record!, moved: { withoutUnlabelled, unlabelled } },
    );
    const text = sectionText(shown, "beside-labels");
    expect(text).toContain("About 62 % of them look unlike the labelled examples");
    expect(text).toContain("Out of fold, 1 of the labelled examples are answered otherwise");
    expect(text).toContain(
      `now right: spam (0.800) became ham (0.700), labelled ham ${examples[0]!.text}`,
    );
    expect(text).toContain("Of 50 unlabelled examples, 3 (6.0 %) are answered otherwise");
    expect(text).toContain("Shown are 1, those first that");
    expect(text).toContain("ham (0.600) became <b>spam (0.900) <i>win pool:7");

    const none = { ...used, used: false, moved: { ...moved, toRight: 0, asked: 0, differing: 0 } };
    const alike = { share: 0.05, standardError: 0.1 };
    const still = sectionText(page({ unlabelled: { ...none, unlike: alike } }), "beside-labels");
    expect(still).toContain("They look like the labelled examples");
    expect(still).toContain("No labelled example is answered otherwise");
    expect(still).toContain("The task does not use them");

    const views = [{ name: "last", weight: 1, c: 10, agreement: 0.875 }];
    const agreeing = page({ head: { kind: "logistic", views } });
    expect(sectionText(agreeing, "layers")).toContain("agrees with the stack last1.0001087.5 %");
    expect(sectionText(parsePage(renderReport(data)), "layers")).not.toContain("agrees");
  });

  it("shows labels and texts as they are, whatever is in them", () => {
    const fragment = fc.constantFrom(
      "<script>alert(1)</script>",
      "<img src=x onerror=alert(1)>",
      '"><svg onload=alert(1)>',
      "' onmouseover='alert(1)",
      "</style></title></svg>",
      "<!--",
      "]]>",
      "&lt;b&gt;&amp;",
      "javascript:alert(1)",
      "ünï – 横 👩‍🚀",
      "\u202Egnp.exe",
      "\0\x1b[2J\x7f\x9b",
      "__proto__",
      "a,b\tc",
    );
    const text = fc.array(fc.oneof(fragment, fc.string()), { minLength: 1, maxLength: 4 });
    const label = text.map((parts) => parts.join("")).filter((joined) => joined.trim() !== "");
    const property = fc.property(
      fc.uniqueArray(label, { minLength: 2, maxLength: 4 }),
      label,
      (labels, content) => {
        const html = renderReport(madeUpData({ labels, text: () => content }));
        const page = parsePage(html);
        expect(foreignParts(page)).toEqual([]);
        expect(Array.from(page.querySelectorAll("main > section"), ({ id }) => id)).toEqual(
          SECTIONS,
        );
        const names = Array.from(
          page.querySelectorAll("#labels tbody th"),
          ({ textContent }) => textContent,
        );
        expect([...names].sort()).toEqual(labels.map(visibleFlow).sort());
        const shown = page.querySelector("#mistakes blockquote")?.textContent;
        expect(
          shown === undefined || visibleFlow(content).startsWith(shown.replace(/…$/, "")),
        ).toBe(true);
      },
    );
    fc.assert(property, { numRuns: 30 });
  });

  it("shows what HTML may not hold by its code", () => {
    const labels = ["a\0b", "\x1b[31mred", "\u202Egnp.exe", "c\ufffed", "e\x9bf"];
    const html = renderReport(madeUpData({ labels, text: () => "line\n\ttwo\x07" }));
    expect(html).not.toMatch(/(?![\n\t])\p{Control}|\p{Noncharacter_Code_Point}|\u202e/u);
    const text = sectionText(parsePage(html), "labels");
    for (const shown of ["a\\x00b", "\\x1b[31mred", "\\u202egnp.exe", "c\\u{fffe}d", "e\\u009bf"]) {
      expect(text).toContain(shown);
    }
    expect(html).toContain("line\n\ttwo\\x07");
  });

  it("stays readable and small with 150 labels", () => {
    const labels = Array.from({ length: 150 }, (_, index) => `a label with the number ${index}`);
    const html = renderReport(madeUpData({ labels }));
    expect(html.length).toBeLessThan(2e6);
    const page = parsePage(html);
    expect(sectionText(page, "confusion")).toContain("50 are not");
    expect(page.querySelectorAll("#labels tbody th").length).toBe(150);
  });

  it("says what to know before believing the metrics", () => {
    const page = parsePage(renderReport(madeUpData({ labels: ["ham", "spam"] })));
    const said = Array.from(
      page.querySelectorAll("header .warnings li"),
      ({ textContent }) => textContent,
    );
    expect(said).toEqual(["Texts were cut.", "Labels look alike: \\u202e<b>"]);
  });

  it("says what it is without", () => {
    const page = parsePage(renderReport(madeUpData({ labels: ["ham", "spam"], record: false })));
    expect(page.querySelector("header .missing")?.textContent).toContain("all of it");
    for (const id of ["mistakes", "label-errors", "near-duplicates", "calibration", "map"]) {
      expect(sectionText(page, id)).toContain("keeps no examples");
    }
    expect(sectionText(page, "quality")).toContain("0.654");
  });

  it("can be made of a task of version 0.1.0", () => {
    const data = madeUpData({ labels: ["ham", "spam"] });
    const { trust: _, ...manifest } = data.manifest;
    const page = parsePage(renderReport({ ...data, manifest }));
    expect(sectionText(page, "abstaining")).toContain("train it again");
  });
});
