"""What every make.py shares: export, graph clean-up, fp16 storage, checks, and the files."""

import base64
import hashlib
import io
import json
import warnings

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
IR_VERSION = 8  # The one that came with opset 17.
MIN_COSINE = 0.9999
FLOAT16_FROM = 16_384  # elements


def export(module, example, inputs, taps, dynamic_axes):
    """Trace `module`, whose outputs are the taps in order, and return the ModelProto.

    BatchNormalization stays a node because the exporter's constant folding is off.
    """
    buffer = io.BytesIO()
    names = [*inputs, *(tap["value"] for tap in taps)]
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module.eval(),
            example,
            buffer,
            dynamo=False,
            opset_version=OPSET,
            do_constant_folding=False,
            input_names=inputs,
            output_names=names[len(inputs) :],
            dynamic_axes={name: dynamic_axes for name in names},
        )
    return onnx.load_from_string(buffer.getvalue())


# --- graph clean-up -----------------------------------------------------------------------------


def producers(graph):
    """Node by the name of each value that it makes."""
    return {output: node for node in graph.node for output in node.output}


def add_constant(graph, array):
    """Name of the initializer that holds `array`, a small constant; equal constants share one."""
    values = ",".join(str(value) for value in array.reshape(-1).tolist())
    name = f"constant/{array.dtype}{list(array.shape)}/{values}"
    if all(tensor.name != name for tensor in graph.initializer):
        graph.initializer.append(numpy_helper.from_array(array, name))
    return name


def inline_constants(graph):
    """Turn Constant nodes into shared initializers."""
    renamed = {}
    for node in [node for node in graph.node if node.op_type == "Constant"]:
        renamed[node.output[0]] = add_constant(graph, numpy_helper.to_array(node.attribute[0].t))
        graph.node.remove(node)
    for node in graph.node:
        node.input[:] = [renamed.get(name, name) for name in node.input]


def fold_weight_transposes(graph):
    """Store the weight of a linear layer as [in, out], as MatMul reads it, under its own name."""
    weights = {tensor.name: tensor for tensor in graph.initializer}
    for node in [node for node in graph.node if node.op_type == "Transpose"]:
        weight = weights.get(node.input[0])
        if weight is None:
            continue
        array = np.ascontiguousarray(numpy_helper.to_array(weight).T)
        weight.CopyFrom(numpy_helper.from_array(array, weight.name))
        for user in graph.node:
            user.input[:] = [weight.name if name == node.output[0] else name for name in user.input]
        graph.node.remove(node)


def put_bias_second(graph):
    """Write a linear layer as MatMul(x, weight) + bias, the order that optimisers look for."""
    initializers = {tensor.name for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type == "Add" and node.input[0] in initializers:
            node.input[:] = [node.input[1], node.input[0]]


def prune(graph):
    """Drop nodes and initializers that no output needs."""
    needed = {output.name for output in graph.output}
    for node in reversed(list(graph.node)):
        if needed.isdisjoint(node.output):
            graph.node.remove(node)
        else:
            needed.update(node.input)
    for tensor in [tensor for tensor in graph.initializer if tensor.name not in needed]:
        graph.initializer.remove(tensor)


def store_float16(graph):
    """Store every large weight as fp16, followed by a Cast to float32.

    What is small stays float32: the first layers' kernels, whose rounding all later layers see, and
    biases and normalisation, where a running variance may lie below what fp16 can hold.
    """
    casts = []
    for tensor in graph.initializer:
        if tensor.data_type != TensorProto.FLOAT:
            continue
        array = numpy_helper.to_array(tensor)
        if array.size < FLOAT16_FROM:
            continue
        tensor.CopyFrom(numpy_helper.from_array(array.astype(np.float16), tensor.name))
        wide = f"{tensor.name}/float32"
        for node in graph.node:
            node.input[:] = [wide if name == tensor.name else name for name in node.input]
        casts.append(helper.make_node("Cast", [tensor.name], [wide], wide, to=TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)


def finish(model, name):
    """The model to ship: only the last tap is an output, the others are described as values."""
    graph = model.graph
    prune(graph)
    store_float16(graph)
    graph.name = name
    del graph.value_info[:]
    graph.value_info.extend(graph.output[:-1])
    del graph.output[:-1]
    shipped = helper.make_model(
        graph,
        ir_version=IR_VERSION,
        opset_imports=[helper.make_opsetid("", OPSET)],
        producer_name="engraft",
    )
    onnx.checker.check_model(shipped, full_check=True)
    return shipped


# --- checks and files ---------------------------------------------------------------------------


def run_taps(model, feeds, taps):
    """Value of every tap by its name, by ONNX Runtime."""
    every = onnx.ModelProto()
    every.CopyFrom(model)
    every.graph.output.extend(model.graph.value_info)
    session = onnxruntime.InferenceSession(
        every.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    values = session.run([tap["value"] for tap in taps], feeds)
    return {tap["name"]: value for tap, value in zip(taps, values, strict=True)}


def least_cosine(expected, actual):
    """Least cosine between pooled outputs by tap, one dict for each input; stops when too low."""
    least = 1.0
    for case, (wanted, found) in enumerate(zip(expected, actual, strict=True)):
        for tap in wanted:
            a, b = wanted[tap].astype(np.float64), found[tap].astype(np.float64)
            cosine = float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))
            if not cosine >= MIN_COSINE:
                raise SystemExit(
                    f"Input {case}, {tap}: cosine {cosine} to PyTorch, need {MIN_COSINE}"
                )
            least = min(least, cosine)
    return least


def floats(array):
    """Little-endian float32, as base64."""
    return base64.b64encode(np.ascontiguousarray(array, dtype="<f4").tobytes()).decode()


def write_json(path, value):
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def write_model(folder, model, spec):
    """Write model.onnx, and spec.json with the digest of every file that predictions need."""
    (folder / spec["model"]).write_bytes(model.SerializeToString(deterministic=True))
    files = {}
    for name in [spec["model"], *filter(None, [spec["preprocessing"].get("tokenizer")])]:
        content = (folder / name).read_bytes()
        files[name] = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    write_json(folder / "spec.json", {"schemaVersion": 1, **spec, "files": files})


def write_reference(folder, cases, note):
    """Write reference.json: for a few inputs, what the PyTorch original gives at every tap."""
    encoding = "Arrays are base64 of little-endian float32."
    write_json(folder / "reference.json", {"note": f"{note} {encoding}", "cases": cases})
