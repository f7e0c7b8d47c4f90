"""Fifty steps of training in PyTorch to hold Engraft's against; see README.md.

python parity.py               the small networks, into fixtures/parity/
python parity.py --bases       the base models that ship, into out/parity/
"""

import argparse
import copy
import json
import logging
import sys
import warnings
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import onnx
import torch
import transformers
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional
from transformers import BertConfig, BertForSequenceClassification

from architectures import Network, OneOutput, prepare
from bases import load_efficientnet, load_minilm
from exporters import OUTPUT, check_output, export
from weights import match_weights

HERE = Path(__file__).resolve().parent
STEPS = 50
CLASSES = 4
SEED = 5


@dataclass
class Task:
    """A network that gives logits, its batches with labels, and how it is trained."""

    network: Network
    batches: list[dict[str, torch.Tensor]]
    # What batch norms normalise by: "training" the batch, "frozen" what is stored.
    batch_norm: str
    # Learning rates.
    sgd: float
    adamw: float
    dtype: torch.dtype = torch.float64
    # An ONNX file that is there already; else the network is exported.
    model: onnx.ModelProto | None = None


class SmallConvolutional(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(2, 8, 3, padding=1, bias=False),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(8, 8, 3, padding=1, groups=8, bias=False),
            nn.BatchNorm2d(8),
            nn.Hardswish(),
            nn.Conv2d(8, 16, 1, bias=False),
            nn.BatchNorm2d(16),
            nn.ReLU(),
        )
        self.head = nn.Linear(16, CLASSES)

    def forward(self, pixels):
        return self.head(self.features(pixels).mean(dim=(2, 3)))


def small_convolutional():
    batches = [{"pixels": torch.randn(8, 2, 8, 8)} for _ in range(6)]
    network = prepare(Network(SmallConvolutional(), batches[0]))
    return Task(network, label(batches), "training", sgd=0.05, adamw=3e-3)


def small_transformer():
    config = BertConfig(
        vocab_size=40,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=12,
        num_labels=CLASSES,
    )
    batches = [draw_tokens(8, 12, 40) for _ in range(6)]
    module = OneOutput(BertForSequenceClassification(config), list(batches[0]), 0)
    return Task(
        prepare(Network(module, batches[0])), label(batches), "frozen", sgd=0.02, adamw=2e-3
    )


def minilm():
    batches = [draw_tokens(4, 32, 30522) for _ in range(5)]
    batches = [{"ids": b["input_ids"], "mask": b["attention_mask"]} for b in batches]
    module, model = load_minilm(CLASSES)
    network = Network(module, batches[0])
    return Task(network, label(batches), "frozen", 3e-3, 2e-5, torch.float32, model)


def efficientnet(batch_norm):
    # As preprocessed images are: in [-1, 1], and neighbours alike.
    coarse = [torch.rand(4, 3, 14, 14) * 2 - 1 for _ in range(5)]
    batches = [{"pixels": functional.interpolate(c, size=224, mode="bicubic")} for c in coarse]
    module, model = load_efficientnet(CLASSES)
    network = Network(module, batches[0])
    # Small: with larger ones PyTorch in float32 parts from PyTorch in float64 within a few steps, and
    # with 2e-6 for SGD in training mode, by more than 2e-4 within 50.
    sgd, adamw = {"frozen": (2e-5, 4e-6), "training": (1e-6, 1e-5)}[batch_norm]
    return Task(network, label(batches), batch_norm, sgd, adamw, torch.float64, model)


SMALL = {"small-convolutional": small_convolutional, "small-transformer": small_transformer}
BASES = {
    "minilm-l6": minilm,
    "efficientnet-lite0-frozen-norm": partial(efficientnet, "frozen"),
    "efficientnet-lite0-training-norm": partial(efficientnet, "training"),
}


def draw_tokens(rows, length, vocabulary):
    lengths = torch.randint(length // 2, length + 1, (rows, 1))
    mask = (torch.arange(length) < lengths).long()
    ids = torch.randint(1, vocabulary, (rows, length)) * mask
    return {"input_ids": ids, "attention_mask": mask}


def label(batches):
    """Batches with labels, which the optimiser can learn by heart."""
    return [
        batch | {"labels": torch.randint(CLASSES, (len(next(iter(batch.values()))),))}
        for batch in batches
    ]


def optimizers(task):
    """Optimisers by name: how to make one, and its options."""
    sgd = {"lr": task.sgd, "momentum": 0.9, "weight_decay": 1e-4}
    adamw = {"lr": task.adamw, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.01}
    return {"sgd": (torch.optim.SGD, sgd), "adamw": (torch.optim.AdamW, adamw)}


def train(task, names, make, options):
    """The loss before every step."""
    module = copy.deepcopy(task.network.module).to(task.dtype)
    set_batch_norm(module, task.batch_norm)
    parameters = [value for name, value in module.named_parameters() if name in names]
    optimizer = make(group(parameters), **options)
    losses = []
    for step in range(STEPS):
        *inputs, labels = task.batches[step % len(task.batches)].values()
        inputs = [x.to(task.dtype) if x.is_floating_point() else x for x in inputs]
        optimizer.zero_grad()
        loss = functional.cross_entropy(module(*inputs), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def group(parameters):
    """No weight decay on biases and scales."""
    matrices = [parameter for parameter in parameters if parameter.dim() > 1]
    vectors = [parameter for parameter in parameters if parameter.dim() <= 1]
    return [{"params": matrices}, {"params": vectors, "weight_decay": 0.0}]


def set_batch_norm(module, mode):
    """Everything else stays in eval mode: nothing is dropped out."""
    module.eval()
    for part in module.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.train(mode == "training")


def make_parity(name, build, folder):
    torch.manual_seed(SEED)
    task = build()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "model.onnx"
    if task.model is None:
        export(task.network, "torchscript", 17, path, fold=False)
    else:
        onnx.save(task.model, path)
    module = task.network.module
    everything = {name for name, _ in module.named_parameters()}
    weights, _ = match_weights(onnx.load(path), module, everything)
    with torch.no_grad():
        check_output(path, task.network, module(*task.network.inputs.values()))

    runs = {}
    for kind, (make, options) in optimizers(task).items():
        losses = train(task, {weight.torch for weight in weights}, make, options)
        runs[kind] = {"options": options, "losses": losses}
    save_file(
        {
            f"{name}/{index}": value.contiguous()
            for index, batch in enumerate(task.batches)
            for name, value in batch.items()
        },
        folder / "batches.safetensors",
    )
    description = {
        "name": name,
        "output": OUTPUT,
        "loss": "cross-entropy",
        "batchNorm": task.batch_norm,
        "computedIn": str(task.dtype).removeprefix("torch."),
        "steps": STEPS,
        "batches": len(task.batches),
        "inputs": list(task.network.inputs),
        "weights": [{"onnx": w.onnx, "torch": w.torch, "transpose": w.transpose} for w in weights],
        "runs": runs,
    }
    (folder / "parity.json").write_text(json.dumps(description, indent=1) + "\n", encoding="utf-8")
    for kind, run in runs.items():
        losses = run["losses"]
        print(f"{name}, {kind}: {len(weights)} weights, loss {losses[0]:.4f} to {losses[-1]:.4f}")
    sys.stdout.flush()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", help="beginnings of the names of networks")
    parser.add_argument("--bases", action="store_true", help="the base models, into out/parity/")
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    transformers.utils.logging.disable_progress_bar()
    torch.set_num_threads(1)
    root = HERE / ("out" if options.bases else "fixtures") / "parity"
    for name, build in (BASES if options.bases else SMALL).items():
        if name.startswith(tuple(options.names) or ""):
            make_parity(name, build, root / name)


if __name__ == "__main__":
    main()
