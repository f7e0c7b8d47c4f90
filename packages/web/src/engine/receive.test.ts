import type { ImageInput } from "@engraft/core";
import { DataError } from "@engraft/core/errors";
import type { NamedInput } from "@engraft/tasks";
import { expect, it } from "vitest";
import { servedOrt } from "../host/runtime/served-ort.js";
import { createWebHost } from "../host/web-host.js";
import { Opened } from "./opened.js";
import { Receiver } from "./receive.js";

/** The head of a PNG file of 200 by 100 pixels. */
const PNG = Uint8Array.of(
  ...[0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52],
  ...[0, 0, 0, 200, 0, 0, 0, 100, 8, 2, 0, 0, 0],
);

function read(input: string | NamedInput | undefined): Promise<Uint8Array> {
  return ((input as NamedInput).input as ImageInput).read();
}

it("inputs are read when they are needed, each with its name and within the limit", async () => {
  const host = createWebHost({ baseUrl: "https://app.example/" }, servedOrt({}));
  const receiver = new Receiver(host, new Opened("The data set was released."));
  const gone = new File([PNG], "gone.png");
  gone.arrayBuffer = () => Promise.reject(new Error("the file has changed"));
  const [whole, broken, text] = receiver.inputs([PNG, gone, "a text"], {});
  expect(text).toBe("a text");
  expect([whole, broken]).toMatchObject([{ source: "input 1" }, { source: "gone.png" }]);
  expect(await read(whole)).toEqual(PNG);
  await expect(read(broken)).rejects.toThrow(DataError);
  await expect(read(broken)).rejects.toThrow("the file has changed");

  const [large] = receiver.inputs([PNG], { maxImagePixels: 19_999 }, 64);
  expect(large).toMatchObject({ source: "input 65" });
  await expect(read(large)).rejects.toThrow(/maxImagePixels/);
});
