"""Writes goldens/operators.json: vector-Jacobian products of operators, by PyTorch in float64.

Before a case is written, ONNX Runtime must compute the same outputs from the same inputs.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from onnx import helper, numpy_helper

from vjp import CASES

FILE = Path(__file__).resolve().parent / "goldens" / "operators.json"
DIGITS = 9
TYPES = {"f": "float64", "i": "int64", "b": "bool"}


def compute(case):
    """Outputs, the gradients that flow into them, and the gradients by the inputs."""
    tensors = [
        None if item is None else torch.from_numpy(item.values.copy()) for item in case.inputs
    ]
    wanted = [
        tensor.requires_grad_()
        for item, tensor in zip(case.inputs, tensors, strict=True)
        if item is not None and item.wanted
    ]
    results = case.function(*tensors)
    outputs = list(results) if isinstance(results, tuple | list) else [results]
    generator = torch.Generator().manual_seed(len(case.name))
    flowing = [
        draw(output, generator)
        if output.is_floating_point() and index not in case.ignored
        else None
        for index, output in enumerate(outputs)
    ]
    loss = sum((y * g).sum() for y, g in zip(outputs, flowing, strict=True) if g is not None)
    found = iter(torch.autograd.grad(loss, wanted))
    gradients = [next(found) if item is not None and item.wanted else None for item in case.inputs]
    return [output.detach() for output in outputs], flowing, gradients


def draw(output, generator):
    values = torch.randn(output.shape, generator=generator, dtype=output.dtype)
    return (values * 64).round() / 64


def check(case, outputs):
    """ONNX Runtime must agree on the outputs, else the case compares two different functions."""
    for expected, actual in zip(outputs, run(case), strict=True):
        np.testing.assert_allclose(
            actual, expected.numpy(), rtol=1e-4, atol=1e-5, err_msg=case.name
        )


def run(case):
    names = ["" if item is None else f"x{index}" for index, item in enumerate(case.inputs)]
    arrays = {
        name: item.values.astype(np.float32) if item.values.dtype.kind == "f" else item.values
        for name, item in zip(names, case.inputs, strict=True)
        if item is not None
    }
    constants = {
        name
        for name, item in zip(names, case.inputs, strict=True)
        if item is not None and item.constant
    }
    results = [f"y{index}" for index in range(case.outputs)]
    graph = helper.make_graph(
        [helper.make_node(case.op, names, results, **case.attributes)],
        "case",
        [
            helper.make_tensor_value_info(
                name, helper.np_dtype_to_tensor_dtype(array.dtype), array.shape
            )
            for name, array in arrays.items()
            if name not in constants
        ],
        [helper.make_empty_tensor_value_info(name) for name in results],
        [numpy_helper.from_array(arrays[name], name) for name in sorted(constants)],
    )
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", case.opset)], ir_version=10
    )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, ["CPUExecutionProvider"]
    )
    return session.run(None, {name: arrays[name] for name in arrays if name not in constants})


def describe(case, outputs, flowing, gradients):
    return {
        "name": case.name,
        "op": case.op,
        "opset": case.opset,
        "attributes": {name: attribute_of(value) for name, value in case.attributes.items()},
        "inputs": [
            None if item is None else {**tensor_of(item.values), "constant": item.constant}
            for item in case.inputs
        ],
        "outputs": [tensor_of(output.numpy()) for output in outputs],
        "outputGradients": [None if g is None else tensor_of(g.numpy()) for g in flowing],
        "inputGradients": [None if g is None else tensor_of(g.numpy()) for g in gradients],
    }


def attribute_of(value):
    """Floats are marked: JSON does not tell 2.0 from 2."""
    return {"float": value} if isinstance(value, float) else value


def tensor_of(array):
    data = array.ravel().tolist()
    if array.dtype.kind == "f":
        data = [number_of(value) for value in data]
    elif array.dtype.kind == "i":
        # Not every int64 is a number in JavaScript.
        data = [str(value) for value in data]
    return {"dtype": TYPES[array.dtype.kind], "shape": list(array.shape), "data": data}


def number_of(value):
    if not np.isfinite(value):
        raise ValueError("goldens are finite")
    rounded = float(f"{value:.{DIGITS}g}")
    return int(rounded) if rounded.is_integer() and abs(rounded) < 2**53 else rounded


def main():
    lines, failed = [], []
    for case in CASES:
        try:
            results = compute(case)
            check(case, results[0])
        except Exception as error:
            failed.append(f"{case.name}: {str(error).strip()[:600]}")
            continue
        lines.append(json.dumps(describe(case, *results), separators=(",", ":")))
    if failed:
        sys.exit("\n".join(failed))
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")
    print(f"{len(lines)} cases, {FILE.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
