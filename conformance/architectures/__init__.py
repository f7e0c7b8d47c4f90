"""The architectures of the suite; importing a module registers its networks."""

from . import audio, convolutional, image_transformers, small, text  # noqa: F401
from .network import ARCHITECTURES, Network, OneOutput, prepare

__all__ = ["ARCHITECTURES", "Network", "OneOutput", "prepare"]
