// Runs before each test file.
import { rm } from "node:fs/promises";
import { afterAll } from "vitest";
import { endFile } from "./at-end.js";
import { cache } from "./support.js";

afterAll(async () => {
  await endFile();
  await rm(cache, { recursive: true, force: true });
});
