import { describe, expect, it } from "vitest";
import { trainingGoldens } from "../../../test/training-goldens.js";
import { crc32c } from "../../codec/crc32c.js";
import { tensorBoardHeader, tensorBoardRecords } from "./tensorboard.js";

describe("event files", () => {
  it("have the bytes that TensorBoard writes", () => {
    const file = Buffer.concat([
      tensorBoardHeader(1.5),
      tensorBoardRecords({ type: "checkpoint", epoch: 1, step: 299 }, 2),
      tensorBoardRecords(
        { type: "step", epoch: 2, step: 300, loss: 0.5, learningRate: 1e-3, gradientNorm: 2.25 },
        2.5,
      ),
      tensorBoardRecords(
        { type: "validation", epoch: 2, step: 300, metrics: { loss: 0.25, accuracy: 0.875 } },
        3.5,
      ),
    ]);
    expect(file.toString("base64")).toBe(trainingGoldens.eventFile);
  });
});

describe("crc32c", () => {
  // RFC 3720, appendix B.4.
  it.each([
    [new Uint8Array(32), 0x8a9136aa],
    [new Uint8Array(32).fill(0xff), 0x62a8ab43],
    [Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
  ])("is that of the standard", (bytes, checksum) => {
    expect(crc32c(bytes)).toBe(checksum);
  });
});
