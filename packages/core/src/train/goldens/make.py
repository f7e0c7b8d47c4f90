"""Writes training.json: what PyTorch, transformers, scikit-learn and TensorBoard say about small cases.

    pip install -r requirements.txt && python make.py

Inputs come from a formula that the tests compute too (`numbers` here and in ../goldens.ts).
"""

import base64
import io
import json
import pathlib

import numpy as np
import torch
from sklearn.metrics import accuracy_score, f1_score
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter
from torch.nn import functional as F
from transformers import get_scheduler

STEPS = 6
SIZE = 12
SCHEDULES = [
    ("constant", "constant_with_warmup"),
    ("linear", "linear"),
    ("cosine", "cosine"),
]


def numbers(count: int, seed: int, scale: float = 2.0) -> np.ndarray:
    """float32 numbers in [-scale/2, scale/2) of a linear congruential generator (Numerical Recipes)."""
    values = np.empty(count)
    state = seed
    for i in range(count):
        state = (1664525 * state + 1013904223) % 2**32
        values[i] = (state / 2**32 - 0.5) * scale
    return values.astype(np.float32)


def rounded(values) -> list[float]:
    return [float(f"{value:.9g}") for value in np.asarray(values, dtype=float).ravel()]


def optimizers() -> list[dict]:
    sgd = {"momentum": 0.9, "nesterov": False}
    cases = [
        ({"name": "sgd", "momentum": 0, "nesterov": False}, 0.1, 0),
        ({"name": "sgd", **sgd}, 0.1, 0),
        ({"name": "sgd", **sgd}, 0.1, 0.05),
        ({"name": "sgd", **sgd, "nesterov": True}, 0.05, 0.05),
        ({"name": "adamw", "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}, 0.01, 0),
        ({"name": "adamw", "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}, 0.01, 0.1),
        ({"name": "adamw", "beta1": 0.8, "beta2": 0.95, "epsilon": 1e-3}, 0.1, 0.01),
    ]
    return [optimizer(*case) for case in cases]


def optimizer(config: dict, rate: float, decay: float) -> dict:
    weight = torch.nn.Parameter(torch.from_numpy(numbers(SIZE, 1)))
    if config["name"] == "sgd":
        optimizer = torch.optim.SGD(
            [weight],
            lr=rate,
            weight_decay=decay,
            momentum=config["momentum"],
            nesterov=config["nesterov"],
        )
    else:
        optimizer = torch.optim.AdamW(
            [weight],
            lr=rate,
            weight_decay=decay,
            betas=(config["beta1"], config["beta2"]),
            eps=config["epsilon"],
        )
    for step in range(STEPS):
        weight.grad = torch.from_numpy(numbers(SIZE, 10 + step))
        optimizer.step()
    return {
        "config": config,
        "learningRate": rate,
        "weightDecay": decay,
        "weight": rounded(weight.detach().numpy()),
    }


def factors(scheduler, optimizer, steps: int) -> list[float]:
    result = []
    for _ in range(steps):
        result.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return rounded(result)


def schedules() -> list[dict]:
    cases = []
    for steps, warmup in [(10, 0), (10, 3), (7, 7), (1, 0)]:
        for name, theirs in SCHEDULES:
            optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
            scheduler = get_scheduler(theirs, optimizer, warmup, steps)
            cases.append(
                {
                    "config": {"name": name, "warmupSteps": warmup},
                    "steps": steps,
                    "factors": factors(scheduler, optimizer, steps),
                }
            )
    for steps, ratio in [(10, 0.3), (25, 0.25), (40, 0.5)]:
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
        scheduler = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, max_lr=1.0, total_steps=steps, pct_start=ratio, cycle_momentum=False
        )
        cases.append(
            {
                "config": {"name": "one-cycle", "warmupRatio": ratio},
                "steps": steps,
                "factors": factors(scheduler, optimizer, steps),
            }
        )
    return cases


def loss_case(config: dict, shape: tuple[int, int], targets: torch.Tensor, loss, scale=6.0) -> dict:
    output = torch.from_numpy(numbers(shape[0] * shape[1], 3, scale).reshape(shape))
    output.requires_grad_()
    value = loss(output, targets)
    value.backward()
    return {
        "config": config,
        "shape": shape,
        "scale": scale,
        "targets": targets.flatten().tolist(),
        "targetShape": list(targets.shape),
        "loss": rounded([value.item()])[0],
        "gradient": rounded(output.grad.numpy()),
    }


def cosine_loss(embeddings: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    left, right = embeddings.chunk(2)
    return F.mse_loss(torch.cosine_similarity(left, right), targets)


def losses() -> list[dict]:
    classes = torch.tensor([0, 2, 3, 2, 1])
    weights = [0.5, 2.0, 1.0, 1.5]
    several = torch.tensor([[1, 0, 1], [0, 0, 0], [1, 1, 1], [0, 1, 0]], dtype=torch.float32)
    values = torch.from_numpy(numbers(8, 5, 4)).reshape(4, 2)
    alike = torch.tensor([1.0, 0.0, 1.0])
    cases = []
    for smoothing in [0, 0.1]:
        for weighted in [None, weights]:
            config = {"name": "cross-entropy", "labelSmoothing": smoothing}
            if weighted:
                config["classWeights"] = weighted
            tensor = None if weighted is None else torch.tensor(weighted)
            cases.append(
                loss_case(
                    config,
                    (5, 4),
                    classes,
                    lambda x, t, w=tensor, s=smoothing: F.cross_entropy(
                        x, t, weight=w, label_smoothing=s
                    ),
                )
            )
    config = {"name": "binary-cross-entropy"}
    cases.append(loss_case(config, (4, 3), several, F.binary_cross_entropy_with_logits))
    cases.append(loss_case(config, (4, 3), several, F.binary_cross_entropy_with_logits, scale=0.0))
    cases.append(
        loss_case(config, (4, 3), several, F.binary_cross_entropy_with_logits, scale=400.0)
    )
    cases.append(loss_case({"name": "mean-squared-error"}, (4, 2), values, F.mse_loss))
    for delta in [0.5, 2.0]:
        config = {"name": "huber", "delta": delta}
        cases.append(
            loss_case(
                config, (4, 2), values, lambda x, t, d=delta: F.huber_loss(x, t, delta=d)
            )
        )
    config = {"name": "cosine-similarity"}
    cases.append(loss_case(config, (6, 4), alike, cosine_loss))
    cases.append(loss_case(config, (6, 4), alike, cosine_loss, scale=0.0))
    return cases


def metrics() -> dict:
    logits = numbers(30 * 4, 21, 4).reshape(30, 4)
    targets = (numbers(30, 22, 6) + 3).astype(int) // 2  # the last class never occurs
    predicted = logits.argmax(1)
    several = numbers(30 * 4, 23).reshape(30, 4) > 0.2
    return {
        "classes": {
            "targets": targets.tolist(),
            "accuracy": accuracy_score(targets, predicted),
            "macroF1": f1_score(targets, predicted, average="macro", zero_division=0),
        },
        "labels": {
            "targets": several.astype(int).ravel().tolist(),
            "accuracy": accuracy_score(several, logits > 0),
            "macroF1": f1_score(several, logits > 0, average="macro", zero_division=0),
        },
    }


def event_file() -> str:
    """A header, an event of an update and one of a validation, as TensorBoard writes them."""
    step = {"step/loss": 0.5, "step/learningRate": 1e-3, "step/gradientNorm": 2.25}
    validation = {"validation/loss": 0.25, "validation/accuracy": 0.875}
    events = [
        Event(wall_time=1.5, file_version="brain.Event:2"),
        Event(wall_time=2.5, step=300, summary=scalars(step)),
        Event(wall_time=3.5, step=300, summary=scalars(validation)),
    ]
    file = io.BytesIO()
    writer = RecordWriter(file)
    for event in events:
        writer.write(event.SerializeToString())
    return base64.b64encode(file.getvalue()).decode()


def scalars(values: dict) -> Summary:
    return Summary(
        value=[Summary.Value(tag=tag, simple_value=value) for tag, value in values.items()]
    )


if __name__ == "__main__":
    golden = {
        "optimizers": optimizers(),
        "schedules": schedules(),
        "losses": losses(),
        "metrics": metrics(),
        "eventFile": event_file(),
    }
    path = pathlib.Path(__file__).parent / "training.json"
    path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
