import { spawn } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { engraft, mails, ownProgram, writeFiles, writeImages, writeMails } from "../support.js";

let folder: string;
let task: string;

beforeAll(async () => {
  folder = await writeMails();
  task = join(folder, "mails.engraft");
  await engraft(["train", join(folder, "mails.csv"), "--views", "last"]);
});

describe("predict", () => {
  it("streams many lines in order", async () => {
    const lines = Array.from({ length: 1100 }, (_, n) => `${mails[n % 24]![0]} ${n}`);
    const { code, stdout } = await engraft(["predict", task, "--json"], {
      input: `${lines.join("\n")}\n\n`,
    });
    expect(code).toBe(0);
    const printed = stdout.trimEnd().split("\n");
    expect(printed.map((line) => JSON.parse(line).input)).toEqual(lines);
  });

  it("ends quietly when its reader has seen enough", async () => {
    const lines = Array.from({ length: 1100 }, (_, n) => `line ${n}`).join("\n");
    const data = join(await writeFiles({ lines }), "lines");
    const script = 'set -o pipefail; "$0" "$1" predict "$2" --json < "$3" | head -n 1';
    const child = spawn("bash", ["-c", script, process.execPath, ownProgram, task, data]);
    const [stdout, stderr, code] = await Promise.all([
      child.stdout.setEncoding("utf8").toArray(),
      child.stderr.setEncoding("utf8").toArray(),
      new Promise((resolve) => child.on("close", resolve)),
    ]);
    expect(JSON.parse(stdout.join("")).input).toBe("line 0");
    expect([code, stderr]).toEqual([0, []]);
  });

  it("names images by their path, and those that cannot be read", async () => {
    const photos = await writeImages();
    const output = join(folder, "photos.engraft");
    const made = await engraft(["train", `${photos}/`, "-o", output, "--views", "last", "--quiet"]);
    expect(made).toMatchObject({ code: 0, stderr: "" });
    const good = [join(photos, "横/写真0.jpg"), join(photos, "stehend/Bild ü 1.jpg")];
    const whole = await readFile(good[0]!);
    const cut = join(photos, "cut.jpg");
    await writeFile(cut, whole.subarray(0, whole.length / 2));
    const parameters = ["predict", output, good[0]!, cut, good[1]!, "--json"];
    const strict = await engraft(parameters);
    expect(strict.code).toBe(3);
    expect(strict.stderr).toMatch(/cut\.jpg: the image cannot be decoded/);
    const lenient = await engraft([...parameters, "--skip-bad"]);
    const printed = lenient.stdout.trimEnd().split("\n");
    expect(printed.map((line) => JSON.parse(line).input)).toEqual(good);
    expect(printed.map((line) => JSON.parse(line).label)).toEqual(["横", "stehend"]);
    expect(lenient).toMatchObject({ code: 0 });
    expect(lenient.stderr).toMatch(/^skipped .*cut\.jpg/);
  });
});
