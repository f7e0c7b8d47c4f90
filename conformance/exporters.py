"""The two ONNX exporters of PyTorch."""

import contextlib
import io
import warnings

import onnx
import onnxruntime
import onnxscript.optimizer
import torch

from architectures import OneOutput

OUTPUT = "output"
MODULES = "pkg.torch.onnx.name_scopes"


def export(network, exporter, opset, path, fold):
    """Writes a network as ONNX and returns whether its batch is dynamic.

    `fold` lets the exporter compute what is constant, as it does by default; it may merge weights.
    That is so for weights of a few numbers only, as they are here, and for batch norms.
    """
    for dynamic in (True, False):
        try:
            with quiet():
                EXPORTERS[exporter](network, opset, path, fold, dynamic)
        except Exception:
            if not dynamic:
                raise
            continue
        drop_sources(path)
        return dynamic


def export_torchscript(network, opset, path, fold, dynamic):
    names = list(network.inputs)
    torch.onnx.export(
        network.module,
        tuple(network.inputs.values()),
        str(path),
        dynamo=False,
        opset_version=opset,
        input_names=names,
        output_names=[OUTPUT],
        dynamic_axes={name: {0: "batch"} for name in names} if dynamic else None,
        do_constant_folding=fold,
        # Else batch norms are merged into convolutions; the modules are in eval mode all the same.
        training=torch.onnx.TrainingMode.PRESERVE,
    )


def export_dynamo(network, opset, path, fold, dynamic):
    torch.onnx.export(
        network.module,
        tuple(network.inputs.values()),
        str(path),
        dynamo=True,
        opset_version=opset,
        input_names=list(network.inputs),
        output_names=[OUTPUT],
        dynamic_shapes=batch_dimensions(network) if dynamic else None,
        external_data=False,
        verbose=False,
        optimize=fold,
    )
    if not fold:
        # What does not read a weight is folded all the same.
        onnx.save(onnxscript.optimizer.optimize(onnx.load(path), input_size_limit=0), path)


def batch_dimensions(network):
    """The dynamic dimensions, in the structure of the module's arguments."""
    batch = torch.export.Dim("batch")
    shapes = tuple({0: batch} for _ in network.inputs)
    return (shapes,) if isinstance(network.module, OneOutput) else shapes


EXPORTERS = {"torchscript": export_torchscript, "dynamo": export_dynamo}


def drop_sources(path):
    """Of where each node comes from keep the module only: else that is most of a small file."""
    model = onnx.load(path)
    for node in model.graph.node:
        kept = [entry for entry in node.metadata_props if entry.key == MODULES]
        del node.metadata_props[:]
        node.metadata_props.extend(kept)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def check_output(path, network, expected):
    """The file must compute what the module does, before anything is compared to it."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(path), options, ["CPUExecutionProvider"])
    feeds = {name: value.numpy() for name, value in network.inputs.items()}
    (actual,) = session.run(
        [OUTPUT], {item.name: feeds[item.name] for item in session.get_inputs()}
    )
    error = (torch.from_numpy(actual) - expected).norm() / expected.norm()
    if not error < 1e-4:
        raise ValueError(f"the exported model is off by {error:.1e}")


@contextlib.contextmanager
def quiet():
    """Keeps the exporters' progress and warnings back."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        yield
