"""The usual recipes on the same draws of texts: one layer or TF-IDF, and a logistic probe."""

import sys
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import common  # noqa: E402


def main():
    model = common.load_sentence_transformer()
    known = {}

    def embed(texts):
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        if missing:
            known.update(zip(missing, model.encode(missing), strict=True))
        return np.stack([known[text] for text in texts])

    cases = {}
    for name, folder in common.list_draws(common.options().work):
        train, test = common.read_draw(folder)
        words = TfidfVectorizer(sublinear_tf=True).fit([row["text"] for row in train])
        results = cases.setdefault(name, {})
        for method, features in {"last layer": embed, "TF-IDF": words.transform}.items():
            score = common.score_probe(features, "text", train, test)
            results.setdefault(method, []).append(score)
    common.report(cases)


if __name__ == "__main__":
    main()
