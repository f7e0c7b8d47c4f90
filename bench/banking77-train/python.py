"""The same with sentence-transformers and scikit-learn."""

import sys
from pathlib import Path

import joblib

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import common  # noqa: E402


def main():
    options = common.options()
    folder = options.data / "banking77"
    texts, labels = common.read_csv(folder / "train.csv", options.limit)
    model = common.load_sentence_transformer()
    probe = common.fit_probe(model.encode(texts), labels)
    joblib.dump(probe, options.work / "banking77.joblib")
    elapsed = common.seconds_since_start()

    method = "sentence-transformers + LogisticRegressionCV"
    texts, labels = common.read_csv(folder / "test.csv", options.limit)
    accuracy = common.accuracy(probe, model.encode(texts), labels)
    common.report(
        {"train": {method: elapsed}, "accuracy": {"last layer": accuracy}},
        {"c": probe.C_},
    )


if __name__ == "__main__":
    main()
