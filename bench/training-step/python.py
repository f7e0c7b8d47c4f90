"""Milliseconds of a training step with PyTorch eager, and the peak memory, for each mode.

Against onnxsim only EfficientNet-Lite0 is measured: it refuses the text model.
"""

import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import common  # noqa: E402
from step import MODES  # noqa: E402

ONNXSIM_STEPS = 3
SMOKE_STEPS = 1


def run(script, *arguments):
    """The JSON that a script prints last; a process each, or peaks of memory would mix."""
    command = [sys.executable, HERE / script, *map(str, arguments)]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return json.loads(output.strip().split("\n")[-1])


def main():
    options = common.options()
    steps = [] if options.limit is None else ["--steps", SMOKE_STEPS]
    cases = {}
    for mode in MODES:
        result = run("step.py", mode, *steps)
        cases[mode] = {"PyTorch eager": result["msPerStep"]}
        cases[f"{mode}, memory"] = {"PyTorch eager": result["peakRssMb"]}
    result = run("onnxsim_step.py", "--steps", ONNXSIM_STEPS if options.limit is None else 1)
    cases["efficientnet-all-bn-frozen, onnxsim"] = {"onnxsim": result["msPerStep"]}
    common.report(cases)


if __name__ == "__main__":
    main()
