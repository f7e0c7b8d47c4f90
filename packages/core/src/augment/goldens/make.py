"""Writes augment.json: what torchvision makes of small Pillow images.

    pip install -r requirements.txt && python make.py

The image comes from a formula that the tests compute too (`image` here and in ../augment.test.ts).
"""

import hashlib
import json
import pathlib

import numpy as np
from PIL import Image
from torchvision import transforms
from torchvision.transforms import InterpolationMode
from torchvision.transforms import functional as F


def image(width: int, height: int) -> Image.Image:
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(3), indexing="ij")
    mixed = (x * 73856093) ^ (y * 19349663) ^ (c * 83492791)
    values = (((mixed * 2654435761) & 0xFFFFFFFF) >> 24) & 0xFF
    return Image.fromarray(values.astype(np.uint8), "RGB")


def digest(image: Image.Image) -> str:
    return hashlib.sha256(np.asarray(image).tobytes()).hexdigest()


def cases(function, values, image) -> list[dict]:
    return [{"value": value, "sha256": digest(function(image, value))} for value in values]


def rotation(image: Image.Image, degrees: float) -> Image.Image:
    return F.rotate(image, degrees, InterpolationMode.BILINEAR, fill=(10, 200, 30))


def central_regions() -> list[dict]:
    """What is cut where no random region fits, here because it would be larger than the image."""
    regions = []
    for width, height in [(30, 10), (10, 30), (20, 21)]:
        crop = transforms.RandomResizedCrop.get_params(
            image(width, height), scale=(4.0, 4.0), ratio=(3 / 4, 4 / 3)
        )
        top, left, h, w = crop
        regions.append(
            {"from": [width, height], "left": left, "top": top, "width": w, "height": h}
        )
    return regions


if __name__ == "__main__":
    wide = image(31, 24)
    factors = [0, 0.3, 0.77, 1, 1.4, 2.5]
    golden = {
        "brightness": cases(F.adjust_brightness, factors, wide),
        "contrast": cases(F.adjust_contrast, factors, wide),
        "saturation": cases(F.adjust_saturation, factors, wide),
        "hue": cases(F.adjust_hue, [-0.5, -0.2, -0.01, 0, 0.1, 0.33, 0.5], wide),
        "rotation": cases(rotation, [-170.25, -33.3, -5, 1, 12.5, 45, 100], wide),
        "centralRegions": central_regions(),
    }
    path = pathlib.Path(__file__).parent / "augment.json"
    path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
