"""How often rules for keeping a tuned model keep one that is worse, equal or better: a simulation.

Two classifiers of two labels answer the same rows. The margin of a calibrated one is normal with twice
its mean as its variance; the two margins of a row are correlated, since what is hard is hard for both.
Each classifier is too sure or not sure enough of itself by a random factor, as one fitted to few rows.
"""

import numpy as np

TRIALS = 4000
CORRELATION = 0.6
SPREAD_OF_CONFIDENCE = 0.15
LABELS = (64, 200, 800)
# Means of the margins, and what they stand for.
PAIRS = {
    "worse": ((0.60, 0.45), (3.0, 2.4)),
    "equal": ((0.60, 0.60), (3.0, 3.0)),
    "better": ((0.60, 0.80), (3.0, 4.0)),
}


def main():
    generator = np.random.default_rng(0)
    rows = {}
    for labels in LABELS:
        for case, pairs in PAIRS.items():
            kept = [simulate(generator, labels, *pair) for pair in pairs]
            for rule in kept[0]:
                rows.setdefault(rule, []).append(np.mean([one[rule] for one in kept]))
    print("labels".ljust(52), *(str(labels).rjust(21) for labels in LABELS))
    print("".ljust(52), *(case.rjust(6) for _ in LABELS for case in PAIRS))
    for rule, shares in rows.items():
        print(rule.ljust(52), *(f"{share:6.2f}" for share in shares))


def simulate(generator, labels, frozen_mean, tuned_mean):
    """The share of trials in which each rule keeps the tuned model."""
    shared = generator.standard_normal((TRIALS, labels))
    frozen, tuned = (margins(generator, shared, mean) for mean in (frozen_mean, tuned_mean))
    log_loss = Gain(-np.log1p(np.exp(-tuned)) + np.log1p(np.exp(-frozen)))
    accuracy = Gain((tuned > 0).astype(float) - (frozen > 0))
    brier = Gain(sigmoid(-frozen) ** 2 - sigmoid(-tuned) ** 2)
    rules = {
        "log-loss": log_loss.better,
        "log-loss, accuracy no worse": log_loss.better & (accuracy.mean >= 0),
        "log-loss, accuracy not clearly worse": log_loss.better & ~accuracy.worse,
        "log-loss better at all, accuracy not clearly worse": (log_loss.mean > 0) & ~accuracy.worse,
        "accuracy": accuracy.better,
        "Brier score": brier.better,
        "either, the other not clearly worse": (log_loss.better & ~accuracy.worse)
        | (accuracy.better & ~log_loss.worse),
    }
    return {rule: kept.mean() for rule, kept in rules.items()}


def margins(generator, shared, mean):
    own = generator.standard_normal(shared.shape)
    noise = np.sqrt(CORRELATION) * shared + np.sqrt(1 - CORRELATION) * own
    confidence = np.exp(SPREAD_OF_CONFIDENCE * generator.standard_normal((len(shared), 1)))
    return confidence * (mean + np.sqrt(2 * mean) * noise)


def sigmoid(values):
    return 1 / (1 + np.exp(-values))


class Gain:
    """The mean gain of each trial, and whether it is better or worse than 0 by a standard error."""

    def __init__(self, gains):
        self.mean = gains.mean(1)
        error = gains.std(1, ddof=1) / np.sqrt(gains.shape[1])
        self.better = self.mean > error
        self.worse = self.mean < -error


if __name__ == "__main__":
    main()
