"""Exports the architectures and writes down what PyTorch computes with them; see README.md.

python export.py                  every case, into out/
python export.py bert swin        the cases whose names begin so
python export.py --fixtures       the cases that are committed, into fixtures/
"""

import argparse
import json
import logging
import sys
import time
import traceback
import warnings
import zlib
from pathlib import Path

import onnx
import torch
from safetensors.torch import save_file

import reference
from architectures import ARCHITECTURES
from exporters import OUTPUT, check_output, export
from weights import match_weights

HERE = Path(__file__).resolve().parent
# Small, and as unlike as can be.
FIXTURES = [
    "bert-dynamo-18",
    "bert-eager-torchscript-11",
    "convnext-torchscript-17",
    "llama-dynamo-18",
    "mobilenet-v3-torchscript-13",
    "resnet-torchscript-17",
    "swin-dynamo-18",
    "unet-torchscript-11",
    "vit-torchscript-14",
    "wav2vec2-torchscript-17",
]


def list_cases():
    """Architecture, exporter and opset by the name of the case."""
    cases = {}
    for name, architecture in ARCHITECTURES.items():
        for kind in architecture.exports:
            exporter, opset = kind.split("-")
            cases[f"{name}-{kind}"] = (name, exporter, int(opset))
    return cases


def make_case(name, architecture, exporter, opset, folder):
    torch.manual_seed(zlib.crc32(architecture.encode()))
    network = ARCHITECTURES[architecture].build()
    folder.mkdir(parents=True, exist_ok=True)
    read = reference.names_read(network)
    for fold in (True, False):
        dynamic = export(network, exporter, opset, folder / "model.onnx", fold)
        model = onnx.load(folder / "model.onnx")
        weights, left = match_weights(model, network.module, read)
        if len(weights) == len(read):
            break

    target = reference.make_target(network)
    result = reference.refer(network, target, {weight.torch for weight in weights})
    check_output(folder / "model.onnx", network, result.output)

    gradients = {
        f"gradient/{weight.onnx}": weight.layout(result.gradients[weight.torch])
        for weight in weights
    }
    save(folder / "inputs.safetensors", network.inputs | {"target": target})
    save(folder / "reference.safetensors", {"output": result.output} | gradients)
    case = {
        "name": name,
        "architecture": architecture,
        "exporter": exporter,
        "opset": opset,
        "dynamicBatch": dynamic,
        "weightsFolded": fold,
        "nodes": len(model.graph.node),
        "parameters": sum(parameter.numel() for parameter in network.module.parameters()),
        "output": OUTPUT,
        "computedIn": result.dtype,
        "loss": result.loss,
        "learningRate": result.learning_rate,
        "losses": result.losses,
        "weights": [
            {"onnx": weight.onnx, "torch": weight.torch, "transpose": weight.transpose}
            for weight in weights
        ],
        "left": left,
    }
    (folder / "case.json").write_text(json.dumps(case, indent=1) + "\n", encoding="utf-8")
    return case


def save(path, tensors):
    """Floats are stored as float32: what a gradient is compared to needs no more."""
    save_file(
        {
            name: (value.float() if value.is_floating_point() else value).contiguous().clone()
            for name, value in tensors.items()
        },
        path,
    )


def describe(case, seconds):
    left = f", {len(case['left'])} parameters left out" if case["left"] else ""
    folded = "" if case["weightsFolded"] else ", weights not folded"
    batch = "" if case["dynamicBatch"] else ", static batch"
    return (
        f"{case['name']}: {case['nodes']} nodes, {len(case['weights'])} weights"
        f"{left}{folded}{batch}, {case['computedIn']},"
        f" loss {case['losses'][0]:.4g} to {case['losses'][-1]:.4g}, {seconds:.1f} s"
    )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", help="beginnings of the names of cases")
    parser.add_argument("--fixtures", action="store_true", help="write the committed cases")
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)

    cases = list_cases()
    if options.fixtures:
        cases = {name: cases[name] for name in FIXTURES}
    if options.names:
        cases = {
            name: case for name, case in cases.items() if name.startswith(tuple(options.names))
        }
    root = HERE / ("fixtures" if options.fixtures else "out")
    failed = 0
    for name, case in cases.items():
        started = time.perf_counter()
        try:
            made = make_case(name, *case, root / name)
            print(describe(made, time.perf_counter() - started), flush=True)
        except Exception as error:
            failed += 1
            print(
                f"{name}: FAILED, {traceback.format_exception_only(error)[-1].strip()[:500]}",
                flush=True,
            )
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
