"""Arithmetic, elementary functions and activations, with their kinks."""

from functools import partial, reduce

import torch
from torch.nn import functional

from .case import case, constant, distinct, fed, inside, normal, positive

# Kinks and their neighbours.
AROUND = [-4.0, -3.0, -1.0, -0.5, 0.0, 0.5, 1.0, 3.0, 4.0]


def unary(op, function, values, **options):
    case(options.pop("name", op), op, function, [values], **options)


for op, function, values in [
    ("Neg", torch.neg, normal(3, 4)),
    ("Abs", torch.abs, AROUND),
    ("Sqrt", torch.sqrt, positive(3, 4)),
    ("Reciprocal", torch.reciprocal, positive(3, 4)),
    ("Exp", torch.exp, normal(3, 4)),
    ("Log", torch.log, positive(3, 4)),
    ("Erf", torch.erf, normal(3, 4)),
    ("Sigmoid", torch.sigmoid, normal(3, 4)),
    ("Tanh", torch.tanh, normal(3, 4)),
    ("Sin", torch.sin, normal(3, 4)),
    ("Cos", torch.cos, normal(3, 4)),
    ("Tan", torch.tan, inside(3, 4)),
    ("Asin", torch.asin, inside(3, 4)),
    ("Acos", torch.acos, inside(3, 4)),
    ("Atan", torch.atan, normal(3, 4)),
    ("Sinh", torch.sinh, normal(3, 4)),
    ("Cosh", torch.cosh, normal(3, 4)),
    ("Asinh", torch.asinh, normal(3, 4)),
    ("Acosh", torch.acosh, 1 + positive(3, 4)),
    ("Atanh", torch.atanh, inside(3, 4)),
    ("Relu", torch.relu, AROUND),
    ("Softplus", functional.softplus, normal(3, 4)),
    ("Softsign", functional.softsign, AROUND),
    ("Mish", functional.mish, normal(3, 4)),
    ("HardSwish", functional.hardswish, AROUND),
]:
    unary(op, function, values)

unary("LeakyRelu", partial(functional.leaky_relu, negative_slope=0.125), AROUND, alpha=0.125)
unary("Elu", partial(functional.elu, alpha=1.5), [-2.0, -0.5, 0.5, 2.0], alpha=1.5)
unary("Elu", functional.elu, AROUND, name="Elu at 0")
unary("Selu", torch.selu, [-2.0, -0.5, 0.5, 2.0])
unary("Celu", partial(functional.celu, alpha=2.0), AROUND, alpha=2.0)
unary("Gelu", functional.gelu, normal(3, 4))
unary(
    "Gelu",
    partial(functional.gelu, approximate="tanh"),
    normal(3, 4),
    name="Gelu by tanh",
    approximate="tanh",
)
unary("HardSigmoid", functional.hardsigmoid, AROUND, alpha=1 / 6, beta=0.5)
unary("ThresholdedRelu", lambda x: functional.threshold(x, 0.75, 0), AROUND, alpha=0.75)
unary("Swish", functional.silu, normal(3, 4), opset=24)
case(
    "PRelu, a slope a channel",
    "PRelu",
    lambda x, slope: torch.where(x > 0, x, x * slope),
    [normal(2, 3, 4), normal(3, 1)],
)

ARITHMETIC = {"Add": torch.add, "Sub": torch.sub, "Mul": torch.mul, "Div": torch.div}
for op, function in ARITHMETIC.items():
    case(op, op, function, [normal(2, 3), positive(2, 3)])
    case(f"{op}, the second broadcast", op, function, [normal(2, 3, 4), positive(3, 1)])
    case(f"{op}, both broadcast", op, function, [normal(3, 1), positive(2, 1, 4)])
    case(f"{op} by a scalar", op, function, [normal(2, 3), positive()])

case("Pow, constant 2", "Pow", torch.pow, [normal(3, 4), constant(2.0)])
case("Pow, constant 3", "Pow", torch.pow, [normal(3, 4), constant([3.0])])
case("Pow, constant 0.5", "Pow", torch.pow, [positive(3, 4), constant(0.5)])
case("Pow, constant -1", "Pow", torch.pow, [positive(3, 4), constant(-1.0)])
case("Pow, constant 0", "Pow", torch.pow, [normal(3, 4), constant(0.0)])
case("Pow, both", "Pow", torch.pow, [positive(3, 4), normal(3, 4)])
case("Pow, both broadcast", "Pow", torch.pow, [positive(3, 1), normal(1, 4)])
case("Pow of 0", "Pow", torch.pow, [[0.0, 0.0, 2.0], [2.0, 1.0, 3.0]])

case("Mod, fmod", "Mod", torch.fmod, [normal(3, 4) * 4, constant(positive(3, 4))], fmod=1)


def total(*terms):
    return reduce(torch.add, terms)


case("Sum of three", "Sum", total, [normal(2, 3), normal(3), normal(2, 1)])
case("Mean of three", "Mean", lambda *x: total(*x) / 3, [normal(2, 3), normal(3), normal(2, 1)])

TIED = [1.0, 2.0, 3.0, -1.0], [1.0, 3.0, 2.0, -1.0]
case("Max, ties", "Max", torch.maximum, TIED)
case("Min, ties", "Min", torch.minimum, TIED)
spread = distinct(3, 3, 4)
case("Max of three", "Max", lambda *x: reduce(torch.maximum, x), list(spread))
case("Min of three", "Min", lambda *x: reduce(torch.minimum, x), list(spread))
case("Max, broadcast", "Max", torch.maximum, [distinct(2, 3, 4), distinct(3, 1) + 1 / 64])


def clip(x, low=None, high=None):
    """With numbers as bounds: tensors would share the gradient with x where they are equal."""
    return x.clamp(low if low is None else low.item(), high if high is None else high.item())


case("Clip, at its bounds", "Clip", clip, [AROUND, constant(-1.0), constant(3.0)])
case("Clip from below", "Clip", clip, [AROUND, constant(-0.5)])
case("Clip from above", "Clip", clip, [AROUND, None, constant(0.5)])

choice = [[True, False, True], [False, False, True]]
case("Where", "Where", torch.where, [fed(choice), normal(2, 3), normal(2, 3)])
case("Where, broadcast", "Where", torch.where, [fed(choice), normal(3), normal()])
case(
    "Where, a broadcast condition",
    "Where",
    torch.where,
    [fed(choice[0]), normal(2, 3), normal(2, 1)],
)
