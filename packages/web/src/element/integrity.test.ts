import { createHash } from "node:crypto";
import { IntegrityError, UsageError } from "@engraft/core/errors";
import { describe, expect, it } from "vitest";
import { requireIntegrity } from "./integrity.js";

const bytes = new TextEncoder().encode("a task");
const digest = (algorithm: string): string =>
  `${algorithm}-${createHash(algorithm).update(bytes).digest("base64")}`;
const wrong = (algorithm: string): string =>
  `${algorithm}-${createHash(algorithm).update("another").digest("base64")}`;
const check = (integrity: string): Promise<void> => requireIntegrity(bytes, integrity, "a.zip");

describe("the attribute integrity", () => {
  it.each([
    ["sha256", digest("sha256")],
    ["sha384", digest("sha384")],
    ["sha512", digest("sha512")],
    ["one of two", `${wrong("sha256")}\n ${digest("sha256")}`],
    ["the strongest", `${wrong("sha256")} ${digest("sha384")}`],
    ["what browsers may say of it later", `${digest("sha256")}?later`],
  ])("accepts bytes by %s", async (_, integrity) => {
    await expect(check(integrity)).resolves.toBeUndefined();
  });

  it.each([
    ["another digest", wrong("sha256")],
    [
      "a right digest beside a stronger one that is wrong",
      `${digest("sha256")} ${wrong("sha512")}`,
    ],
  ])("refuses bytes by %s", async (_, integrity) => {
    await expect(check(integrity)).rejects.toThrow(IntegrityError);
    await expect(check(integrity)).rejects.toMatchObject({ code: "task/altered", file: "a.zip" });
  });

  it.each(["", "md5-abc", "sha256", "sha256-###"])(
    "is refused where it is %j",
    async (integrity) => {
      await expect(check(integrity)).rejects.toThrow(UsageError);
    },
  );
});
