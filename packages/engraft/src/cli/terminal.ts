import { once } from "node:events";
import type { OnProgress, Progress } from "@engraft/core";
import picocolors from "picocolors";

/** Where a command writes: results on stdout, everything else on stderr. */
export interface Terminal {
  /** Writes a result. */
  out(text: string): void;
  /** Writes one line of a long result, no faster than the reader takes it. */
  write(text: string): Promise<void>;
  /** Writes a message for the person in front of the terminal. */
  note(text: string): void;
  /** Writes a warning for that person; the work goes on. */
  readonly warn: (message: string) => void;
  readonly colours: ReturnType<typeof picocolors.createColors>;
  /** Draws the progress of long work; {@link Terminal.done} removes it. */
  readonly progress: OnProgress;
  done(): void;
}

const LABELS: Record<Progress["phase"], string> = {
  features: "Reading layers",
  evaluate: "Cross-validating",
  fit: "Fitting probes",
  "fine-tune": "Fine-tuning",
  measure: "Measuring",
};

/** A line is printed this often where the terminal cannot redraw one. Milliseconds. */
const PLAIN_INTERVAL = 10_000;
const REDRAW_INTERVAL = 80;

/**
 * The real terminal. On a TTY progress is one line that is redrawn; elsewhere a plain line now and
 * then. Colours only where stderr is a TTY and `NO_COLOR` is not set.
 */
export function createTerminal(options: { quiet: boolean }): Terminal {
  const tty = process.stderr.isTTY === true && process.env.TERM !== "dumb";
  const colours = picocolors.createColors(tty && !process.env.NO_COLOR);
  const bar = new ProgressLine(tty, (text) => process.stderr.write(text));
  const note = (text: string): void => {
    bar.clear();
    if (!options.quiet) process.stderr.write(`${text}\n`);
  };
  return {
    colours,
    out(text) {
      bar.clear();
      process.stdout.write(`${text}\n`);
    },
    async write(text) {
      const { stdout } = process;
      // A stream whose reader has left will never ask for more.
      if (!stdout.write(`${text}\n`) && stdout.writable) await once(stdout, "drain");
    },
    note,
    warn: (message) => note(`warning: ${message}`),
    progress: (progress) => {
      if (!options.quiet) bar.show(progress, Date.now());
    },
    done: () => bar.clear(),
  };
}

/** One line of progress: what, how far, how fast, how long still. */
export class ProgressLine {
  private readonly tty: boolean;
  private readonly write: (text: string) => void;
  private phase: Progress["phase"] | undefined;
  private startedAt = 0;
  private firstDone = 0;
  private drawnAt = 0;
  private visible = false;

  constructor(tty: boolean, write: (text: string) => void) {
    this.tty = tty;
    this.write = write;
  }

  /** @param now - Milliseconds. */
  show(progress: Progress, now: number): void {
    if (progress.phase !== this.phase) {
      this.clear();
      this.phase = progress.phase;
      this.startedAt = now;
      this.drawnAt = this.tty ? 0 : now;
      this.firstDone = progress.done;
    }
    const finished = progress.done >= progress.total;
    const interval = this.tty ? REDRAW_INTERVAL : PLAIN_INTERVAL;
    if (!finished && now - this.drawnAt < interval) return;
    // Work that was over at once, such as a full cache, is not worth a plain line.
    if (!this.tty && now - this.startedAt < PLAIN_INTERVAL) return;
    this.drawnAt = now;
    const line = this.format(progress, now);
    this.write(this.tty ? `\r\x1b[2K${line}` : `${line}\n`);
    this.visible = this.tty;
  }

  clear(): void {
    if (this.visible) this.write("\r\x1b[2K");
    this.visible = false;
    this.phase = undefined;
  }

  private format({ phase, done, total }: Progress, now: number): string {
    const percent = Math.floor((100 * done) / Math.max(1, total));
    const parts = [`${LABELS[phase]}: ${done} of ${total} (${percent} %)`];
    const seconds = (now - this.startedAt) / 1000;
    const rate = (done - this.firstDone) / seconds;
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
