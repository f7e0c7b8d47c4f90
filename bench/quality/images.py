"""The usual recipe on the same draws of images: the last layer and a logistic probe."""

import sys
from pathlib import Path

import numpy as np
import torch
from sklearn.preprocessing import normalize

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import common  # noqa: E402
import image_model  # noqa: E402


def main():
    network = image_model.PooledNetwork()
    known = {}

    @torch.inference_mode()
    def embed(paths):
        for path in paths:
            if path not in known:
                known[path] = network(image_model.load_pixels(path)[None])[0].numpy()
        return normalize(np.stack([known[path] for path in paths]))

    cases = {}
    for name, folder in common.list_draws(common.options().work):
        train, test = common.read_draw(folder)
        score = common.score_probe(embed, "image", train, test)
        cases.setdefault(name, {}).setdefault("last layer", []).append(score)
    common.report(cases)


if __name__ == "__main__":
    main()
