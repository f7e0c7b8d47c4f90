"""Times one training step that onnxsim compiled, on EfficientNet-Lite0 with batch norms frozen.

The loss is a mean square and the shapes are static: it has no rule for the cross-entropy operator
and takes no dynamic shapes.
"""

import argparse
import io
import json
import resource
import statistics
import time

import onnx
import onnxruntime
import onnxsim
import torch
from step import BATCH, CLASSES, PIXELS, SEED, ImageClassifier

INPUTS = ["pixels", "target"]


class MeanSquare(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.classifier = ImageClassifier()

    def forward(self, pixels, target):
        return (self.classifier(pixels) - target).square().mean()


def export(module, example):
    buffer = io.BytesIO()
    torch.onnx.export(
        module,
        example,
        buffer,
        dynamo=False,
        opset_version=17,
        input_names=INPUTS,
        output_names=["loss"],
        # Batch norms stay nodes, with trainable scales and biases.
        training=torch.onnx.TrainingMode.PRESERVE,
    )
    # Makes constants of the paddings, which the exporter computes in the graph.
    simplified, _ = onnxsim.simplify(
        onnx.load_from_string(buffer.getvalue()), skip_fuse_bn=True, check_n=0
    )
    lift_constants(simplified.graph)
    return simplified


def lift_constants(graph):
    """Turns Constant nodes into initializers: onnxsim has no rule for the former."""
    for node in [node for node in graph.node if node.op_type == "Constant"]:
        tensor = node.attribute[0].t
        tensor.name = node.output[0]
        graph.initializer.append(tensor)
        graph.node.remove(node)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=5)
    steps = parser.parse_args().steps
    torch.manual_seed(SEED)
    module = MeanSquare().eval()
    example = (torch.randn(BATCH, 3, PIXELS, PIXELS), torch.randn(BATCH, CLASSES))
    model = export(module, example)
    stored = {tensor.name for tensor in model.graph.initializer}
    weights = [name for name, _ in module.named_parameters() if name in stored]
    loop = onnxsim.compile_training_loop(model, "loss", weights)
    feeds = {name: value.numpy() for name, value in zip(INPUTS, example, strict=True)}

    started = time.perf_counter()
    loop(feeds, lr=1e-5)
    first = time.perf_counter() - started
    times = []
    for _ in range(steps):
        started = time.perf_counter()
        loop(feeds, lr=1e-5)
        times.append(1000 * (time.perf_counter() - started))
    result = {
        "name": "efficientnet-all-bn-frozen, onnxsim",
        "msPerStep": round(statistics.median(times), 2),
        "peakRssMb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "firstStepSeconds": round(first, 1),
        "onnxruntime": onnxruntime.__version__,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
