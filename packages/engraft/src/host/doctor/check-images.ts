import { type Check, checked } from "./check.js";

/** One red pixel. */
const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAADElEQVQImWP4z8AAAAMBAQCc479ZAAAAAElFTkSuQmCC";

/** Decodes an image. */
export function checkImages(): Promise<Check> {
  return checked("images", "Install it again with: npm install sharp", async () => {
    const { default: sharp } = await import("sharp");
    const { decodeImage } = await import("../image/decode.js");
    const { data } = await decodeImage(Buffer.from(PNG, "base64"));
    if (data.join() !== "255,0,0") throw new Error(`sharp decodes a red pixel as ${data.join()}.`);
    const { sharp: version, vips } = sharp.versions;
    return {
      status: "ok",
      found: `sharp ${version}, libvips ${vips}`,
      details: { sharp: version, libvips: vips },
    };
  });
}
