// Where Chromium is, for the tests in a browser.
import { existsSync } from "node:fs";

/** Where it is looked for, the first that is there. */
const PLACES = [process.env.ENGRAFT_CHROMIUM, "/usr/bin/chromium", "/usr/bin/google-chrome"];

/** The path of Chromium; undefined where there is none. */
export const chromium = PLACES.find((path) => path !== undefined && existsSync(path));

/** What is said where there is none. */
export const LEFT_OUT =
  "The tests in a browser are left out: there is no Chromium. Install it (apt-get install chromium), or " +
  "name its path in ENGRAFT_CHROMIUM.";
