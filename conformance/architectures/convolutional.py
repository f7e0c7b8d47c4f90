"""Convolutional networks of torchvision, a few channels wide."""

from functools import partial

from torch import nn
from torchvision import models
from torchvision.models.convnext import CNBlockConfig, ConvNeXt
from torchvision.models.efficientnet import EfficientNet, FusedMBConvConfig, MBConvConfig
from torchvision.models.mobilenetv3 import InvertedResidualConfig, MobileNetV3
from torchvision.models.regnet import BlockParams, RegNet
from torchvision.models.resnet import BasicBlock, Bottleneck, ResNet

from .network import CLASSES, Network, architecture, images


class NarrowResNet(ResNet):
    """A ResNet whose stages have a sixteenth of the channels."""

    def __init__(self, block):
        super().__init__(block, [1, 1, 1, 1], num_classes=CLASSES)
        self.fc = nn.Linear(32 * block.expansion, CLASSES)

    def _make_layer(self, block, planes, *rest, **options):
        return super()._make_layer(block, planes // 16, *rest, **options)


@architecture("resnet", "torchscript-11", "torchscript-17", "dynamo-18")
def resnet():
    return Network(NarrowResNet(BasicBlock), {"pixels": images(32)})


@architecture("resnet-bottleneck", "torchscript-13")
def resnet_bottleneck():
    return Network(NarrowResNet(Bottleneck), {"pixels": images(32)})


@architecture("mobilenet-v2", "torchscript-11", "torchscript-13", "dynamo-18")
def mobilenet_v2():
    blocks = [[1, 8, 1, 1], [3, 12, 2, 2], [3, 16, 1, 2]]
    module = models.MobileNetV2(CLASSES, inverted_residual_setting=blocks, round_nearest=4)
    return Network(module, {"pixels": images(32)})


@architecture("mobilenet-v3", "torchscript-13", "torchscript-17", "dynamo-20")
def mobilenet_v3():
    config = partial(InvertedResidualConfig, dilation=1, width_mult=1)
    blocks = [
        config(8, 3, 8, 8, True, "RE", 2),
        config(8, 3, 24, 12, False, "RE", 2),
        config(12, 5, 32, 16, True, "HS", 2),
        config(16, 5, 40, 16, True, "HS", 1),
    ]
    return Network(MobileNetV3(blocks, 48, CLASSES), {"pixels": images(32)})


@architecture("efficientnet", "torchscript-11", "torchscript-17", "dynamo-18")
def efficientnet():
    config = partial(MBConvConfig, width_mult=1, depth_mult=1)
    blocks = [
        config(1, 3, 1, 8, 8, 1),
        config(4, 3, 2, 8, 16, 2),
        config(4, 5, 2, 16, 24, 1),
    ]
    return Network(EfficientNet(blocks, 0.2, num_classes=CLASSES), {"pixels": images(32)})


@architecture("efficientnet-v2", "torchscript-13", "dynamo-18")
def efficientnet_v2():
    blocks = [
        FusedMBConvConfig(1, 3, 1, 8, 8, 1),
        FusedMBConvConfig(4, 3, 2, 8, 16, 2),
        MBConvConfig(4, 3, 2, 16, 24, 2),
    ]
    module = EfficientNet(blocks, 0.2, num_classes=CLASSES, last_channel=64)
    return Network(module, {"pixels": images(32)})


@architecture("convnext", "torchscript-13", "torchscript-17", "dynamo-18")
def convnext():
    blocks = [CNBlockConfig(8, 16, 2), CNBlockConfig(16, 24, 1), CNBlockConfig(24, None, 1)]
    return Network(ConvNeXt(blocks, num_classes=CLASSES), {"pixels": images(32)})


@architecture("regnet", "torchscript-13", "dynamo-18")
def regnet():
    parameters = BlockParams.from_init_params(
        depth=6, w_0=8, w_a=8.0, w_m=2.0, group_width=8, se_ratio=0.25
    )
    module = RegNet(parameters, num_classes=CLASSES, stem_width=8)
    return Network(module, {"pixels": images(32)})


@architecture("densenet", "torchscript-11", "torchscript-17", "dynamo-18")
def densenet():
    module = models.DenseNet(8, (2, 2, 2), 8, bn_size=2, num_classes=CLASSES)
    return Network(module, {"pixels": images(32)})


@architecture("shufflenet-v2", "torchscript-13", "dynamo-18")
def shufflenet_v2():
    module = models.ShuffleNetV2([2, 2, 2], [8, 16, 24, 32, 64], num_classes=CLASSES)
    return Network(module, {"pixels": images(64)})


@architecture("mnasnet", "torchscript-13", "dynamo-18")
def mnasnet():
    return Network(models.MNASNet(0.15, CLASSES), {"pixels": images(64)})


@architecture("squeezenet", "torchscript-13", "dynamo-18")
def squeezenet():
    return Network(models.SqueezeNet("1_1", CLASSES), {"pixels": images(48)})
