import { escapeHtml, visible } from "@engraft/core/escape";
import type { Platform } from "@engraft/core/predict";
import { encodeBase64 } from "./base64.js";

/** What a page is made of. */
export interface PageParts {
  /** The heading and title. */
  readonly name: string;
  /** The program of the page, which finds the content in the element of {@link CONTENT_ID}. */
  readonly program: string;
  /** What the program works on. */
  readonly content: Uint8Array;
}

/** The element whose text is the content in base64. */
export const CONTENT_ID = "engraft-content";

/** Says in the page who wrote it, and what it is. */
const GENERATOR = '<meta name="generator" content="Engraft task">';

/** Whether a file is such a page, by the beginning of its bytes. */
export function isTaskPage(bytes: Uint8Array): boolean {
  return new TextDecoder().decode(bytes.subarray(0, 1024)).includes(GENERATOR);
}

/** Makes the page: one HTML file that loads nothing, and that browsers let load nothing. */
export async function renderTaskPage(
  { name, program, content }: PageParts,
  { sha256 }: Pick<Platform, "sha256">,
): Promise<Uint8Array> {
  if (/<\/script|<!--/i.test(program)) {
    throw new Error("internal: the program of the page ends the element that it stands in");
  }
  const title = escapeHtml(visible(name));
  const digest = await sha256(program);
  return concat([
    encode(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
${GENERATOR}
<meta http-equiv="Content-Security-Policy" content="${policyFor(digest)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>
html { background: Canvas; color: CanvasText; }
body { margin: 0 auto; max-width: 44rem; padding: 1.5rem 1rem 3rem; font: 1rem/1.5 system-ui, sans-serif; }
</style>
</head>
<body>
<noscript><p>This page predicts with a program in it: let your browser run scripts.</p></noscript>
<script type="application/octet-stream" id="${CONTENT_ID}">`),
    encodeBase64(content),
    encode(`</script>
<script>${program}</script>
</body>
</html>
`),
  ]);
}

/**
 * What browsers let the page do: run its own program, in a worker too, and show images and the camera.
 * No address is ever asked for anything.
 */
function policyFor(digest: string): string {
  const bytes = Uint8Array.from(digest.match(/../g)!, (byte) => Number.parseInt(byte, 16));
  const source = `'sha256-${new TextDecoder().decode(encodeBase64(bytes))}'`;
  return [
    "default-src 'none'",
    `script-src ${source} 'wasm-unsafe-eval'`,
    "worker-src blob:",
    "style-src 'unsafe-inline'",
    "img-src blob: data:",
    "media-src blob: mediastream:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
