"""Run an exported task in Python, with the program in its README, and compare with engraft predict.

    engraft export mails.engraft --onnx out/
    engraft predict mails.engraft --json < lines.txt > answers.jsonl
    python bench/export/check.py out answers.jsonl

Each line of the answers holds an input, a text or the path of an image, and its probabilities.
Exits with 1 when a log-probability differs by more than the tolerance.
"""

import argparse
import json
import os
import re
from pathlib import Path

import numpy as np

BATCH = 16


def load_program(folder):
    """The Python program in the README of an export, run in its folder as a module."""
    page = (folder / "README.md").read_text(encoding="utf-8")
    [code] = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    os.chdir(folder)
    program = {"__name__": "exported"}
    exec(compile(code, "README.md", "exec"), program)
    return program


def check(program, answers):
    """Largest difference of a log-probability, and how often the most probable label is another."""
    largest, other_labels = 0.0, 0
    for start in range(0, len(answers), BATCH):
        batch = answers[start : start + BATCH]
        rows = program["predict"]([answer["input"] for answer in batch])
        for answer, row in zip(batch, rows, strict=True):
            wanted = np.array([answer["probabilities"][label] for label in program["labels"]])
            largest = max(largest, np.abs(np.log(row) - np.log(wanted)).max())
            other_labels += program["labels"][row.argmax()] != answer["label"]
    return largest, other_labels


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="what engraft export has written")
    parser.add_argument("answers", type=Path, help="what engraft predict --json has printed")
    parser.add_argument("--tolerance", type=float, default=1e-4)
    options = parser.parse_args()
    lines = options.answers.read_text(encoding="utf-8").splitlines()
    largest, other_labels = check(load_program(options.folder), [json.loads(line) for line in lines])
    print(f"{len(lines)} inputs, largest difference {largest:.2e}, {other_labels} other labels")
    return 0 if largest <= options.tolerance else 1


if __name__ == "__main__":
    raise SystemExit(main())
