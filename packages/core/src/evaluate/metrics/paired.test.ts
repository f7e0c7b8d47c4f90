import { describe, expect, it } from "vitest";
import { comparePaired } from "./paired.js";

/** Answers of which both have `both` right, and each alone so many. */
function answers(both: number, first: number, second: number, neither = 0) {
  const row = (a: number, b: number, count: number) =>
    new Array<[number, number]>(count).fill([a, b]);
  const pairs = [
    ...row(1, 1, both),
    ...row(1, 0, first),
    ...row(0, 1, second),
    ...row(0, 0, neither),
  ];
  return [Uint8Array.from(pairs, ([a]) => a), Uint8Array.from(pairs, ([, b]) => b)] as const;
}

describe("a paired comparison", () => {
  // scipy.stats.binomtest(a, a + b).pvalue, SciPy 1.17
  it.for([
    [5, 15, 0.04138946533203125],
    [0, 6, 0.03125],
    [10, 12, 0.8318119049072266],
    [1500, 1600, 0.07537169707532781],
    [0, 0, 1],
  ] as const)("has the p-value of the exact test for %i against %i", ([first, second, p]) => {
    const { pValue, onlyRight } = comparePaired(answers(20, first, second));
    expect(onlyRight).toEqual([first, second]);
    expect(pValue).toBeCloseTo(p, 10);
  });

  it("says how much more often the second is right, with an interval around it", () => {
    const { n, accuracy, difference, interval } = comparePaired(answers(70, 5, 15, 10));
    expect(n).toBe(100);
    expect(accuracy).toEqual([0.75, 0.85]);
    expect(difference).toBeCloseTo(0.1, 12);
    // Normal approximation: √((0.2 - 0.1²) / 100) · 1.96 = 0.085
    expect(interval[0]).toBeGreaterThan(0);
    expect(interval[0]).toBeLessThan(0.04);
    expect(interval[1]).toBeGreaterThan(0.16);
    expect(interval[1]).toBeLessThan(0.21);
  });

  it("turns around with its sides, and knows no difference of a thing from itself", () => {
    const [a, b] = answers(30, 4, 9, 3);
    const [there, back] = [comparePaired([a, b]), comparePaired([b, a])];
    expect(back.difference).toBe(-there.difference);
    expect(back.pValue).toBe(there.pValue);
    expect(comparePaired([a, a])).toMatchObject({ difference: 0, interval: [0, 0], pValue: 1 });
  });

  it("needs the same examples on both sides", () => {
    expect(() => comparePaired([new Uint8Array(3), new Uint8Array(2)])).toThrow("3 answers");
    expect(() => comparePaired([new Uint8Array(0), new Uint8Array(0)])).toThrow(RangeError);
  });
});
