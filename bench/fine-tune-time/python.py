"""Seconds of the updates of the same contrastive tuning in PyTorch, on the same pairs.

A step of sentence-transformers draws its pairs at random and reads their two sides one after the
other. Here it is also measured with both sides in one batch, and, as a case of its own, on the batches
of Engraft, in which texts are about equally long.
"""

import json
import sys
import time
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import common  # noqa: E402
from tuning import TextEncoder, Tuner, pair_loss  # noqa: E402

STEPS = 20
WARM_UP = 3
LEARNING_RATE = 2e-5
THREADS = 2


def one_batch(encoder, first, second):
    embeddings = encoder(first + second)
    return embeddings[: len(first)], embeddings[len(first) :]


def two_batches(encoder, first, second):
    return encoder(first), encoder(second)


def measure(embed, texts, batches, steps):
    """Seconds of the steps after the warm-up, and the loss of each step."""
    encoder = TextEncoder()
    tokens = encoder.tokenize(texts)
    tuner = Tuner(encoder, LEARNING_RATE, len(batches))
    losses = []
    for step, batch in enumerate(batches[: WARM_UP + steps]):
        if step == WARM_UP:
            started = time.perf_counter()
        sides = ([tokens[pair[side]] for pair in batch] for side in ("first", "second"))
        loss = pair_loss(*embed(encoder, *sides), [pair["alike"] for pair in batch])
        tuner.update(loss)
        losses.append(loss.item())
    return time.perf_counter() - started, losses


def main():
    options = common.options()
    torch.set_num_threads(THREADS)
    with open(options.work / "contrast.json", encoding="utf-8") as file:
        contrast = json.load(file)
    steps = options.limit or STEPS
    cases, losses = {"time": {}, "same batches": {}}, {}
    for case, method, embed, batches in [
        ("time", "two batches", two_batches, "shuffled"),
        ("time", "one batch", one_batch, "shuffled"),
        ("same batches", "one batch", one_batch, "grouped"),
    ]:
        seconds, losses[f"{case}, {method}"] = measure(
            embed, contrast["texts"], contrast[batches], steps
        )
        cases[case][method] = seconds
    common.report(cases, {"steps": steps, "losses": losses})


if __name__ == "__main__":
    main()
