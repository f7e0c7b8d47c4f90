"""Writes label-errors.json: noisy labels, and what cleanlab finds among them.

Needs numpy and cleanlab 2.9. Run: python make_label_errors.py
"""

import json
from pathlib import Path

import numpy as np
from cleanlab.filter import find_label_issues
from cleanlab.rank import get_label_quality_scores

CASES = {
    "binary": dict(rows=60, classes=2, sureness=2.0),
    "several classes": dict(rows=120, classes=5, sureness=3.0),
    "hardly better than chance": dict(rows=80, classes=4, sureness=0.5),
    "rare class": dict(rows=90, classes=4, sureness=3.0, rare=3),
    "class without rows": dict(rows=60, classes=4, sureness=3.0, absent=1),
}
NOISE = 0.15


def make_case(seed, rows, classes, sureness, rare=None, absent=None):
    random = np.random.default_rng(seed)
    right = random.integers(0, classes, rows)
    if rare is not None:
        right[(right == rare) & (np.arange(rows) > 8)] = 0
    logits = random.normal(0, 1, (rows, classes))
    logits[np.arange(rows), right] += sureness
    probabilities = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    flipped = random.random(rows) < NOISE
    labels = np.where(flipped, (right + random.integers(1, classes, rows)) % classes, right)
    if absent is not None:
        labels[labels == absent] = 0
    suspects = find_label_issues(
        labels,
        probabilities,
        filter_by="confident_learning",
        return_indices_ranked_by="self_confidence",
        n_jobs=1,
    )
    scores = get_label_quality_scores(labels, probabilities, method="self_confidence")
    return {
        "labels": labels.tolist(),
        "probabilities": probabilities.tolist(),
        "suspects": suspects.tolist(),
        "scores": scores.tolist(),
    }


def main():
    cases = [
        {"name": name, **make_case(seed, **options)}
        for seed, (name, options) in enumerate(CASES.items())
    ]
    path = Path(__file__).parent / "label-errors.json"
    path.write_text(json.dumps(cases, separators=(",", ":")) + "\n")


main()
