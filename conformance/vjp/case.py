"""One operator with inputs, and the function of PyTorch that is the same."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

CASES = []
WORKING_OPSET = 21


@dataclass
class Input:
    values: np.ndarray
    # Whether the gradient by it is asked for.
    wanted: bool
    # Whether it is known when the graph is differentiated; else it is fed.
    constant: bool


@dataclass
class Case:
    name: str
    op: str
    function: Callable
    inputs: list
    attributes: dict = field(default_factory=dict)
    opset: int = WORKING_OPSET
    outputs: int = 1
    # Outputs that the loss does not depend on.
    ignored: tuple[int, ...] = ()


def case(name, op, function, inputs, outputs=1, opset=WORKING_OPSET, ignored=(), **attributes):
    """Registers a case. `function` maps tensors, None for an input left out, to the outputs.

    Float arrays are differentiated by and integer arrays are constants, unless marked otherwise
    with `constant` or `fed`.
    """
    wrapped = [wrap(item) for item in inputs]
    CASES.append(Case(name, op, function, wrapped, attributes, opset, outputs, tuple(ignored)))


def wrap(item):
    if item is None or isinstance(item, Input):
        return item
    array = np.asarray(item)
    if array.dtype.kind == "f":
        return Input(array.astype(np.float64), wanted=True, constant=False)
    return Input(array, wanted=False, constant=True)


def constant(values):
    """A float that is known and not differentiated by, such as the bounds of Clip."""
    return Input(np.asarray(values, np.float64), wanted=False, constant=True)


def fed(values):
    """Integers or booleans that change from run to run, such as the indices of Gather."""
    return Input(np.asarray(values), wanted=False, constant=False)


_random = np.random.default_rng(20)


def normal(*shape):
    """Normal values in steps of 1/64: float32 holds them, and they are short to write."""
    return np.round(_random.standard_normal(shape) * 64) / 64


def positive(*shape):
    return np.round(_random.uniform(0.5, 2, shape) * 64) / 64


def inside(*shape):
    """Values between -1 and 1, both excluded."""
    return np.round(_random.uniform(-0.9, 0.9, shape) * 64) / 64


def distinct(*shape):
    """No two values are equal: nothing ties."""
    count = int(np.prod(shape))
    return (_random.permutation(count).reshape(shape) - count // 2) / 16


def integers(limit, *shape):
    return _random.integers(0, limit, shape)
