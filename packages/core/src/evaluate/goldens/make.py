"""Writes metrics.json: predictions, and their figures by scikit-learn and SciPy.

Needs numpy, scipy and scikit-learn. Run: python make.py
"""

import json
from pathlib import Path

import numpy as np
from scipy import stats
from sklearn import metrics

CASES = {
    "binary": dict(rows=40, classes=2, noise=1.0),
    "many classes": dict(rows=60, classes=6, noise=1.5),
    "class that is never predicted": dict(rows=30, classes=4, noise=1.0, never_predicted=2),
    "class that does not occur": dict(rows=30, classes=4, noise=1.0, absent=1),
    "impossible and certain": dict(rows=12, classes=3, noise=1.0, saturated=True),
}


def make_case(seed, rows, classes, noise, never_predicted=None, absent=None, saturated=False):
    random = np.random.default_rng(seed)
    targets = random.integers(0, classes, rows)
    if absent is not None:
        targets[targets == absent] = 0
    logits = random.normal(0, noise, (rows, classes))
    logits[np.arange(rows), targets] += 1.5
    if never_predicted is not None:
        logits[:, never_predicted] -= 20
    probabilities = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    if saturated:
        probabilities[:4] = np.eye(classes)[[0, 1, 2, 0]]
        targets[:4] = [0, 1, 0, 2]
    predicted = probabilities.argmax(1)
    labels = list(range(classes))
    precision, recall, f1, support = metrics.precision_recall_fscore_support(
        targets, predicted, labels=labels, zero_division=0
    )
    wilson = stats.binomtest(int((predicted == targets).sum()), rows).proportion_ci(method="wilson")
    return {
        "targets": targets.tolist(),
        "probabilities": probabilities.tolist(),
        "accuracy": metrics.accuracy_score(targets, predicted),
        "balancedAccuracy": metrics.balanced_accuracy_score(targets, predicted),
        "macroF1": metrics.f1_score(targets, predicted, average="macro", zero_division=0),
        "logLoss": metrics.log_loss(targets, probabilities, labels=labels),
        "precision": precision.tolist(),
        "recall": recall.tolist(),
        "f1": f1.tolist(),
        "support": support.tolist(),
        "confusion": metrics.confusion_matrix(targets, predicted, labels=labels).tolist(),
        "wilson": [wilson.low, wilson.high],
        "logLossInterval": log_loss_interval(targets, probabilities),
    }


def log_loss_interval(targets, probabilities):
    """The Student interval of the mean loss, on its logarithm by the delta method."""
    clipped = np.clip(probabilities, np.finfo(float).eps, 1 - np.finfo(float).eps)
    losses = -np.log(clipped[np.arange(len(targets)), targets])
    relative = stats.sem(losses) / losses.mean()
    factor = np.exp(stats.t.ppf(0.975, len(targets) - 1) * relative)
    return [losses.mean() / factor, losses.mean() * factor]


def main():
    cases = [
        {"name": name, **make_case(seed, **options)}
        for seed, (name, options) in enumerate(CASES.items())
    ]
    path = Path(__file__).parent / "metrics.json"
    path.write_text(json.dumps(cases, separators=(",", ":")) + "\n")


main()
