"""The probe-fit bench with scikit-learn."""

import sys
from pathlib import Path

import numpy as np
from sklearn.model_selection import PredefinedSplit

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import common  # noqa: E402

ROWS, COLUMNS, CLASSES = 720, 1280, 12
CENTRES_FROM = 1 << 24


def uniform(n):
    """A number in [0, 1) from each integer: the hash "lowbias32" by Chris Wellons."""
    n = n.astype(np.uint32)
    n = (n ^ (n >> 16)) * np.uint32(0x7FEB352D)
    n = (n ^ (n >> 15)) * np.uint32(0x846CA68B)
    return (n ^ (n >> 16)) / 2**32


def make_data():
    """Noise around one centre a class; the columns' scales fall, as in the features of a network."""
    row, column = np.mgrid[0:ROWS, 0:COLUMNS]
    noise = uniform(row * COLUMNS + column) - 0.5
    centres = uniform(CENTRES_FROM + row % CLASSES * COLUMNS + column) - 0.5
    return (noise + 0.3 * centres) / (1 + column / 64), np.arange(ROWS) % CLASSES


def main():
    common.options()
    features, targets = make_data()
    folds = PredefinedSplit(np.arange(ROWS) // CLASSES % common.FOLDS)
    timings, probes = {}, {}
    for jobs in (1, 2):
        method = f"LogisticRegressionCV, n_jobs={jobs}"

        def fit():
            probes[method] = common.fit_probe(features, targets, folds, jobs)  # noqa: B023

        timings[method] = common.seconds(fit)
    probe = next(iter(probes.values()))
    losses = -np.mean(probe.scores_, axis=0)
    details = {
        "c": float(probe.C_) * common.total_variance(features),
        "heldOutLogLoss": float(losses.min()),
        "checksum": float(np.abs(features).sum()),
    }
    common.report({"fit": timings}, details)


if __name__ == "__main__":
    main()
