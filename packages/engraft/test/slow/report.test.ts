import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { UsageError } from "@engraft/core";
import { loadTask, type Report, type ReportOptions, train } from "engraft";
import { beforeAll, describe, expect, it } from "vitest";
import {
  foreignParts,
  parsePage,
  SECTIONS,
  sectionText,
} from "../../../report/test/report-support.js";
import { fingerprint } from "../../dist/serving/tasks/read-folder.js";
import {
  cache,
  engraft,
  engraftHere,
  mails,
  toCsv,
  writeFiles,
  writeImages,
  writeMails,
} from "../support.js";

let folder: string;
let task: string;

beforeAll(async () => {
  folder = await writeMails();
  task = join(folder, "mails.engraft");
  await (await train(join(folder, "mails.csv"), { output: task })).close();
});

/** Writes the report on the task at a path. */
async function report(
  path: string,
  options: ReportOptions = {},
): Promise<Report & { readonly output: string }> {
  await using loaded = await loadTask(path);
  const { output, ...said } = await loaded.report(options);
  return { output: output!, ...said };
}

async function readPage(path: string) {
  return parsePage(await readFile(path, "utf8"));
}

describe("a report on texts", () => {
  it("is one page in the task folder, with every part filled", async () => {
    const phases = new Set<string>();
    const onProgress = ({ phase }: { phase: string }) => phases.add(phase);
    const written = await report(task, { onProgress });
    expect(written).toMatchObject({ output: join(task, "report.html"), missing: [] });
    expect(phases).toContain("measure");
    const page = await readPage(written.output);
    expect(Array.from(page.querySelectorAll("main > section"), ({ id }) => id)).toEqual(SECTIONS);
    expect(foreignParts(page)).toEqual([]);
    expect(page.querySelector("h1")?.textContent).toBe("mails");
    const { evaluation } = JSON.parse(await readFile(join(task, "task.json"), "utf8"));
    const { accuracy } = evaluation.outOfFold;
    expect(sectionText(page, "quality")).toContain(`this task${accuracy.toFixed(3)} [`);
    expect(page.querySelectorAll("#map svg circle, #map svg path").length).toBeGreaterThan(
      mails.length,
    );
    for (const finding of written.findings) {
      expect(page.querySelector(".findings")!.textContent).toContain(finding);
    }
    expect(written.study!.layers.length).toBeGreaterThan(3);
    expect(sectionText(page, "layers")).toContain(written.study!.layers[0]!.name);
    const { labelErrors = [] } = written;
    expect(page.querySelectorAll("#label-errors li")).toHaveLength(labelErrors.length);
  });

  it("has the same bytes again, also without the feature cache and where another page was", async () => {
    const [first, second] = [join(folder, "1.html"), join(folder, "2.html")];
    await report(task, { output: first });
    await writeFile(second, `${await readFile(first, "utf8")}\n`);
    await report(task, { output: second, cache: false });
    expect(await readFile(second)).toEqual(await readFile(first));
  });

  it("leaves the task as it was: it loads, and a server sees no change", async () => {
    const before = await fingerprint(task);
    await report(task);
    expect(await fingerprint(task)).toBe(before);
    expect((await readdir(task)).filter((name) => name.startsWith("."))).toEqual([]);
    const loaded = await loadTask(task);
    await loaded.close();
  });

  it("goes with the task that it is about", async () => {
    const csv = join(folder, "mails.csv");
    const replaced = join(folder, "replaced.engraft");
    await cp(task, replaced, { recursive: true });
    await report(replaced);
    await (await train(csv, { output: replaced })).close();
    expect(await readdir(replaced)).not.toContain("report.html");
  });

  it("stops when it is told to, and writes nothing", async () => {
    const output = join(folder, "stopped.html");
    const controller = new AbortController();
    const onProgress = () => controller.abort();
    await expect(report(task, { output, onProgress, signal: controller.signal })).rejects.toThrow();
    expect(await readdir(folder)).not.toContain("stopped.html");
  });

  it("can be made of few examples", async () => {
    const few = await writeFiles({ "few.csv": toCsv(mails.slice(0, 8)) });
    const output = join(few, "few.engraft");
    await (await train(join(few, "few.csv"), { output })).close();
    const written = await report(output);
    const page = await readPage(written.output);
    expect(sectionText(page, "map")).toContain("too few examples");
    expect(sectionText(page, "learning-curve")).toContain("too few examples");
    expect(written.study!.learningCurve).toBeUndefined();
  });

  it("has metrics only where the task keeps no examples", async () => {
    const output = join(folder, "forgetful.engraft");
    const csv = join(folder, "mails.csv");
    await (await train(csv, { output, keepExamples: false })).close();
    const written = await report(output);
    expect(written.missing.join()).toContain("keepExamples");
    expect(written).toMatchObject({ labelErrors: undefined, study: undefined });
    expect(sectionText(await readPage(written.output), "quality")).toContain("this task");
  });
});

describe("a report on images", () => {
  it("finds them by what is in them, and says what it does not find", async () => {
    const photos = await writeImages();
    const output = join(folder, "photos.engraft");
    await (await train(photos, { output })).close();
    const elsewhere = join(folder, "elsewhere");
    await mkdir(elsewhere);
    await rename(join(photos, "横"), join(elsewhere, "lying"));

    const without = await report(output);
    expect(without.study).toBeDefined();
    const shown = (await readPage(without.output)).querySelectorAll(
      "#near-duplicates li, #mistakes li",
    );
    const missing = shown.length > 0 ? 1 : 0;
    expect(without.missing).toHaveLength(missing);

    const half = await report(output, { data: elsewhere, cache: false });
    expect(half.missing.join()).toContain("6 images of 12");
    expect(half.missing.join()).toContain("Say where they are");
    expect(half.study).toBeUndefined();

    await rename(join(photos, "stehend"), join(elsewhere, "standing"));
    const whole = await report(output, { data: elsewhere, cache: false });
    expect(whole.missing).toEqual([]);
    const page = await readPage(whole.output);
    expect(foreignParts(page)).toEqual([]);
    const cards = page.querySelectorAll(".examples li").length;
    expect(page.querySelectorAll('.examples img[src^="data:image/jpeg;base64,"]')).toHaveLength(
      cards,
    );
    await expect(report(output, { data: join(folder, "nowhere") })).rejects.toThrow(UsageError);
    await rm(cache, { recursive: true });
  });
});

describe("engraft report", () => {
  it("prints what stands in the page and where it is", async () => {
    const output = join(folder, "said.html");
    const plain = await engraftHere(["report", task, "-o", output]);
    expect(plain.code).toBe(0);
    expect(plain.stdout).toMatch(/^Accuracy .* out of fold/);
    expect(plain.stdout).toContain(`Wrote ${output}`);
    const { code, stdout } = await engraftHere(["report", task, "-o", output, "--json"]);
    expect(code).toBe(0);
    const printed = JSON.parse(stdout);
    expect(printed).toMatchObject({ output, missing: [] });
    expect(printed.bytes).toBe((await readFile(output)).length);
    expect(printed.findings.length).toBeGreaterThan(0);
  });

  it("is written by train where that is asked for", async () => {
    const output = join(folder, "both.engraft");
    const { code, stdout } = await engraft([
      "train",
      join(folder, "mails.csv"),
      "-o",
      output,
      "--report",
      "--json",
    ]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).report).toBe(join(output, "report.html"));
    expect(await readdir(output)).toContain("report.html");
  });

  it("refuses what is no task", async () => {
    const { code, stdout, stderr } = await engraftHere(["report", folder]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("is not a task folder");
  });
});
