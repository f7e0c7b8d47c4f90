"""Pooling: overlapping windows, ties, paddings and what is counted."""

from functools import partial

import torch
from torch.nn import functional

from .case import case, distinct, normal
from .convolution import torch_pads


def max_pool(name, x, **attributes):
    def function(x):
        rank = x.dim() - 2
        options = {
            "kernel_size": attributes["kernel_shape"],
            "stride": attributes.get("strides", [1] * rank),
            "dilation": attributes.get("dilations", [1] * rank),
            "ceil_mode": bool(attributes.get("ceil_mode", 0)),
        }
        pool = {1: functional.max_pool1d, 2: functional.max_pool2d, 3: functional.max_pool3d}[rank]
        pads = torch_pads(attributes.get("pads", [0] * 2 * rank))
        if options["ceil_mode"]:
            return pool(x, padding=pads[0], **options)
        return pool(functional.pad(x, pads, value=-torch.inf), **options)

    case(f"MaxPool, {name}", "MaxPool", function, [x], **attributes)


max_pool("1-D", distinct(2, 2, 8), kernel_shape=[3], strides=[2])
max_pool("2x2", distinct(2, 2, 4, 6), kernel_shape=[2, 2], strides=[2, 2])
max_pool(
    "overlapping", distinct(1, 2, 7, 7), kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]
)
max_pool("overlapping, stride 1", distinct(1, 2, 5, 5), kernel_shape=[3, 3], pads=[1, 1, 1, 1])
max_pool(
    "uneven pads", distinct(1, 2, 5, 6), kernel_shape=[2, 3], strides=[2, 2], pads=[0, 1, 1, 0]
)
max_pool("ceil mode", distinct(1, 2, 6, 5), kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)
max_pool("dilated", distinct(1, 2, 7, 7), kernel_shape=[2, 2], dilations=[2, 2], strides=[1, 2])
max_pool("3-D", distinct(1, 2, 4, 4, 4), kernel_shape=[2, 2, 2], strides=[2, 2, 2])
max_pool("ties", torch.ones(1, 1, 4, 4).numpy(), kernel_shape=[2, 2], strides=[2, 2])
max_pool(
    "ties of overlapping windows",
    torch.zeros(1, 1, 5, 5).numpy(),
    kernel_shape=[3, 3],
    strides=[2, 2],
    pads=[1, 1, 1, 1],
)


def average_pool(name, x, **attributes):
    def function(x):
        rank = x.dim() - 2
        options = {
            "kernel_size": attributes["kernel_shape"],
            "stride": attributes.get("strides", [1] * rank),
            "ceil_mode": bool(attributes.get("ceil_mode", 0)),
        }
        pool = {1: functional.avg_pool1d, 2: functional.avg_pool2d, 3: functional.avg_pool3d}[rank]
        pads = torch_pads(attributes.get("pads", [0] * 2 * rank))
        counted = bool(attributes.get("count_include_pad", 0))
        if options["ceil_mode"]:
            return pool(x, padding=pads[0], count_include_pad=counted, **options)
        summed = pool(functional.pad(x, pads), **options)
        if counted:
            return summed
        return summed / pool(functional.pad(torch.ones_like(x), pads), **options)

    case(f"AveragePool, {name}", "AveragePool", function, [x], **attributes)


average_pool("1-D", normal(2, 2, 8), kernel_shape=[3], strides=[2])
average_pool("2x2", normal(2, 2, 4, 6), kernel_shape=[2, 2], strides=[2, 2])
average_pool("padded", normal(1, 2, 5, 6), kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
average_pool(
    "padded, pads counted",
    normal(1, 2, 5, 6),
    kernel_shape=[3, 3],
    strides=[2, 2],
    pads=[1, 1, 1, 1],
    count_include_pad=1,
)
average_pool(
    "stride 1, pads counted",
    normal(1, 2, 5, 5),
    kernel_shape=[3, 3],
    pads=[1, 1, 1, 1],
    count_include_pad=1,
)
average_pool(
    "uneven pads", normal(1, 2, 5, 6), kernel_shape=[2, 3], strides=[2, 2], pads=[0, 1, 1, 0]
)
average_pool("ceil mode", normal(1, 2, 6, 5), kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)
average_pool(
    "ceil mode, padded",
    normal(1, 2, 6, 6),
    kernel_shape=[3, 3],
    strides=[2, 2],
    pads=[1, 1, 1, 1],
    ceil_mode=1,
)
average_pool(
    "ceil mode, pads counted",
    normal(1, 2, 6, 6),
    kernel_shape=[3, 3],
    strides=[2, 2],
    pads=[1, 1, 1, 1],
    ceil_mode=1,
    count_include_pad=1,
)
average_pool("3-D", normal(1, 2, 4, 4, 3), kernel_shape=[2, 2, 2], strides=[2, 2, 1])

case(
    "GlobalAveragePool",
    "GlobalAveragePool",
    lambda x: x.mean((2, 3), keepdim=True),
    [normal(2, 3, 4, 5)],
)
case(
    "GlobalMaxPool",
    "GlobalMaxPool",
    partial(torch.amax, dim=(2, 3), keepdim=True),
    [distinct(2, 3, 4, 5)],
)
