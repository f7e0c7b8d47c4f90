import { IntegrityError } from "@engraft/core";
import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { RECORD_FILES } from "../manifest/task-files.js";
import { encodeRecord, parseRecord, type TaskRecord } from "./record.js";

const example = fc.record({
  source: fc.string(),
  label: fc.string(),
  digest: fc.string(),
  text: fc.option(fc.string(), { nil: undefined }),
});

/** Embeddings of 3 numbers and answers for 2 labels; every second example was held out. */
function recordOf(examples: TaskRecord["examples"]): TaskRecord {
  const count = examples.length;
  const rows = Int32Array.from({ length: Math.ceil(count / 2) }, (_, index) => 2 * index);
  const numbers = (length: number) => Float32Array.from({ length }, (_, index) => index / 7);
  return {
    examples,
    outOfFold: {
      rows,
      logProbabilities: { rows: rows.length, cols: 2, data: numbers(2 * rows.length) },
    },
    embeddings: { rows: count, cols: 3, data: numbers(3 * count) },
    groups: Int32Array.from({ length: count }, (_, row) => row >> 1),
  };
}

test.prop([fc.array(example, { minLength: 1, maxLength: 9 })])(
  "a record is read as it was written",
  (examples) => {
    const record = recordOf(examples);
    expect(parseRecord(encodeRecord(record))).toEqual(record);
  },
);

it("a task without these files has no record", () => {
  expect(parseRecord(new Map())).toBeUndefined();
});

it("a record keeps how the task was measured", () => {
  const measurement = {
    folds: Int32Array.of(0, -1),
    splits: [[{ name: "last", weight: 1, c: 10 }]],
    chosenOn: 2,
    changedSince: 0,
  };
  const examples = ["a:1", "a:2"].map((source) => ({ source, label: "x", digest: "0" }));
  const files = encodeRecord({ ...recordOf(examples), measurement });
  expect(parseRecord(files)!.measurement).toEqual(measurement);
  const one = encodeRecord(recordOf(examples.slice(1)));
  const mixed = new Map([...files, ...one]);
  expect(() => parseRecord(mixed)).toThrow(/measurement\.safetensors.*does not fit/);
  for (const content of ["short", ""]) {
    const altered = new Map(files).set(
      "measurement.safetensors",
      new TextEncoder().encode(content),
    );
    expect(() => parseRecord(altered)).toThrow(IntegrityError);
  }
});

describe("what unlabelled examples moved", () => {
  const record = recordOf([{ source: "a:1", label: "x", digest: "0" }]);
  const moved = {
    withoutUnlabelled: { rows: 1, cols: 2, data: Float32Array.of(-1, -2) },
    unlabelled: [
      {
        source: "b:1",
        text: "one\ntwo",
        before: { label: "x", probability: 0.5 },
        after: { label: "y", probability: 0.75 },
      },
      {
        source: "c.jpg",
        before: { label: "y", probability: 1 },
        after: { label: "x", probability: 0.6 },
      },
    ],
  };
  const files = encodeRecord({ ...record, moved });

  it("is kept in a record", () => {
    expect(parseRecord(files)!.moved).toEqual(moved);
    expect(
      parseRecord(encodeRecord({ ...record, moved: { ...moved, unlabelled: [] } }))!.moved,
    ).toEqual({ ...moved, unlabelled: [] });
  });

  it("is refused where it is none, or does not fit", () => {
    const altered = new Map(files).set("unlabelled.jsonl", new TextEncoder().encode("{}\n"));
    expect(() => parseRecord(altered)).toThrow(/unlabelled\.jsonl.*line 1/);
    const larger = { ...moved, withoutUnlabelled: { rows: 2, cols: 1, data: new Float32Array(2) } };
    expect(() => parseRecord(encodeRecord({ ...record, moved: larger }))).toThrow(/does not fit/);
  });
});

describe("a record is refused", () => {
  const files = encodeRecord(recordOf([{ source: "a:1", label: "x", digest: "0" }]));

  it.each([
    ["examples.jsonl", "", "does not fit"],
    ["examples.jsonl", '{"source":"a:1"}\n', "line 1"],
    ["examples.jsonl", "no JSON\n", "line 1"],
    ["examples.safetensors", "short", "safetensors"],
  ])("where %s is %j", (name, content, why) => {
    const altered = new Map([...files, [name, new TextEncoder().encode(content)]]);
    const read = () => parseRecord(altered);
    expect(read).toThrow(IntegrityError);
    expect(read).toThrow(why);
  });

  it("where it speaks of rows that are not there", () => {
    const [lines] = RECORD_FILES;
    const two = encodeRecord(
      recordOf(["a", "b", "c"].map((source) => ({ source, label: "x", digest: "0" }))),
    );
    const altered = new Map([...two, [lines!, files.get(lines!)!]]);
    expect(() => parseRecord(altered)).toThrow("does not fit");
  });
});
