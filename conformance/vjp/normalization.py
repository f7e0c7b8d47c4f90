"""Normalisation by stored and by batch statistics, over channels, groups and instances; softmax."""

from torch.nn import functional

from .case import case, constant, normal, positive

EPSILON = 1e-3


def by_statistics(x, scale, bias, mean, variance):
    return functional.batch_norm(x, mean, variance, scale, bias, eps=EPSILON)


statistics = [constant(normal(3)), constant(positive(3))]
case(
    "BatchNormalization",
    "BatchNormalization",
    by_statistics,
    [normal(2, 3, 4, 2), normal(3), normal(3), *statistics],
    epsilon=EPSILON,
)
case(
    "BatchNormalization of vectors",
    "BatchNormalization",
    by_statistics,
    [normal(4, 3), normal(3), normal(3), *statistics],
    epsilon=EPSILON,
)


def by_batch(x, scale, bias, mean, variance):
    """Running statistics move as in ONNX: biased variance; momentum weighs the old ones."""
    axes = [0, *range(2, x.dim())]
    new_mean = 0.75 * mean + 0.25 * x.mean(axes)
    new_variance = 0.75 * variance + 0.25 * x.var(axes, correction=0)
    y = functional.batch_norm(x, None, None, scale, bias, training=True, eps=EPSILON)
    return y, new_mean, new_variance


for shape in [(2, 3, 4, 2), (4, 3), (2, 3, 6)]:
    case(
        f"BatchNormalization in training, rank {len(shape)}",
        "BatchNormalization",
        by_batch,
        [normal(*shape), normal(3), normal(3), *statistics],
        outputs=3,
        ignored=[1, 2],
        epsilon=EPSILON,
        momentum=0.75,
        training_mode=1,
    )


def over_last(x, scale, bias=None):
    return functional.layer_norm(x, scale.shape, scale, bias, EPSILON)


case(
    "LayerNormalization",
    "LayerNormalization",
    over_last,
    [normal(2, 3, 6), normal(6), normal(6)],
    epsilon=EPSILON,
)
case(
    "LayerNormalization, no bias",
    "LayerNormalization",
    over_last,
    [normal(2, 3, 6), normal(6)],
    epsilon=EPSILON,
)
case(
    "LayerNormalization, axis 1",
    "LayerNormalization",
    over_last,
    [normal(2, 3, 4), normal(3, 4), normal(3, 4)],
    axis=1,
    epsilon=EPSILON,
)
case(
    "LayerNormalization, axis -2",
    "LayerNormalization",
    over_last,
    [normal(2, 3, 4), normal(3, 4), normal(3, 4)],
    axis=-2,
    epsilon=EPSILON,
)
case(
    "RMSNormalization",
    "RMSNormalization",
    lambda x, scale: functional.rms_norm(x, scale.shape, scale, EPSILON),
    [normal(2, 3, 6), normal(6)],
    opset=23,
    epsilon=EPSILON,
)
case(
    "InstanceNormalization",
    "InstanceNormalization",
    lambda x, scale, bias: functional.instance_norm(x, None, None, scale, bias, eps=EPSILON),
    [normal(2, 3, 4, 3), normal(3), normal(3)],
    epsilon=EPSILON,
)
case(
    "GroupNormalization",
    "GroupNormalization",
    lambda x, scale, bias: functional.group_norm(x, 2, scale, bias, EPSILON),
    [normal(2, 4, 3, 3), normal(4), normal(4)],
    num_groups=2,
    epsilon=EPSILON,
)
case(
    "LpNormalization",
    "LpNormalization",
    lambda x: functional.normalize(x, dim=-1, eps=0),
    [normal(3, 5)],
    axis=-1,
    p=2,
)
case(
    "LRN",
    "LRN",
    lambda x: functional.local_response_norm(x, 3, 0.5, 0.75, 1.0),
    [normal(1, 5, 2, 3)],
    size=3,
    alpha=0.5,
    beta=0.75,
    bias=1.0,
)
case(
    "MeanVarianceNormalization",
    "MeanVarianceNormalization",
    lambda x: functional.batch_norm(x, None, None, training=True, eps=1e-9),
    [normal(2, 3, 4, 2)],
)

for axis in (-1, 0, 1):
    case(
        f"Softmax, axis {axis}",
        "Softmax",
        lambda x, axis=axis: x.softmax(axis),
        [normal(2, 3, 4)],
        axis=axis,
    )
    case(
        f"LogSoftmax, axis {axis}",
        "LogSoftmax",
        lambda x, axis=axis: x.log_softmax(axis),
        [normal(2, 3, 4)],
        axis=axis,
    )
case(
    "Softmax of masked scores",
    "Softmax",
    lambda x: x.softmax(-1),
    [[[0.5, 1.0, -1e9], [0.25, -1e9, -1e9]]],
)
