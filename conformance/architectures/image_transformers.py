"""Vision transformers of torchvision and transformers, one or two blocks deep."""

from torchvision.models.maxvit import MaxVit
from torchvision.models.swin_transformer import (
    PatchMergingV2,
    SwinTransformer,
    SwinTransformerBlockV2,
)
from torchvision.models.vision_transformer import VisionTransformer
from transformers import (
    CLIPVisionConfig,
    CLIPVisionModelWithProjection,
    Dinov2Config,
    Dinov2ForImageClassification,
    SiglipVisionConfig,
    SiglipVisionModel,
)

from .network import CLASSES, Network, architecture, images, pretrained

SMALL = {
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "image_size": 32,
    "patch_size": 8,
}


@architecture("vit", "torchscript-14", "torchscript-17", "dynamo-18")
def vit():
    module = VisionTransformer(
        image_size=32,
        patch_size=8,
        num_layers=2,
        num_heads=4,
        hidden_dim=32,
        mlp_dim=48,
        num_classes=CLASSES,
    )
    return Network(module, {"pixels": images(32)})


def swin_of(**options):
    module = SwinTransformer(
        patch_size=[4, 4],
        embed_dim=8,
        depths=[2, 2],
        num_heads=[2, 4],
        window_size=[4, 4],
        num_classes=CLASSES,
        **options,
    )
    return Network(module, {"pixels": images(32)})


@architecture("swin", "torchscript-13", "torchscript-17", "dynamo-18")
def swin():
    return swin_of()


@architecture("swin-v2", "torchscript-17", "dynamo-18")
def swin_v2():
    return swin_of(block=SwinTransformerBlockV2, downsample_layer=PatchMergingV2)


@architecture("maxvit", "torchscript-13", "dynamo-18")
def maxvit():
    module = MaxVit(
        input_size=(32, 32),
        stem_channels=8,
        partition_size=4,
        block_channels=[8, 16],
        block_layers=[1, 1],
        head_dim=8,
        stochastic_depth_prob=0.1,
        num_classes=CLASSES,
    )
    return Network(module, {"pixels": images(32)})


@architecture("clip-vision", "torchscript-14", "dynamo-18")
def clip_vision():
    config = CLIPVisionConfig(**SMALL, projection_dim=16)
    return pretrained(CLIPVisionModelWithProjection(config), {"pixel_values": images(32)})


@architecture("siglip-vision", "torchscript-14", "dynamo-18")
def siglip_vision():
    return pretrained(
        SiglipVisionModel(SiglipVisionConfig(**SMALL)), {"pixel_values": images(32)}, output=1
    )


@architecture("dinov2", "torchscript-17", "dynamo-18")
def dinov2():
    options = {key: value for key, value in SMALL.items() if key != "intermediate_size"}
    config = Dinov2Config(**options, mlp_ratio=2, num_labels=CLASSES)
    return pretrained(Dinov2ForImageClassification(config), {"pixel_values": images(32)})
