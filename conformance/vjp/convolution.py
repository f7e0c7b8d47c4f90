"""Convolution and its transpose over groups, strides, dilations and paddings."""

from functools import partial

from torch.nn import functional

from .case import case, normal

CONVOLUTIONS = {1: functional.conv1d, 2: functional.conv2d, 3: functional.conv3d}
TRANSPOSED = {
    1: functional.conv_transpose1d,
    2: functional.conv_transpose2d,
    3: functional.conv_transpose3d,
}


def torch_pads(pads):
    """From ONNX, all begins and then all ends, to PyTorch, pairs from the last axis on."""
    rank = len(pads) // 2
    return [pads[axis + side * rank] for axis in reversed(range(rank)) for side in (0, 1)]


def convolve(x, w, b=None, *, strides, dilations, pads, group):
    padded = functional.pad(x, torch_pads(pads))
    rank = x.dim() - 2
    return CONVOLUTIONS[rank](padded, w, b, strides, 0, dilations, group)


def conv(name, shape, out, kernel, *, group=1, bias=True, strides=None, dilations=None, pads=None):
    rank = len(kernel)
    attributes = {
        "strides": strides or [1] * rank,
        "dilations": dilations or [1] * rank,
        "pads": pads or [0] * 2 * rank,
        "group": group,
    }
    inputs = [normal(*shape), normal(out, shape[1] // group, *kernel)]
    if bias:
        inputs.append(normal(out))
    function = partial(convolve, **attributes)
    case(f"Conv, {name}", "Conv", function, inputs, kernel_shape=kernel, **attributes)


conv("1-D", [2, 3, 9], 4, [3])
conv(
    "1-D, stride 2, dilation 2, uneven pads",
    [2, 3, 11],
    4,
    [3],
    strides=[2],
    dilations=[2],
    pads=[2, 1],
)
conv("1-D, groups, even kernel", [2, 4, 10], 6, [4], group=2, pads=[2, 2])
conv("3-D, stride 2", [1, 2, 5, 4, 4], 3, [2, 3, 2], strides=[2, 1, 2], pads=[1, 0, 1, 0, 1, 0])
conv("1x1", [2, 3, 4, 5], 4, [1, 1])
conv("1x1, no bias", [2, 3, 4, 5], 4, [1, 1], bias=False)
conv("1x1, stride 2", [2, 3, 5, 4], 4, [1, 1], strides=[2, 2])
conv("1x1, groups", [2, 4, 3, 4], 6, [1, 1], group=2)
conv("1x1, padded", [1, 2, 3, 3], 2, [1, 1], pads=[1, 0, 1, 1])
conv("3x3", [2, 3, 5, 6], 4, [3, 3], pads=[1, 1, 1, 1])
conv("3x3, no pads", [2, 3, 5, 6], 4, [3, 3])
conv("3x3, stride 2", [2, 3, 6, 7], 2, [3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
conv("3x3, stride 2, uneven pads", [1, 3, 6, 8], 2, [3, 3], strides=[2, 2], pads=[0, 0, 1, 1])
conv("3x3, stride 3: rows that no window reaches", [1, 2, 8, 9], 2, [3, 3], strides=[3, 3])
conv("2x3, stride 2 by 1", [2, 2, 6, 5], 3, [2, 3], strides=[2, 1], pads=[0, 1, 1, 0])
conv("3x3, dilation 2", [1, 2, 7, 8], 3, [3, 3], dilations=[2, 2], pads=[2, 2, 2, 2])
conv(
    "3x3, dilation 2 by 1, stride 2",
    [1, 2, 8, 7],
    3,
    [3, 3],
    dilations=[2, 1],
    strides=[2, 2],
    pads=[2, 1, 1, 0],
)
conv("3x3, two groups", [2, 4, 5, 5], 6, [3, 3], group=2, pads=[1, 1, 1, 1])
conv(
    "3x3, two groups, stride 2, dilation 2",
    [1, 4, 8, 8],
    2,
    [3, 3],
    group=2,
    strides=[2, 2],
    dilations=[2, 2],
    pads=[1, 2, 2, 1],
)
conv("depthwise 3x3", [2, 4, 5, 5], 4, [3, 3], group=4, pads=[1, 1, 1, 1])
conv("depthwise 3x3, no bias", [2, 4, 5, 5], 4, [3, 3], group=4, bias=False, pads=[1, 1, 1, 1])
conv("depthwise 3x3, stride 2", [2, 4, 6, 7], 4, [3, 3], group=4, strides=[2, 2], pads=[1, 1, 1, 1])
conv(
    "depthwise 5x5, stride 2, uneven pads",
    [1, 3, 8, 8],
    3,
    [5, 5],
    group=3,
    strides=[2, 2],
    pads=[1, 1, 2, 2],
)
conv("depthwise 7x7", [1, 2, 8, 8], 2, [7, 7], group=2, pads=[3, 3, 3, 3])
conv(
    "depthwise, two outputs a channel, dilation 2",
    [1, 3, 7, 7],
    6,
    [3, 3],
    group=3,
    dilations=[2, 2],
    pads=[2, 2, 2, 2],
)
conv("patches", [2, 3, 8, 8], 4, [4, 4], strides=[4, 4])
conv("one output position", [2, 3, 3, 3], 4, [3, 3])
conv("pads wider than the kernel", [1, 2, 3, 3], 2, [2, 2], pads=[3, 0, 2, 4])


def transpose(x, w, b=None, *, strides, dilations, pads, group, output_padding):
    """Without padding, and then cut: PyTorch pads both sides alike."""
    rank = x.dim() - 2
    whole = TRANSPOSED[rank](x, w, b, strides, 0, output_padding, group, dilations)
    # What output_padding adds must be there before the ends are cut.
    return functional.pad(whole, [-pad for pad in torch_pads(pads)])


def conv_transpose(
    name,
    shape,
    out,
    kernel,
    *,
    group=1,
    bias=True,
    strides=None,
    dilations=None,
    pads=None,
    output_padding=None,
):
    rank = len(kernel)
    attributes = {
        "strides": strides or [1] * rank,
        "dilations": dilations or [1] * rank,
        "pads": pads or [0] * 2 * rank,
        "group": group,
        "output_padding": output_padding or [0] * rank,
    }
    inputs = [normal(*shape), normal(shape[1], out // group, *kernel)]
    if bias:
        inputs.append(normal(out))
    function = partial(transpose, **attributes)
    case(
        f"ConvTranspose, {name}",
        "ConvTranspose",
        function,
        inputs,
        kernel_shape=kernel,
        **attributes,
    )


conv_transpose("1-D, stride 2", [2, 3, 5], 2, [4], strides=[2], pads=[1, 1])
conv_transpose("2x2, stride 2", [2, 3, 3, 4], 2, [2, 2], strides=[2, 2])
conv_transpose(
    "3x3, stride 2, output padding",
    [1, 2, 3, 4],
    3,
    [3, 3],
    strides=[2, 2],
    pads=[1, 1, 1, 1],
    output_padding=[1, 1],
)
conv_transpose("3x3, no bias", [1, 2, 4, 4], 3, [3, 3], bias=False, pads=[1, 1, 1, 1])
conv_transpose(
    "two groups, stride 2", [1, 4, 3, 3], 6, [3, 3], group=2, strides=[2, 2], pads=[0, 1, 1, 0]
)
conv_transpose(
    "depthwise, stride 2", [1, 3, 3, 4], 3, [4, 4], group=3, strides=[2, 2], pads=[1, 1, 1, 1]
)
conv_transpose(
    "dilation 2, uneven pads", [1, 2, 4, 4], 2, [3, 3], dilations=[2, 2], pads=[1, 0, 2, 1]
)
conv_transpose("3-D", [1, 2, 2, 3, 2], 2, [2, 2, 2], strides=[2, 1, 2])

automatic = [normal(1, 2, 6, 7), normal(3, 2, 3, 2)]
# With stride 2, one more row and one more column are needed, on the side that the name says.
for mode, pads in [("SAME_UPPER", [0, 0, 1, 1]), ("SAME_LOWER", [1, 1, 0, 0]), ("VALID", [0] * 4)]:
    function = partial(convolve, strides=[2, 2], dilations=[1, 1], pads=pads, group=1)
    case(f"Conv, {mode}", "Conv", function, automatic, auto_pad=mode, strides=[2, 2])
