"""Losses that are operators."""

from torch.nn import functional

from .case import case, constant, fed, integers, normal, positive

LOSSES = "SoftmaxCrossEntropyLoss"


def cross_entropy(reduction="mean", ignore_index=-100):
    def function(scores, labels, weights=None):
        return functional.cross_entropy(
            scores, labels, weights, reduction=reduction, ignore_index=ignore_index
        )

    return function


labels = fed(integers(3, 4))
ignored = fed([0, 2, 1, 2])
for reduction in ("mean", "sum", "none"):
    case(
        f"{LOSSES}, {reduction}",
        LOSSES,
        cross_entropy(reduction),
        [normal(4, 3), labels],
        reduction=reduction,
    )
    case(
        f"{LOSSES}, {reduction}, weights, ignored label",
        LOSSES,
        cross_entropy(reduction, 2),
        [normal(4, 3), ignored, constant(positive(3))],
        reduction=reduction,
        ignore_index=2,
    )
case(f"{LOSSES} of maps", LOSSES, cross_entropy(), [normal(2, 3, 2, 2), fed(integers(3, 2, 2, 2))])
case(
    f"{LOSSES}, ignored label -100",
    LOSSES,
    cross_entropy(),
    [normal(4, 3), fed([0, -100, 1, -100])],
    ignore_index=-100,
)
case(
    "NegativeLogLikelihoodLoss",
    "NegativeLogLikelihoodLoss",
    lambda x, labels, weights: functional.nll_loss(x, labels, weights),
    [normal(4, 3), labels, constant(positive(3))],
)
