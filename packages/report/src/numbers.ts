import type { Interval } from "@engraft/core/predict";

/** `0.962` */
export function decimal(value: number): string {
  return value.toFixed(3);
}

/** `0.962 [0.949, 0.972]` */
export function withInterval(value: number, [low, high]: Interval): string {
  return `${decimal(value)} [${decimal(low)}, ${decimal(high)}]`;
}

/** `94.1 %` */
export function percent(share: number, digits = 1): string {
  return `${(100 * share).toFixed(digits)} %`;
}

/** `10,003`; means of counts keep one digit: `2.7`. */
export function count(value: number): string {
  return value.toLocaleString("en", { maximumFractionDigits: 1 });
}

/** `1 label`, `12 labels` */
export function counted(number: number, noun: string, plural = `${noun}s`): string {
  return `${count(number)} ${number === 1 ? noun : plural}`;
}
