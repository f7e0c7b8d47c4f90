"""The probe-fit bench with scikit-learn."""

import sys
from pathlib import Path

import numpy as np
from sklearn.model_selection import PredefinedSplit
from threadpoolctl import threadpool_limits

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
    return 16 * (noise + 0.2 * centres) / (1 + column / 64), np.arange(ROWS) % CLASSES


def main():
    common.options()
    features, targets = make_data()
    folds = PredefinedSplit(np.arange(ROWS) // CLASSES % common.FOLDS)
    probes = []

    def fit(jobs):
        probes.append(common.fit_probe(features, targets, folds, jobs))

    default = {"LogisticRegressionCV": common.seconds(lambda: fit(None))}
    tuned = {"two jobs": common.seconds(lambda: fit(2))}
    with threadpool_limits(1):
        tuned["one BLAS thread"] = common.seconds(lambda: fit(None))
    details = {
        "c": probes[0].C_ * common.total_variance(features),
        "heldOutLogLoss": -np.mean(probes[0].scores_, axis=0).max(),
        "checksum": np.abs(features).sum(),
    }
    common.report({"default": default, "tuned": tuned}, details)


if __name__ == "__main__":
    main()
