"""Engraft's recipes of fine-tuning in PyTorch, on the same draws, and without a gate.

Texts are contrasted over all weights of the base (SetFit) and get a logistic probe of the tuned last
layer; for images the last blocks and a probe are trained together (LP-FT).
"""

import random
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import torch
from sklearn.preprocessing import normalize
from torch.nn import functional

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import common  # noqa: E402
import image_model  # noqa: E402
from tuning import BATCH, TextEncoder, Tuner, pair_loss  # noqa: E402

PAIRS_PER_EXAMPLE = 10
MOST_PAIRS = 2560
TEXT_LEARNING_RATE = 2e-5
IMAGE_LEARNING_RATE = 5e-5
IMAGE_EPOCHS = 10
EMBEDDING_BATCH = 64


def main():
    options = common.options()
    cases, details = {}, []
    for name, folder in common.list_draws(options.work):
        train, test = common.read_draw(folder)
        seed = int(folder.name)
        measure = score_texts if "text" in train[0] else score_images
        accuracy, seconds = common.remember(
            options.work / "results" / name / f"{seed}-pytorch.json",
            partial(measure, train, test, seed, options.limit),
        )
        case = cases.setdefault(f"{name}, lastLayer", {"PyTorch": []})
        case["PyTorch"].append(accuracy)
        details.append({"name": name, "seed": seed, "seconds": seconds})
    common.report(cases, {"draws": details})


def score_texts(train, test, seed, most_pairs):
    """Accuracy on the test rows of a probe of the contrasted texts, and the seconds of the tuning."""
    torch.manual_seed(seed)
    encoder = TextEncoder()
    started = time.perf_counter()
    contrast(encoder, train, random.Random(seed), most_pairs)
    seconds = time.perf_counter() - started

    def embed(texts):
        return normalize(embed_texts(encoder, texts))

    return common.score_probe(embed, "text", train, test), seconds


def contrast(encoder, rows, generator, most_pairs):
    """Draws texts of one label together and those of different labels apart, in one epoch."""
    tokens = encoder.tokenize([row["text"] for row in rows])
    pairs = draw_pairs([row["label"] for row in rows], generator)[:most_pairs]
    generator.shuffle(pairs)
    tuner = Tuner(encoder, TEXT_LEARNING_RATE, -(-len(pairs) // BATCH))
    for start in range(0, len(pairs), BATCH):
        first, second, alike = zip(*pairs[start : start + BATCH], strict=True)
        embeddings = encoder([tokens[row] for row in first + second])
        tuner.update(pair_loss(*embeddings.split(len(first)), alike))


def draw_pairs(labels, generator):
    """Every example begins as many pairs with its own label as with others, in rounds."""
    rows = range(len(labels))
    members = {label: [row for row in rows if labels[row] == label] for label in set(labels)}
    order = generator.sample(rows, len(labels))
    pairs = []
    for first in order * PAIRS_PER_EXAMPLE:
        if len(pairs) >= MOST_PAIRS:
            break
        same = [row for row in members[labels[first]] if row != first]
        other = [row for row in rows if labels[row] != labels[first]]
        if same:
            pairs.append((first, generator.choice(same), 1))
        if other:
            pairs.append((first, generator.choice(other), 0))
    return pairs[:MOST_PAIRS]


@torch.inference_mode()
def embed_texts(encoder, texts):
    """Embeddings in the order of the texts, which are read longest first: less padding."""
    tokens = encoder.tokenize(texts)
    order = sorted(range(len(texts)), key=lambda row: -len(tokens[row]))
    embeddings = np.empty((len(texts), encoder.network.config.hidden_size), np.float32)
    for start in range(0, len(order), EMBEDDING_BATCH):
        rows = order[start : start + EMBEDDING_BATCH]
        embeddings[rows] = encoder([tokens[row] for row in rows]).numpy()
    return embeddings


def score_images(train, test, seed, epochs):
    """Accuracy on the test rows of the tuned network, and the seconds of the tuning."""
    torch.manual_seed(seed)
    labels = sorted({row["label"] for row in train})
    pixels, test_pixels = (load_pixels(rows) for rows in (train, test))
    targets, test_targets = (
        torch.tensor([labels.index(row["label"]) for row in rows]) for rows in (train, test)
    )
    classifier = ImageClassifier(pixels, targets)
    started = time.perf_counter()
    fine_tune(classifier, pixels, targets, min(IMAGE_EPOCHS, epochs or IMAGE_EPOCHS))
    seconds = time.perf_counter() - started
    predicted = predict(classifier, test_pixels).argmax(1)
    return float((predicted == test_targets).float().mean()), seconds


def load_pixels(rows):
    return torch.stack([image_model.load_pixels(row["image"]) for row in rows])


class ImageClassifier(torch.nn.Module):
    """EfficientNet-Lite0 with a probe of its last layer on top. Its batch norms keep their statistics.

    The probe is fitted to the frozen network; the last block, what follows it, and the probe train.
    """

    def __init__(self, pixels, targets):
        super().__init__()
        self.base = image_model.PooledNetwork().requires_grad_(False)
        features = predict(self.base, pixels)
        self.head = probe_layer(functional.normalize(features), targets)
        network = self.base.network
        for part in (network._blocks[-1], network._conv_head, network._bn1):
            part.requires_grad_(True)

    def forward(self, pixels):
        return self.head(functional.normalize(self.base(pixels)))


def probe_layer(features, targets):
    """A logistic probe of two classes as a linear layer with a logit for each."""
    probe = common.fit_probe(features.numpy(), targets.numpy())
    layer = torch.nn.Linear(features.shape[1], 2)
    for parameter, fitted in ((layer.weight, probe.coef_[0]), (layer.bias, probe.intercept_[0])):
        half = torch.as_tensor(fitted, dtype=torch.float32) / 2
        parameter.data.copy_(torch.stack([-half, half]))
    return layer


def fine_tune(classifier, pixels, targets, epochs):
    tuner = Tuner(classifier, IMAGE_LEARNING_RATE, epochs * -(-len(targets) // BATCH))
    for _ in range(epochs):
        for rows in torch.randperm(len(targets)).split(BATCH):
            tuner.update(functional.cross_entropy(classifier(pixels[rows]), targets[rows]))


@torch.inference_mode()
def predict(module, pixels):
    return torch.cat([module(batch) for batch in pixels.split(BATCH)])


if __name__ == "__main__":
    main()
