import { prepareImage } from "@engraft/core/images";
import { EngraftError } from "@engraft/onnx";
import sharp from "sharp";
import { decodeImage } from "../../packages/engraft/dist/host/image/decode.js";

const size = { width: 24, height: 17 };
const spec = {
  kind: "image",
  resize: { mode: "exact", size: 8, filter: "bilinear" },
  mean: [0, 0, 0],
  std: [1, 1, 1],
  layout: "nchw",
};

/** Images of all formats, as they are decoded for a base. */
export const target = {
  seeds: async () => {
    const data = Uint8Array.from({ length: 3 * size.width * size.height }, (_, n) => n * 7);
    const colours = sharp(data, { raw: { ...size, channels: 3 } });
    const grey = sharp(data, { raw: { width: size.width, height: 3 * size.height, channels: 1 } });
    return Promise.all(
      [
        ...["jpeg", "png", "webp", "gif", "tiff"].map((format) => colours.clone().toFormat(format)),
        colours.clone().jpeg({ progressive: true }).withMetadata({ orientation: 6 }),
        colours.clone().tiff({ compression: "lzw", tile: true, tileWidth: 16, tileHeight: 16 }),
        colours.clone().png({ palette: true }),
        grey.clone().toColourspace("grey16").png(),
        grey.clone().tiff({ bitdepth: 1 }),
      ].map((image) => image.toBuffer()),
    );
  },
  run: (bytes) => prepareImage(bytes, spec, decodeImage),
  isExpected: (error) => error instanceof EngraftError,
};
