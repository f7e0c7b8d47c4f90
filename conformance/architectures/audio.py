"""Speech models of transformers, two layers deep."""

import torch
from transformers import Wav2Vec2Config, Wav2Vec2ForSequenceClassification, WhisperConfig
from transformers.models.whisper.modeling_whisper import WhisperEncoder

from .network import BATCH, CLASSES, architecture, pretrained


@architecture("wav2vec2", "torchscript-14", "torchscript-17", "dynamo-18")
def wav2vec2():
    config = Wav2Vec2Config(
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        conv_dim=(16, 16, 16),
        conv_stride=(5, 2, 2),
        conv_kernel=(10, 3, 2),
        num_conv_pos_embeddings=16,
        num_conv_pos_embedding_groups=4,
        classifier_proj_size=16,
        num_labels=CLASSES,
    )
    model = Wav2Vec2ForSequenceClassification(config)
    return pretrained(model, {"input_values": torch.randn(BATCH, 400)})


@architecture("whisper-encoder", "torchscript-14", "dynamo-18")
def whisper_encoder():
    config = WhisperConfig(
        d_model=32,
        encoder_layers=2,
        encoder_attention_heads=4,
        encoder_ffn_dim=48,
        num_mel_bins=8,
        max_source_positions=20,
    )
    return pretrained(WhisperEncoder(config), {"input_features": torch.randn(BATCH, 8, 40)})
