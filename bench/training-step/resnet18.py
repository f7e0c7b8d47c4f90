"""Writes resnet18.onnx, torchvision's network with random weights, into the folder of the bench."""

import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import common  # noqa: E402
from step import CLASSES, PIXELS, SEED  # noqa: E402
from torchvision.models import resnet18  # noqa: E402


def main():
    options = common.options()
    torch.manual_seed(SEED)
    torch.onnx.export(
        resnet18(num_classes=CLASSES).eval(),
        (torch.randn(2, 3, PIXELS, PIXELS),),
        str(options.work / "resnet18.onnx"),
        dynamo=False,
        opset_version=17,
        input_names=["pixels"],
        output_names=["logits"],
        dynamic_axes={"pixels": {0: "batch"}},
        # Batch norms stay nodes.
        training=torch.onnx.TrainingMode.PRESERVE,
    )


if __name__ == "__main__":
    main()
