"""Texts per second with sentence-transformers, on questions of Banking77."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import common  # noqa: E402

BATCH_SIZES = (32, 64, 128)  # 32 is the default.


def main():
    options = common.options()
    texts, _ = common.read_csv(options.data / "banking77" / "train.csv", options.limit or 5000)
    model = common.load_sentence_transformer()
    model.encode(texts[:64])
    rates = {}
    for size in BATCH_SIZES:
        elapsed = common.seconds(lambda size=size: model.encode(texts, batch_size=size))
        rates[f"encode, batch {size}"] = len(texts) / elapsed
    details = {"inputs": len(texts), "firstVector": model.encode(texts[0])[:4].tolist()}
    common.report({"last layer": rates}, details)


if __name__ == "__main__":
    main()
