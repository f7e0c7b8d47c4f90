import type { ImagePreprocessing } from "@engraft/core";
import { sourceString } from "@engraft/core/escape";
import { imagePreprocessedSize } from "@engraft/core/internal";
import type { InputRole } from "./export-description.js";
import { type Example, importLines, lines, propertyKey } from "./export-example.js";

/**
 * Programs that predict images with an exported model.
 *
 * @param names - Names of the model's inputs by what they hold.
 */
export function imageExamples(
  names: ReadonlyMap<InputRole, string>,
  preprocessing: ImagePreprocessing,
): [python: Example, node: Example] {
  const input = names.get("pixels") ?? "pixels";
  return [pythonExample(input, preprocessing), nodeExample(input, preprocessing)];
}

function pythonExample(input: string, preprocessing: ImagePreprocessing): Example {
  const { mean, std, centerCrop, layout } = preprocessing;
  const code = lines(
    `import json
import sys

import numpy as np
import onnxruntime
from PIL import Image, ImageOps

with open("labels.json", encoding="utf-8") as file:
    labels = json.load(file)
session = onnxruntime.InferenceSession("model.onnx")


def pixels_of(path):
    image = ImageOps.exif_transpose(Image.open(path)).convert("RGB")`,
    pythonResize(preprocessing.resize),
    centerCrop !== undefined &&
      `    left, top = (round((side - ${centerCrop}) / 2) for side in image.size)
    image = image.crop((left, top, left + ${centerCrop}, top + ${centerCrop}))`,
    `    pixels = (np.asarray(image) - np.array([${mean.join(", ")}])) / np.array([${std.join(", ")}])`,
    `    return pixels.astype(np.float32)${layout === "nchw" ? ".transpose(2, 0, 1)" : ""}`,
    `

def predict(paths):
    """The probabilities [paths, labels]."""
    feeds = {${sourceString(input)}: np.stack([pixels_of(path) for path in paths])}
    return session.run(["probabilities"], feeds)[0]


if __name__ == "__main__":
    for path, row in zip(sys.argv[1:], predict(sys.argv[1:])):
        print(labels[row.argmax()], row.max(), path)`,
  );
  return { install: "pip install numpy onnxruntime pillow", code };
}

function pythonResize({
  mode,
  size,
  filter,
  fill = [0, 0, 0],
}: ImagePreprocessing["resize"]): string {
  const resample = `Image.Resampling.${filter.toUpperCase()}`;
  switch (mode) {
    case "shorter-side":
      return `    width, height = image.size
    if width <= height:
        size = ${size}, int(${size} * height / width)
    else:
        size = int(${size} * width / height), ${size}
    image = image.resize(size, ${resample})`;
    case "exact":
      return `    image = image.resize((${size}, ${size}), ${resample})`;
    case "letterbox":
      return `    image = ImageOps.pad(image, (${size}, ${size}), ${resample}, (${fill.join(", ")}))`;
  }
}

function nodeExample(input: string, preprocessing: ImagePreprocessing): Example {
  const { mean, std, layout } = preprocessing;
  const { width: side } = imagePreprocessedSize(preprocessing);
  const area = side * side;
  const shape = layout === "nchw" ? [3, side, side] : [side, side, 3];
  const code = lines(
    importLines(
      ["{ readFileSync }", "node:fs"],
      ["{ InferenceSession, Tensor }", "onnxruntime-node"],
      ["sharp", "sharp"],
    ),
    `
const labels = JSON.parse(readFileSync("labels.json", "utf8"));
const session = await InferenceSession.create("model.onnx");
const mean = [${mean.join(", ")}];
const std = [${std.join(", ")}];

async function pixelsOf(path) {
  const { data, info } = await sharp(path)
    .rotate()
    .toColourspace("srgb")
    .removeAlpha()`,
    nodeResize(preprocessing),
    `    .raw()
    .toBuffer({ resolveWithObject: true });
  const pixels = new Float32Array(3 * ${area});
  for (let i = 0; i < pixels.length; i++) {`,
    layout === "nchw"
      ? `    const [channel, place] = [Math.floor(i / ${area}), i % ${area}];`
      : "    const [channel, place] = [i % 3, Math.floor(i / 3)];",
    `    const value = data[place * info.channels + (info.channels < 3 ? 0 : channel)];
    pixels[i] = (value - mean[channel]) / std[channel];
  }
  return pixels;
}

/** The probability of each label. */
async function predict(path) {
  const pixels = new Tensor("float32", await pixelsOf(path), [1, ${shape.join(", ")}]);
  const { probabilities } = await session.run({ ${propertyKey(input)}: pixels });
  return [...probabilities.data];
}

for (const path of process.argv.slice(2)) {
  const row = await predict(path);
  const best = row.indexOf(Math.max(...row));
  console.log(labels[best], row[best], path);
}`,
  );
  return {
    install: "npm install onnxruntime-node sharp",
    code,
    note:
      "Pillow, in the Python program, gives the pixels that the task was trained on. sharp rounds " +
      "a little differently when it resizes, so probabilities differ a little, too.",
  };
}

const FITS = { "shorter-side": "cover", exact: "fill", letterbox: "contain" } as const;
const KERNELS = { bilinear: "linear", bicubic: "cubic" } as const;

function nodeResize({ resize, centerCrop }: ImagePreprocessing): string {
  const { mode, size, filter, fill = [0, 0, 0] } = resize;
  const settings = lines(
    `      fit: "${FITS[mode]}",`,
    `      kernel: "${KERNELS[filter]}",`,
    mode === "letterbox" && `      background: { r: ${fill[0]}, g: ${fill[1]}, b: ${fill[2]} },`,
    "      fastShrinkOnLoad: false,",
  );
  const margin = Math.round((size - (centerCrop ?? size)) / 2);
  return lines(
    `    .resize(${size}, ${size}, {\n${settings}\n    })`,
    margin > 0 &&
      `    .extract({ left: ${margin}, top: ${margin}, width: ${centerCrop}, height: ${centerCrop} })`,
  );
}
