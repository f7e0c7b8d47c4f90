"""Draws of sentences from film reviews: 32 that people found positive and as many negative to train on,
2,000 others to test on.

The sentences and what at least 20 people said about each (-4 to 4) are in the source archive of
vaderSentiment 0.5 (Hutto & Gilbert 2014), which pip downloads. Sentences that are hardly positive or
negative are left out.
"""

import io
import json
import random
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import common  # noqa: E402

ARCHIVE = "vaderSentiment-0.5"
RATINGS = "hutto_ICWSM_2014/movieReviewSnippets_GroundTruth.txt"
CLEAR = 1.0
PER_LABEL = 32
SEEDS = [1, 2, 3, 4, 5]
TEST_ROWS = 2000


def main():
    options = common.options()
    rows = read_rows(download(options.work))
    # Odd rows train, even rows test: no draw has seen a test row.
    test = common.every(rows[1::2], options.limit or TEST_ROWS)
    for seed in SEEDS:
        train = draw(rows[::2], random.Random(seed))
        folder = options.work / "draws" / f"{PER_LABEL} a class" / str(seed)
        folder.mkdir(parents=True)
        write_json_lines(folder / "train.jsonl", train)
        write_json_lines(folder / "test.jsonl", test)


def download(work):
    """The text file with the ratings."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"]
    subprocess.run([*pip, "--dest", work, ARCHIVE.replace("-", "==")], check=True, stdout=sys.stderr)
    inside = f"{ARCHIVE}/additional_resources/hutto_ICWSM_2014.tar.gz"
    with zipfile.ZipFile(work / f"{ARCHIVE}.zip") as archive:
        resources = io.BytesIO(archive.read(inside))
    with tarfile.open(fileobj=resources) as archive:
        return archive.extractfile(RATINGS).read().decode("utf-8")


def read_rows(ratings):
    """Texts with labels, each text once, in the order of the file."""
    labels = {}
    for line in ratings.splitlines():
        _, rating, text = line.split("\t")
        if abs(float(rating)) > CLEAR:
            labels.setdefault(text, "positive" if float(rating) > 0 else "negative")
    return [{"text": text, "label": label} for text, label in labels.items()]


def draw(rows, generator):
    labels = sorted({row["label"] for row in rows})
    members = ([row for row in rows if row["label"] == label] for label in labels)
    return [row for group in members for row in generator.sample(group, PER_LABEL)]


def write_json_lines(path, rows):
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        file.writelines(f"{json.dumps(row)}\n" for row in rows)


if __name__ == "__main__":
    main()
