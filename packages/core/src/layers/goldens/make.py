"""Makes layers.json: what PyTorch gives for each layer with random weights.

    pip install torch && python make.py
"""

import json
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

HERE = Path(__file__).resolve().parent


class Mean(nn.Module):
    """Over the image, or over the tokens."""

    def forward(self, values):
        return values.mean(dim=(2, 3) if values.dim() == 4 else 1)


class Max(nn.Module):
    def forward(self, values):
        return values.amax(dim=(2, 3) if values.dim() == 4 else 1)


class SamePadding(nn.Module):
    """As much around the image as makes the output size / stride large; of an odd number more after."""

    def __init__(self, module, before, after):
        super().__init__()
        self.module, self.pads = module, (before, after, before, after)

    def forward(self, values):
        return self.module(functional.pad(values, self.pads))


MAPS, ROWS, TOKENS = (1, 4, 7, 6), (3, 5), (2, 3, 5)
CASES = {
    "dense": (nn.Linear(5, 4), ROWS),
    "dense of tokens, without bias": (nn.Linear(5, 4, bias=False), TOKENS),
    "dense with relu": (nn.Sequential(nn.Linear(5, 4), nn.ReLU()), ROWS),
    "conv2d": (nn.Conv2d(4, 6, 3), MAPS),
    "conv2d of groups": (nn.Conv2d(4, 6, 3, padding=1, groups=2), MAPS),
    "conv2d with strides": (nn.Conv2d(4, 6, 3, stride=2, padding=1, bias=False), MAPS),
    "conv2d, same": (nn.Conv2d(4, 6, 4, padding="same"), MAPS),
    "conv2d, same with strides": (SamePadding(nn.Conv2d(4, 6, 3, stride=3), 1, 1), (1, 4, 7, 7)),
    "maxPool2d": (nn.MaxPool2d(2), MAPS),
    "maxPool2d with padding": (nn.MaxPool2d(3, stride=2, padding=1), MAPS),
    "averagePool2d": (nn.AvgPool2d(2), MAPS),
    "averagePool2d with padding": (
        nn.AvgPool2d(3, stride=2, padding=1, count_include_pad=False),
        MAPS,
    ),
    "batchNorm of maps": (nn.BatchNorm2d(4), MAPS),
    "batchNorm of rows": (nn.BatchNorm1d(5, eps=1e-2), ROWS),
    "layerNorm of rows": (nn.LayerNorm(5), ROWS),
    "layerNorm of tokens": (nn.LayerNorm(5, eps=1e-2), TOKENS),
    "dropout": (nn.Dropout(0.5), ROWS),
    "flatten": (nn.Flatten(), MAPS),
    "globalAveragePool of maps": (Mean(), MAPS),
    "globalAveragePool of tokens": (Mean(), TOKENS),
    "globalMaxPool of maps": (Max(), MAPS),
    "globalMaxPool of tokens": (Max(), TOKENS),
    "relu": (nn.ReLU(), ROWS),
    "gelu": (nn.GELU(), ROWS),
    "silu": (nn.SiLU(), ROWS),
    "tanh": (nn.Tanh(), ROWS),
    "sigmoid": (nn.Sigmoid(), ROWS),
    "softmax of tokens": (nn.Softmax(dim=-1), TOKENS),
    "softmax of maps": (nn.Softmax(dim=1), MAPS),
    "hardSwish": (nn.Hardswish(), ROWS),
    "leakyRelu": (nn.LeakyReLU(0.01), ROWS),
    "sequential": (nn.Sequential(nn.Linear(5, 4), nn.Tanh(), nn.Linear(4, 2)), ROWS),
}


def numbers(tensor):
    return {"dims": list(tensor.shape), "data": [round(x, 6) for x in tensor.flatten().tolist()]}


def draw_weights(module):
    """Random values for parameters and running statistics, as exact as they are written."""
    for name, tensor in module.state_dict().items():
        if tensor.is_floating_point():
            value = torch.rand(tensor.shape) + 0.5 if "var" in name else torch.randn(tensor.shape)
            tensor.copy_((value * 1e4).round() / 1e4)


def weights_of(module):
    """In order; matrices as [inputs, outputs]."""
    tensors = [tensor for tensor in module.state_dict().values() if tensor.is_floating_point()]
    return [numbers(tensor.T if tensor.dim() == 2 else tensor) for tensor in tensors]


def case(module, dims):
    module.eval()
    draw_weights(module)
    values = (torch.randn(dims) * 1e4).round() / 1e4
    with torch.no_grad():
        output = module(values)
    return {"input": numbers(values), "weights": weights_of(module), "output": numbers(output)}


def main():
    torch.manual_seed(0)
    goldens = {name: case(*parts) for name, parts in CASES.items()}
    (HERE / "layers.json").write_text(json.dumps(goldens, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
