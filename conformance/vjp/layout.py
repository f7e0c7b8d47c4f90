"""Shapes, paddings, and interpolation."""

import numpy as np
import torch
from torch.nn import functional

from .case import case, constant, normal

x = normal(2, 3, 4)
case("Identity", "Identity", torch.clone, [x])
case("Reshape", "Reshape", lambda x, _: x.reshape(2, 12), [x, [0, -1]])
case("Flatten, axis 2", "Flatten", lambda x: x.reshape(6, 4), [x], axis=2)
case("Transpose", "Transpose", lambda x: x.permute(1, 2, 0), [x], perm=[1, 2, 0])
case("Transpose, reversed", "Transpose", lambda x: x.permute(2, 1, 0), [x])
case("Squeeze", "Squeeze", lambda x, _: x[:, 0, :, 0], [normal(2, 1, 3, 1), [1, -1]])
case("Squeeze, all", "Squeeze", torch.squeeze, [normal(1, 3, 1)])
case("Unsqueeze", "Unsqueeze", lambda x, _: x[:, None, :, None], [normal(2, 3), [1, -1]])
case("Expand", "Expand", lambda x, _: x.expand(2, 3, 4), [normal(3, 1), [2, 1, 4]])
case("Expand of a scalar", "Expand", lambda x, _: x.expand(2, 3), [normal(), [2, 3]])
case("Tile", "Tile", lambda x, _: x.tile(2, 3), [normal(2, 2), [2, 3]])
case("Trilu, upper", "Trilu", lambda x, k: x.triu(1), [normal(2, 4, 3), np.array(1)])
case("Trilu, lower", "Trilu", lambda x: x.tril(), [normal(4, 3)], upper=0)


def depth_to_space_dcr(x):
    n, c, h, w = x.shape
    return (
        x.reshape(n, 2, 2, c // 4, h, w).permute(0, 3, 4, 1, 5, 2).reshape(n, c // 4, 2 * h, 2 * w)
    )


case("DepthToSpace, DCR", "DepthToSpace", depth_to_space_dcr, [normal(1, 8, 2, 3)], blocksize=2)
case(
    "DepthToSpace, CRD",
    "DepthToSpace",
    lambda x: functional.pixel_shuffle(x, 2),
    [normal(1, 8, 2, 3)],
    blocksize=2,
    mode="CRD",
)
case(
    "SpaceToDepth",
    "SpaceToDepth",
    lambda x: x.reshape(1, 2, 2, 2, 3, 2).permute(0, 3, 5, 1, 2, 4).reshape(1, 8, 2, 3),
    [normal(1, 2, 4, 6)],
    blocksize=2,
)

image = normal(1, 2, 4, 5)
PADS = [0, 0, 1, 2, 0, 0, 2, 1]
SIDES = (2, 1, 1, 2)
case("Pad", "Pad", lambda x, _: functional.pad(x, SIDES), [image, PADS])
case(
    "Pad with a value",
    "Pad",
    lambda x, *_: functional.pad(x, SIDES, value=1.5),
    [image, PADS, constant(1.5)],
)
case("Pad, given axes", "Pad", lambda x, *_: functional.pad(x, (1, 2)), [image, [1, 2], None, [-1]])
case(
    "Pad by less than nothing",
    "Pad",
    lambda x, _: functional.pad(x, (-1, 2)),
    [normal(2, 4), [0, -1, 0, 2]],
)
case(
    "Pad, reflect",
    "Pad",
    lambda x, _: functional.pad(x, SIDES, mode="reflect"),
    [image, PADS],
    mode="reflect",
)
case(
    "Pad, edge",
    "Pad",
    lambda x, _: functional.pad(x, SIDES, mode="replicate"),
    [image, PADS],
    mode="edge",
)
case(
    "Pad, wrap",
    "Pad",
    lambda x, _: functional.pad(x, SIDES, mode="circular"),
    [image, PADS],
    mode="wrap",
)


def resize(
    name, x, *, size=None, factor=None, mode, torch_mode, align=None, antialias=False, **attributes
):
    options = {"size": size, "scale_factor": factor, "mode": torch_mode, "antialias": antialias}
    if torch_mode in ("bilinear", "bicubic", "linear"):
        options["align_corners"] = align
    if size is None:
        sizes = [None, constant([1.0, 1.0, *factor])]
    else:
        sizes = [None, None, [*x.shape[:2], *size]]
    if antialias:
        attributes |= {"antialias": 1, "exclude_outside": 1}
    case(
        f"Resize, {name}",
        "Resize",
        lambda x, *_: functional.interpolate(x, **options),
        [x, *sizes],
        mode=mode,
        **attributes,
    )


HALF = {"coordinate_transformation_mode": "half_pixel"}
CORNERS = {"coordinate_transformation_mode": "align_corners"}
NEAREST = {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
CUBIC = {"mode": "cubic", "torch_mode": "bicubic", "cubic_coeff_a": -0.75}
LINEAR = {"mode": "linear", "torch_mode": "bilinear"}
resize("linear, twice", image, factor=(2.0, 2.0), align=False, **LINEAR, **HALF)
resize("linear, smaller", image, size=(3, 2), align=False, **LINEAR, **HALF)
resize("linear, corners aligned", image, size=(7, 9), align=True, **LINEAR, **CORNERS)
resize(
    "linear, 1-D",
    normal(1, 2, 5),
    factor=(2.0,),
    align=False,
    mode="linear",
    torch_mode="linear",
    **HALF,
)
resize(
    "linear, antialiased",
    normal(1, 1, 6, 8),
    size=(3, 3),
    align=False,
    antialias=True,
    **LINEAR,
    **HALF,
)
resize("cubic, twice", image, factor=(2.0, 2.0), align=False, **CUBIC, **HALF)
resize("cubic, corners aligned", image, size=(6, 8), align=True, **CUBIC, **CORNERS)
resize("cubic, smaller", normal(1, 1, 6, 8), size=(4, 5), align=False, **CUBIC, **HALF)
resize("nearest, twice", image, factor=(2.0, 2.0), mode="nearest", torch_mode="nearest", **NEAREST)
resize("nearest, any size", image, size=(7, 3), mode="nearest", torch_mode="nearest", **NEAREST)
