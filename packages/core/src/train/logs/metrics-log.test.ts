import { expect, it } from "vitest";
import { metricsLine } from "./metrics-log.js";

it("has one event a line, the same for the same event", () => {
  const event = { type: "validation", epoch: 2, step: 30, metrics: { loss: 0.5 } } as const;
  const line = metricsLine(event);
  expect(line.indexOf("\n")).toBe(line.length - 1);
  expect(JSON.parse(line)).toEqual(event);
  expect(metricsLine({ ...event })).toBe(line);
});
