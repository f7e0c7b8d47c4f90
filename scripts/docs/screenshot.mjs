// Makes docs/images/report.png, the top of a task's report as a browser shows it, for the README.
//
//   npx engraft report mails.engraft
//   node scripts/docs/screenshot.mjs mails.engraft/report.html
//
// Needs Chromium, as Debian's package `chromium` installs it; CHROMIUM names another program.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "./pages.mjs";

const [page] = process.argv.slice(2);
if (page === undefined) throw new Error("Name the report: mails.engraft/report.html");
const target = join(ROOT, "docs/images/report.png");
const profile = mkdtempSync(join(tmpdir(), "engraft-screenshot-"));
try {
  execFileSync(process.env.CHROMIUM ?? "chromium", [
    "--headless",
    "--no-sandbox",
    "--hide-scrollbars",
    "--window-size=800,1060",
    `--user-data-dir=${profile}`,
    `--screenshot=${target}`,
    pathToFileURL(resolve(page)).href,
  ]);
} finally {
  rmSync(profile, { recursive: true });
}
console.log(`Wrote ${target}.`);
