import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BrowserContext, chromium as playwright, type Worker } from "playwright-core";
import { chromium } from "../../../../scripts/web/chromium.mjs";

const MODELS = fileURLToPath(new URL("../../../../models", import.meta.url));

/** As docs/guides/browser.md says. */
const MANIFEST = {
  manifest_version: 3,
  name: "Engraft",
  version: "1.0",
  background: { service_worker: "service-worker.js", type: "module" },
  permissions: ["offscreen"],
  content_security_policy: {
    extension_pages: "script-src 'self' 'wasm-unsafe-eval'; object-src 'self'",
  },
  cross_origin_embedder_policy: { value: "require-corp" },
  cross_origin_opener_policy: { value: "same-origin" },
};

/** An extension that is loaded in Chromium. */
export interface TestExtension {
  readonly context: BrowserContext;
  readonly serviceWorker: Worker;
  close(): Promise<void>;
}

/**
 * Loads an unpacked extension with Engraft in it, and a base model.
 *
 * @param bundle - The folder with the bundles of Engraft.
 * @param files - Its own files by their names, the service worker among them.
 */
export async function openExtension(
  bundle: string,
  files: Readonly<Record<string, string>>,
): Promise<TestExtension> {
  const home = await mkdtemp(join(tmpdir(), "engraft-extension-"));
  const folder = join(home, "extension");
  await mkdir(folder);
  await cp(bundle, join(folder, "engraft-web"), { recursive: true });
  const base = "minilm-l6-int8";
  await cp(join(MODELS, base), join(folder, "models", base), { recursive: true });
  const all = { ...files, "manifest.json": JSON.stringify(MANIFEST) };
  for (const [name, content] of Object.entries(all)) await writeFile(join(folder, name), content);
  const context = await playwright.launchPersistentContext(join(home, "profile"), {
    ...(chromium !== undefined && { executablePath: chromium }),
    ignoreDefaultArgs: ["--disable-extensions"],
    args: [
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
      `--disable-extensions-except=${folder}`,
      `--load-extension=${folder}`,
    ],
  });
  const [running] = context.serviceWorkers();
  return {
    context,
    serviceWorker: running ?? (await context.waitForEvent("serviceworker")),
    async close() {
      await context.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}
