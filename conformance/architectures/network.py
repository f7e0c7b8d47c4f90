"""What an architecture is to the suite, and the registry of them."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn

BATCH = 3
CLASSES = 5
# Images that batch norms take their statistics from.
CALIBRATION = 64


@dataclass
class Network:
    """A module in eval mode, and one batch: values by the names of the module's arguments.

    The first dimension of every input is the batch.
    """

    module: nn.Module
    inputs: dict[str, torch.Tensor]


@dataclass
class Architecture:
    build: Callable[[], Network]
    # How it is exported: exporter and opset, such as "torchscript-13" or "dynamo-18".
    exports: tuple[str, ...]


ARCHITECTURES: dict[str, Architecture] = {}


def architecture(name, *exports):
    """Registers a function that builds a network; weights are drawn anew afterwards."""

    def register(build):
        ARCHITECTURES[name] = Architecture(lambda: prepare(build()), exports)
        return build

    return register


class OneOutput(nn.Module):
    """A model of transformers as a function from tensors to one of its outputs."""

    def __init__(self, model, names, output):
        super().__init__()
        self.model, self.names, self.output = model, names, output

    def forward(self, *values):
        arguments = dict(zip(self.names, values, strict=True))
        return self.model(**arguments, return_dict=True)[self.output]


def pretrained(model, inputs, output=0):
    """A network from a model of transformers, its inputs, and which output is wanted."""
    return Network(OneOutput(model, list(inputs), output), inputs)


def images(size, channels=3):
    return torch.randn(BATCH, channels, size, size)


def tokens(length, vocabulary):
    """Token ids and a mask; the last row is shorter."""
    ids = torch.randint(5, vocabulary, (BATCH, length))
    mask = torch.ones_like(ids)
    mask[-1, length * 2 // 3 :] = 0
    return ids, mask


def prepare(network):
    """Gives a network weights and statistics that let gradients flow, and sets it to eval mode."""
    for parameter in network.module.parameters():
        redraw(parameter.data)
    calibrate(network)
    network.module.eval()
    return network


def redraw(weights):
    """Moves constants apart, so that no two weights are equal, and scales up what is tiny."""
    noise = 0.1 * torch.randn_like(weights)
    if weights.numel() == 1:
        return
    if weights.std() == 0:
        weights.copy_((weights != 0).to(weights.dtype) + noise)
    elif weights.dim() > 1:
        scale = 1 / math.sqrt(weights[0].numel())
        if weights.std() < scale / 2:
            weights.mul_(scale / weights.std())


def calibrate(network):
    """Gives batch norms the statistics of random images, with every dropout off.

    With too few images some channels hardly vary, and dividing by that magnifies rounding.
    """
    norms = [
        module
        for module in network.module.modules()
        if isinstance(module, nn.modules.batchnorm._BatchNorm)
    ]
    if not norms:
        return
    network.module.eval()
    for norm in norms:
        norm.momentum = None
        norm.train()
    (images,) = network.inputs.values()
    with torch.no_grad():
        network.module(torch.randn(CALIBRATION, *images.shape[1:]))
