"""Cases of single operators; importing a module registers its cases."""

from . import (  # noqa: F401
    convolution,
    elementwise,
    indexing,
    layout,
    losses,
    normalization,
    pooling,
    recurrent,
    reduction,
)
from .case import CASES

__all__ = ["CASES"]
