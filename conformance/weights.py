"""Which ONNX initializer holds which parameter: exporters rename, transpose and merge them."""

from dataclasses import dataclass

import numpy as np
from onnx import numpy_helper

NOT_READ = "the output does not depend on it"
MERGED = "the exporter merged it with other values: no initializer has its own"


@dataclass
class Weight:
    """An initializer and the parameter whose values it holds."""

    onnx: str
    torch: str
    transpose: bool
    shape: tuple[int, ...]

    def layout(self, array):
        """A parameter's values or gradient, as the initializer lays them out."""
        return (array.T if self.transpose else array).reshape(self.shape)


def match_weights(model, module, read):
    """The weights of an exported model, and why it lacks the other parameters.

    `read` names the parameters that the output depends on.
    """
    initializers = {
        initializer.name: numpy_helper.to_array(initializer)
        for initializer in model.graph.initializer
    }
    initializers |= constant_nodes(model)
    weights, left = [], []
    for name, parameter in module.named_parameters():
        if name not in read:
            left.append({"torch": name, "reason": NOT_READ})
            continue
        weight = find(name, parameter.detach().numpy(), initializers)
        if weight is None:
            left.append({"torch": name, "reason": MERGED})
        else:
            weights.append(weight)
    return weights, left


def constant_nodes(model):
    return {
        node.output[0]: numpy_helper.to_array(node.attribute[0].t)
        for node in model.graph.node
        if node.op_type == "Constant" and node.attribute[0].name == "value"
    }


def find(name, values, initializers):
    """The initializer of the same values: by name, else the first that has them."""
    candidates = [name] if name in initializers else []
    candidates += [other for other in initializers if other != name]
    for candidate in candidates:
        array = initializers[candidate]
        if array.dtype.kind != "f" or array.size != values.size:
            continue
        if np.array_equal(array.ravel(), values.ravel()):
            return Weight(candidate, name, False, array.shape)
        if values.ndim == 2 and np.array_equal(array.ravel(), values.T.ravel()):
            return Weight(candidate, name, True, array.shape)
    return None
