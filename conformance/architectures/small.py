"""Small networks for operators that the well-known ones lack."""

import torch
from torch import nn
from torch.nn import functional

from .network import BATCH, CLASSES, Network, architecture, images


class RecurrentClassifier(nn.Module):
    """Two bidirectional recurrent layers, of which the last step is classified."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer(6, 8, num_layers=2, bidirectional=True, batch_first=True)
        self.head = nn.Linear(16, CLASSES)

    def forward(self, steps):
        return self.head(self.layer(steps)[0][:, -1])


@architecture("lstm", "torchscript-13", "dynamo-18")
def lstm():
    return Network(RecurrentClassifier(nn.LSTM), {"steps": torch.randn(BATCH, 7, 6)})


@architecture("gru", "torchscript-13", "dynamo-18")
def gru():
    return Network(RecurrentClassifier(nn.GRU), {"steps": torch.randn(BATCH, 7, 6)})


def convolution(inputs, outputs, **options):
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, padding=1, bias=False, **options),
        nn.BatchNorm2d(outputs),
        nn.LeakyReLU(0.1),
    )


class UNet(nn.Module):
    """Down twice; up once by a transposed convolution and once by interpolation."""

    def __init__(self):
        super().__init__()
        self.top, self.middle = convolution(3, 8), convolution(8, 12)
        self.bottom = convolution(12, 16)
        self.up = nn.ConvTranspose2d(16, 12, 2, stride=2)
        self.join_middle, self.join_top = convolution(24, 8), convolution(16, 8)
        self.head = nn.Conv2d(8, 2, 1)

    def forward(self, pixels):
        top = self.top(pixels)
        middle = self.middle(functional.max_pool2d(top, 2))
        bottom = self.bottom(functional.avg_pool2d(middle, 2))
        joined = self.join_middle(torch.cat([self.up(bottom), middle], dim=1))
        large = functional.interpolate(joined, scale_factor=2, mode="bilinear", align_corners=False)
        return self.head(self.join_top(torch.cat([large, top], dim=1)))


@architecture("unet", "torchscript-11", "torchscript-17", "dynamo-18")
def unet():
    return Network(UNet(), {"pixels": images(16)})


class Inception(nn.Module):
    """Branches of unlike kernels, joined by channel; pooling with and without padding counted."""

    def __init__(self):
        super().__init__()
        self.stem = convolution(3, 12, stride=2)
        self.point = nn.Conv2d(12, 6, 1)
        self.wide = nn.Sequential(
            nn.Conv2d(12, 8, (1, 5), padding=(0, 2)),
            nn.PReLU(8),
            nn.Conv2d(8, 8, (5, 1), padding=(2, 0)),
        )
        self.dilated = nn.Conv2d(12, 6, 3, padding=2, dilation=2)
        self.average = nn.AvgPool2d(3, stride=1, padding=1)
        self.inner_average = nn.AvgPool2d(3, stride=2, padding=1, count_include_pad=False)
        self.largest = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.head = nn.Linear(64, CLASSES)

    def forward(self, pixels):
        stem = self.stem(pixels)
        branches = [self.point(stem), self.wide(stem), self.dilated(stem), self.average(stem)]
        joined = functional.elu(torch.cat(branches, dim=1))
        pooled = torch.cat([self.inner_average(joined), self.largest(joined)], dim=1)
        return self.head(functional.softplus(pooled.mean(dim=(2, 3))))


@architecture("inception", "torchscript-13", "dynamo-18")
def inception():
    return Network(Inception(), {"pixels": images(24)})


class GroupNormNetwork(nn.Module):
    """Group, instance and layer normalisation with SiLU, as in diffusion networks."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 16, 3, padding=1, padding_mode="reflect")
        self.group = nn.GroupNorm(4, 16)
        self.second = nn.Conv2d(16, 12, 3, stride=2, padding=1)
        self.instance = nn.InstanceNorm2d(12, affine=True)
        self.layer = nn.LayerNorm([12, 8, 8])
        self.head = nn.Linear(12, CLASSES)

    def forward(self, pixels):
        first = functional.silu(self.group(self.first(pixels)))
        second = functional.mish(self.instance(self.second(first)))
        return self.head(functional.hardswish(self.layer(second)).amax(dim=(2, 3)))


@architecture("group-norm", "torchscript-13", "dynamo-18", "dynamo-21")
def group_norm():
    return Network(GroupNormNetwork(), {"pixels": images(16)})
