import { once } from "node:events";
import type { OnProgress, Progress } from "@engraft/core";
import { printableJson, visible } from "@engraft/core/escape";
import { withFlags } from "./option-flags.js";

/** One line, or those of a table. */
export type Lines = string | readonly string[];

/**
 * Where a command writes: results on stdout, everything else on stderr. What it is given is data: only
 * the terminal ends lines and sends codes, and hidden characters are shown as escapes.
 */
export interface Terminal {
  /** Writes a result. */
  out(...lines: readonly Lines[]): void;
  /** Writes one line of a long result, tab-separated, no faster than the reader takes it. */
  row(...cells: readonly string[]): Promise<void>;
  /** Writes one line of JSON, no faster than the reader takes it. */
  json(value: object): Promise<void>;
  /** Writes for the person in front of the terminal. */
  note(...lines: readonly Lines[]): void;
  /** Writes a warning for that person; the work goes on. */
  readonly warn: (message: string) => void;
  /** Draws the progress of long work; {@link Terminal.done} removes it. */
  readonly progress: OnProgress;
  done(): void;
}

const PHASES: Readonly<Record<Progress["phase"], string>> = {
  download: "Loading files",
  features: "Reading layers",
  evaluate: "Cross-validating",
  fit: "Fitting probes",
  "fine-tune": "Fine-tuning",
  unlabelled: "Reading unlabelled examples",
  measure: "Measuring",
};

/** A line is printed this often where the terminal cannot redraw one. Milliseconds. */
const PLAIN_INTERVAL = 10_000;
const REDRAW_INTERVAL = 80;

/** The real terminal. On a TTY progress is one line that is redrawn; elsewhere a plain line now and then. */
export function createTerminal(options: { quiet: boolean }): Terminal {
  const tty = process.stderr.isTTY === true && process.env.TERM !== "dumb";
  const bar = new ProgressLine(tty, (text) => process.stderr.write(text));
  const note = (...lines: readonly Lines[]): void => {
    bar.clear();
    if (!options.quiet) process.stderr.write(asLines(lines));
  };
  return {
    out(...lines) {
      bar.clear();
      process.stdout.write(asLines(lines));
    },
    row: (...cells) => writeSlowly(`${cells.map(visible).join("\t")}\n`),
    json(value) {
      bar.clear();
      return writeSlowly(`${printableJson(value)}\n`);
    },
    note,
    warn: (message) => note(`warning: ${withFlags(message)}`),
    progress: (progress) => {
      if (!options.quiet) bar.show(progress, performance.now());
    },
    done: () => bar.clear(),
  };
}

/** Lines as they are sent to a terminal. */
export function asLines(lines: readonly Lines[]): string {
  return lines
    .flat()
    .map((line) => `${visible(line)}\n`)
    .join("");
}

async function writeSlowly(text: string): Promise<void> {
  const { stdout } = process;
  // A stream whose reader has left will never ask for more.
  if (!stdout.write(text) && stdout.writable) await once(stdout, "drain");
}

/** One line of progress: what, how far, how fast, how long still. */
export class ProgressLine {
  readonly #tty: boolean;
  readonly #write: (text: string) => void;
  #phase: Progress["phase"] | undefined;
  #startedAt = 0;
  #firstDone = 0;
  #drawnAt = 0;
  #visible = false;

  constructor(tty: boolean, write: (text: string) => void) {
    this.#tty = tty;
    this.#write = write;
  }

  /** @param now - Milliseconds. */
  show(progress: Progress, now: number): void {
    if (progress.phase !== this.#phase) {
      this.clear();
      this.#phase = progress.phase;
      this.#startedAt = now;
      this.#drawnAt = this.#tty ? 0 : now;
      this.#firstDone = progress.done;
    }
    const finished = progress.done >= progress.total;
    const interval = this.#tty ? REDRAW_INTERVAL : PLAIN_INTERVAL;
    if (!finished && now - this.#drawnAt < interval) return;
    // Work that was over at once, such as a full cache, is not worth a plain line.
    if (!this.#tty && now - this.#startedAt < PLAIN_INTERVAL) return;
    this.#drawnAt = now;
    const line = this.#format(progress, now);
    this.#write(this.#tty ? `\r\x1b[2K${line}` : `${line}\n`);
    this.#visible = this.#tty;
  }

  clear(): void {
    if (this.#visible) this.#write("\r\x1b[2K");
    this.#visible = false;
    this.#phase = undefined;
  }

  #format({ phase, done, total }: Progress, now: number): string {
    const percent = Math.floor((100 * done) / Math.max(1, total));
    const parts = [`${PHASES[phase]}: ${done} of ${total} (${percent} %)`];
    const seconds = (now - this.#startedAt) / 1000;
    const rate = (done - this.#firstDone) / seconds;
    if (seconds > 0.5 && rate > 0) {
      parts.push(`${rate < 10 ? rate.toFixed(1) : Math.round(rate)}/s`);
      parts.push(`${formatSeconds((total - done) / rate)} left`);
    }
    return parts.join(", ");
  }
}

/** `42 s`, `3 min 05 s`, `1 h 02 min`. */
export function formatSeconds(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, "0")} min`;
}
