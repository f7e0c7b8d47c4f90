"""Writes heads.json: what scikit-learn 1.9 says about data that both sides make by one formula.

    python make.py

Needs scikit-learn and numpy.
"""

import json
import pathlib

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics.pairwise import cosine_similarity
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import normalize


def uniform(count: int, seed: int) -> np.ndarray:
    """`count` numbers in [0, 1) of a linear congruential generator (Numerical Recipes)."""
    values = np.empty(count)
    state = seed
    for i in range(count):
        state = (1664525 * state + 1013904223) % 2**32
        values[i] = state / 2**32
    return values


def make_data(rows: int, columns: int, classes: int, skew: int):
    """Features and targets; the same as `goldenData` in goldens.ts."""
    noise = uniform(rows * columns, rows).reshape(rows, columns)
    targets = np.floor(uniform(rows, columns) ** skew * classes).astype(int)
    targets[:classes] = np.arange(classes)
    features = noise + 0.5 * (np.arange(columns)[None, :] % classes == targets[:, None])
    return features, targets


def rounded(values) -> list[float]:
    return [float(f"{value:.10g}") for value in np.asarray(values, dtype=float).ravel()]


def logistic(rows, columns, classes, c, skew=1, weighted=False, balanced=False):
    features, targets = make_data(rows, columns, classes, skew)
    # Two classes: scikit-learn penalises the difference of the weights, which halves C.
    model = LogisticRegression(
        C=2 * c if classes == 2 else c,
        solver="newton-cholesky",
        tol=1e-12,
        max_iter=100_000,
        class_weight="balanced" if balanced else None,
    )
    weights = 0.5 + uniform(rows, 7) if weighted else None
    model.fit(features, targets, sample_weight=weights)
    weights, bias = model.coef_, model.intercept_
    if classes == 2:
        weights, bias = np.vstack([-weights, weights]) / 2, np.append(-bias, bias) / 2
    return {
        "rows": rows,
        "columns": columns,
        "classes": classes,
        "c": c,
        "skew": skew,
        "weighted": weighted,
        "balanced": balanced,
        "weights": rounded(weights),
        "bias": rounded(bias - bias.mean()),
    }


def neighbours(rows, columns, classes, k):
    features, targets = make_data(rows, columns, classes, 1)
    query = uniform(10 * columns, 99).reshape(10, columns)
    model = KNeighborsClassifier(
        n_neighbors=k,
        metric="cosine",
        algorithm="brute",
        weights=lambda distances: np.exp((1 - distances) / 0.07),
    ).fit(features.astype(np.float32), targets)
    votes = k * model.predict_proba(query.astype(np.float32))
    probabilities = (votes + 1 / classes) / (k + 1)
    return {
        "rows": rows,
        "columns": columns,
        "classes": classes,
        "k": k,
        "logProbabilities": rounded(np.log(probabilities)),
    }


def class_means(rows, columns, classes):
    features, targets = make_data(rows, columns, classes, 2)
    query = uniform(10 * columns, 99).reshape(10, columns)
    mean = features.mean(0)
    directions = normalize(features - mean)
    means = np.array([directions[targets == label].mean(0) for label in range(classes)])
    return {
        "rows": rows,
        "columns": columns,
        "classes": classes,
        "cosines": rounded(cosine_similarity(query - mean, means)),
    }


TEXTS = [
    "The card has not arrived; the CARD is late, late, late!",
    "__proto__ constructor toString hasOwnProperty __proto__",
    "İstanbul straße ΟΔΟΣ naïve naïve e\u0301tude",
    "中文 文字 一 二二 \U00020000\U00020001 \uff21\uff22",
    "२०२६ हिन्दी ½½ ²³ x2 x 3 42 4.20 snake_case _a __",
    "🙂 emoji 👍🏽 don't re-send a.b@example.com",
    "",
    "the the and and",
]


def tfidf():
    model = TfidfVectorizer(sublinear_tf=True, token_pattern=r"\w+|[^\w\s]")
    matrix = model.fit_transform(TEXTS)
    matrix.sort_indices()
    return {
        "texts": TEXTS,
        "terms": model.get_feature_names_out().tolist(),
        "idf": rounded(model.idf_),
        "rowOffsets": matrix.indptr.tolist(),
        "columns": matrix.indices.tolist(),
        "values": rounded(matrix.data),
    }


goldens = {
    "logistic": [
        logistic(60, 5, 3, c=0.01),
        logistic(60, 5, 3, c=1),
        logistic(60, 5, 3, c=100),
        logistic(24, 50, 3, c=0.1),
        logistic(24, 50, 3, c=10),
        logistic(50, 6, 2, c=1),
        logistic(20, 40, 2, c=30),
        logistic(150, 8, 12, c=3),
        logistic(40, 60, 12, c=3),
        logistic(80, 6, 3, c=1, weighted=True),
        logistic(80, 6, 3, c=1, skew=3, balanced=True),
        logistic(30, 45, 2, c=5, skew=2, balanced=True),
    ],
    "neighbours": [neighbours(40, 6, 3, k) for k in (1, 5, 20)],
    "classMeans": class_means(40, 6, 3),
    "tfidf": tfidf(),
}
target = pathlib.Path(__file__).with_name("heads.json")
target.write_text(json.dumps(goldens, ensure_ascii=False, separators=(",", ":")) + "\n")
