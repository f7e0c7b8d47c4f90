/** Values of a metric's labels, by name. */
type Labels = Readonly<Record<string, string>>;

/** One metric with all its series, as it stands in the exposition. */
interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  /** `name{label="value"} 1`, one line each. */
  readonly lines: () => string[];
}

/** A sum that only grows. */
export interface Counter {
  add(labels?: Labels, amount?: number): void;
}

/** How often values were observed up to each bound. */
export interface Histogram {
  observe(value: number, labels?: Labels): void;
}

/** Metrics of a process, as Prometheus and OpenMetrics collectors read them. */
export class MetricsRegistry {
  /** Media type of {@link MetricsRegistry.expose}. */
  static readonly contentType: string = "text/plain; version=0.0.4; charset=utf-8";
  readonly #metrics: Metric[] = [];

  counter(name: string, help: string): Counter {
    const totals = new Map<string, number>();
    const lines = (): string[] => [...totals].map(([series, total]) => `${series} ${total}`);
    this.#metrics.push({ name, help, type: "counter", lines });
    return {
      add(labels = {}, amount = 1) {
        const series = seriesName(name, labels);
        totals.set(series, (totals.get(series) ?? 0) + amount);
      },
    };
  }

  /** A value that goes up and down, read whenever the metrics are. */
  gauge(name: string, help: string, read: () => number): void {
    this.#metrics.push({ name, help, type: "gauge", lines: () => [`${name} ${read()}`] });
  }

  /** @param bounds - Upper bounds of the buckets, ascending; one without bound is added. */
  histogram(name: string, help: string, bounds: readonly number[]): Histogram {
    const series = new Map<string, HistogramSeries>();
    const lines = (): string[] => [...series.values()].flatMap((each) => each.lines());
    this.#metrics.push({ name, help, type: "histogram", lines });
    return {
      observe(value, labels = {}) {
        const key = seriesName(name, labels);
        const found = series.get(key) ?? new HistogramSeries(name, labels, bounds);
        series.set(key, found);
        found.observe(value);
      },
    };
  }

  /** All metrics in the text format of Prometheus. */
  expose(): string {
    return this.#metrics
      .map(({ name, help, type, lines }) =>
        [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines(), ""].join("\n"),
      )
      .join("");
  }
}

/** The observations with one set of labels. */
class HistogramSeries {
  readonly #name: string;
  readonly #labels: Labels;
  readonly #bounds: readonly number[];
  /** Observations in each bucket; the last one has no upper bound. */
  readonly #counts: number[];
  #sum = 0;

  constructor(name: string, labels: Labels, bounds: readonly number[]) {
    this.#name = name;
    this.#labels = labels;
    this.#bounds = bounds;
    this.#counts = Array.from({ length: bounds.length + 1 }, () => 0);
  }

  observe(value: number): void {
    const bucket = this.#bounds.findIndex((bound) => value <= bound);
    this.#counts[bucket === -1 ? this.#bounds.length : bucket]! += 1;
    this.#sum += value;
  }

  /** Buckets count all that is below them, too. */
  lines(): string[] {
    let below = 0;
    const buckets = this.#counts.map((count, index) => {
      below += count;
      const le = index < this.#bounds.length ? String(this.#bounds[index]) : "+Inf";
      return `${seriesName(`${this.#name}_bucket`, { ...this.#labels, le })} ${below}`;
    });
    return [
      ...buckets,
      `${seriesName(`${this.#name}_sum`, this.#labels)} ${this.#sum}`,
      `${seriesName(`${this.#name}_count`, this.#labels)} ${below}`,
    ];
  }
}

function seriesName(name: string, labels: Labels): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${escapeLabel(value)}"`);
  return pairs.length === 0 ? name : `${name}{${pairs.join(",")}}`;
}

function escapeLabel(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
