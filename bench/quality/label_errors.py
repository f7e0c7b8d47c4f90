"""cleanlab on the labels and the out-of-fold probabilities that relabel.mjs has stored."""

import importlib.metadata
import json
import sys
from pathlib import Path

import numpy as np
from cleanlab.filter import find_label_issues
from cleanlab.rank import get_label_quality_scores
from sklearn.metrics import average_precision_score

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import common  # noqa: E402

METHODS = ["self_confidence", "normalized_margin", "confidence_weighted_entropy"]
# Rounded, as in relabel.mjs, so that the same ranking has the same figure.
DIGITS = 6


def main():
    results = {}
    draws = []
    for path in sorted((common.options().work / "labels").glob("*.json")):
        known = json.loads(path.read_text())
        labels, is_wrong = np.array(known["labels"]), np.array(known["isWrong"])
        probabilities = np.fromfile(path.with_suffix(".f64")).reshape(-1, known["classes"])
        for method in METHODS:
            scores = get_label_quality_scores(labels, probabilities, method=method)
            precision = average_precision_score(is_wrong, -scores)
            results.setdefault(method, []).append(round(float(precision), DIGITS))
        suspects = find_label_issues(labels, probabilities, n_jobs=1)
        draws.append(
            {
                "seed": int(path.stem),
                "suspects": int(suspects.sum()),
                "right": int((suspects & is_wrong).sum()),
            }
        )
    version = importlib.metadata.version("cleanlab")
    common.report({"against cleanlab": results}, {"cleanlab": version, "draws": draws})


if __name__ == "__main__":
    main()
