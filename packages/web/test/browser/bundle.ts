import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";
import { bundleWeb } from "../../../../scripts/web/bundle.mjs";
import { bundleExtension } from "../../../../scripts/web/extension.mjs";
import { buildTaskPage, IN_ENGRAFT } from "../../../../scripts/web/task-page.mjs";

declare module "vitest" {
  interface ProvidedContext {
    /** The folder with the bundles of Engraft and of the workers of tests. */
    readonly webBundle: string;
  }
}

/** Bundles Engraft as it is published, once for all tests in a browser. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "engraft-web-"));
  const entry = (name: string): string => fileURLToPath(new URL(`${name}.ts`, import.meta.url));
  await bundleWeb(folder, {
    "device-worker": entry("device-worker"),
    "image-worker": entry("image-worker"),
    "model-worker": entry("model-worker"),
  });
  await bundleExtension(folder);
  await buildTaskPage(join(folder, "task-page.txt"));
  await cp(join(folder, "task-page.txt"), IN_ENGRAFT);
  provide("webBundle", folder);
  return () => rm(folder, { recursive: true, force: true });
}
