import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { textTable } from "@engraft/core/escape";
import { cacheFolder } from "../../../host/cache/location.js";
import { type CachedSet, listCache, pruneCache } from "../../../host/cache/manage.js";
import { notNegative } from "../../options/numbers.js";
import { formatBytes } from "../../terminal/format.js";
import { createTerminal } from "../../terminal/terminal.js";

const DAY = 24 * 60 * 60 * 1000;

/** `engraft cache`: shows and prunes the computed features. */
export function cacheCommand(): CommandUnknownOpts {
  const command = new Command("cache")
    .description("Show what is in the feature cache, or make it smaller.")
    .option("--json", "print JSON")
    .addHelpText("after", EXAMPLES)
    .action(async ({ json }) => {
      const terminal = createTerminal({ quiet: false });
      const folder = cacheFolder();
      const sets = await listCache(folder);
      if (json) return terminal.json({ folder, sets });
      terminal.out(`Feature cache in ${folder}: ${sizeOf(sets)}`);
      if (sets.length > 0) terminal.out(describe(sets));
    });
  command
    .command("prune")
    .description("Remove computed features; without options, all of them.")
    .option("--older-than <days>", "only what was not used for so many days", notNegative)
    .option(
      "--max-size <MB>",
      "the least recently used, until no more than this is left",
      notNegative,
    )
    .option("--json", "print JSON")
    .action(async ({ olderThan, maxSize, json }) => {
      const terminal = createTerminal({ quiet: false });
      const { removed, left } = await pruneCache(cacheFolder(), {
        olderThan: olderThan === undefined ? undefined : olderThan * DAY,
        maxBytes: maxSize === undefined ? undefined : maxSize * 1_000_000,
      });
      if (json) await terminal.json({ removed, left });
      else terminal.out(`Removed ${sizeOf(removed)}.`);
      for (const path of left) {
        terminal.warn(`${path} was left: it holds something that is not of the feature cache.`);
      }
    });
  return command;
}

const EXAMPLES = `
Examples:
  engraft cache
  engraft cache prune --older-than 30
  engraft cache prune --max-size 2000`;

function sizeOf(sets: readonly CachedSet[]): string {
  const bytes = sets.reduce((sum, set) => sum + set.bytes, 0);
  const items = sets.reduce((sum, set) => sum + set.items, 0);
  return `${items} items, ${formatBytes(bytes)}`;
}

function describe(sets: readonly CachedSet[]): string[] {
  return textTable(
    ["base", "items", "size", "last used", "id"],
    sets.map(({ id, base, items, bytes, lastUsed }) => [
      base,
      String(items),
      formatBytes(bytes),
      lastUsed.toISOString().slice(0, 10),
      id.slice(0, 12),
    ]),
  );
}
