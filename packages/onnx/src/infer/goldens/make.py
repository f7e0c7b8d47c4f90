"""Writes shapes.json: output types of single-operator models, by onnx.shape_inference and by running.

    python make.py

Made with onnx 1.23.2 and onnxruntime 1.32.0.
"""

import json
import pathlib
import re

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper, shape_inference

from cases import CASES

TYPES = {
    "f32": (TensorProto.FLOAT, np.float32, "float32"),
    "f16": (TensorProto.FLOAT16, np.float16, "float16"),
    "i64": (TensorProto.INT64, np.int64, "int64"),
    "i32": (TensorProto.INT32, np.int32, "int32"),
    "i8": (TensorProto.INT8, np.int8, "int8"),
    "u8": (TensorProto.UINT8, np.uint8, "uint8"),
    "bool": (TensorProto.BOOL, np.bool_, "bool"),
}
BY_CODE = {code: name for code, _, name in TYPES.values()}
BY_NUMPY = {np.dtype(dtype): name for _, dtype, name in TYPES.values()}
# What the names stand for when the models run.
SIZES = {"batch": 2, "length": 5, "height": 9, "width": 10, "rois": 3}


def parse(spec):
    dtype, dims = re.fullmatch(r"(\w+)\[(.*)\]", spec).groups()
    sizes = [part.strip() for part in dims.split(",") if part.strip()]
    return TYPES[dtype], [int(size) if size.isdigit() else size for size in sizes]


def attribute_of(value):
    """The attribute as it is written to JSON."""
    if isinstance(value, np.ndarray):
        return {"tensor": constant_of(value)}
    if isinstance(value, float):
        return {"float": value}
    return value


def constant_of(array):
    values = [str(v) for v in array.flatten()] if array.dtype == np.int64 else array.flatten().tolist()
    return {"dtype": BY_NUMPY[array.dtype], "shape": list(array.shape), "data": values}


def build(op, domain, opset, inputs, outputs, attributes):
    names, infos, initializers, listed = [], [], [], []
    for index, item in enumerate(inputs):
        name = f"x{index}"
        if isinstance(item, np.ndarray):
            initializers.append(numpy_helper.from_array(item, name))
            listed.append(constant_of(item))
        elif item == "":
            name = ""
            listed.append(None)
        else:
            (code, _, dtype), shape = parse(item)
            infos.append(helper.make_tensor_value_info(name, code, shape))
            listed.append({"dtype": dtype, "shape": shape})
        names.append(name)
    results = [f"y{index}" for index in range(outputs)]
    fields = {
        key: numpy_helper.from_array(value) if isinstance(value, np.ndarray) else value
        for key, value in attributes.items()
    }
    node = helper.make_node(op, names, results, domain=domain, **fields)
    # Empty types: inference and the runtime fill them in.
    values = [helper.make_empty_tensor_value_info(name) for name in results]
    graph = helper.make_graph([node], "case", infos, values, initializers)
    opsets = [helper.make_opsetid("", opset)]
    if domain:
        opsets.append(helper.make_opsetid(domain, 1))
    return helper.make_model(graph, opset_imports=opsets, ir_version=8), listed


def inferred_types(model):
    """What onnx.shape_inference says; None where it says nothing."""
    graph = shape_inference.infer_shapes(model, strict_mode=True, data_prop=True).graph
    return [type_of(value.type) for value in graph.output]


def type_of(value):
    tensor = value.tensor_type
    if tensor.elem_type == 0:
        return None
    shape = [dim_of(dim) for dim in tensor.shape.dim] if tensor.HasField("shape") else None
    return [BY_CODE[tensor.elem_type], shape]


def dim_of(dim):
    """The size or the name; None for a name that inference made up."""
    if dim.HasField("dim_value"):
        return dim.dim_value
    return dim.dim_param if dim.dim_param in SIZES else None


def actual_types(model):
    """Types of the results of a run on random floats and ones."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(model.SerializeToString(), options, ["CPUExecutionProvider"])
    random = np.random.default_rng(0)
    feeds = {}
    for info in model.graph.input:
        dims = [d.dim_value or SIZES.get(d.dim_param, 0) for d in info.type.tensor_type.shape.dim]
        dtype = helper.tensor_dtype_to_np_dtype(info.type.tensor_type.elem_type)
        values = random.random(dims) if dtype == np.float32 else np.ones(dims)
        feeds[info.name] = values.astype(dtype)
    return [[BY_NUMPY[np.asarray(y).dtype], list(np.shape(y))] for y in session.run(None, feeds)]


def known_to_onnx(op, domain):
    return domain == "" and onnx.defs.has(op)


def attempt(function, model, verb):
    try:
        return function(model)
    except Exception as error:
        op = model.graph.node[0].op_type
        print(f"not {verb}: {op}: {str(error).splitlines()[0][-150:]}")
        return None


def contradict(inferred, actual):
    pairs = [pair for pair in zip(inferred or [], actual or []) if pair[0] and pair[0][1] is not None]
    return any(
        isinstance(a, int) and a != b for (_, x), (_, y) in pairs for a, b in zip(x, y)
    )


def record(op, domain, opset, inputs, outputs, attributes):
    model, listed = build(op, domain, opset, inputs, outputs, attributes)
    inferred = attempt(inferred_types, model, "inferred") if known_to_onnx(op, domain) else None
    actual = attempt(actual_types, model, "run")
    if contradict(inferred, actual):
        # Pooling with ceil_mode before opset 22: the runtime has the last word.
        print(f"inferred otherwise than run: {op} {inferred} {actual}")
        inferred = None
    if inferred is None and actual is None:
        raise SystemExit(f"nothing to compare {op} with")
    return {
        "op": op,
        **({"domain": domain} if domain else {}),
        "opset": opset,
        "inputs": listed,
        "attributes": {key: attribute_of(value) for key, value in attributes.items()},
        "outputs": outputs,
        "inferred": inferred,
        "actual": actual,
    }


def main():
    ort.set_default_logger_severity(4)
    lines = [json.dumps(record(*item), separators=(",", ":")) for item in CASES]
    target = pathlib.Path(__file__).with_name("shapes.json")
    sizes = json.dumps(SIZES)
    target.write_text('{"sizes":' + sizes + ',"cases":[\n' + ",\n".join(lines) + "\n]}\n")
    print(f"{len(lines)} cases")


main()
