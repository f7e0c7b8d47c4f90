"""Text models of transformers, two layers deep and 32 channels wide."""

from transformers import (
    BertConfig,
    BertForSequenceClassification,
    CLIPTextConfig,
    CLIPTextModelWithProjection,
    DebertaV2Config,
    DebertaV2ForSequenceClassification,
    DistilBertConfig,
    DistilBertForSequenceClassification,
    ElectraConfig,
    ElectraForSequenceClassification,
    LlamaConfig,
    LlamaForCausalLM,
    ModernBertConfig,
    ModernBertForSequenceClassification,
    MPNetConfig,
    MPNetForSequenceClassification,
    RobertaConfig,
    RobertaForSequenceClassification,
    T5Config,
    T5EncoderModel,
)

from .network import CLASSES, architecture, pretrained, tokens

VOCABULARY = 60
LENGTH = 12
SMALL = {
    "vocab_size": VOCABULARY,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "max_position_embeddings": 20,
}


def text_network(model):
    ids, mask = tokens(LENGTH, VOCABULARY)
    return pretrained(model, {"input_ids": ids, "attention_mask": mask})


@architecture("bert", "torchscript-14", "torchscript-17", "dynamo-18")
def bert():
    return text_network(BertForSequenceClassification(BertConfig(**SMALL, num_labels=CLASSES)))


@architecture("bert-eager", "torchscript-11", "torchscript-13")
def bert_eager():
    config = BertConfig(**SMALL, num_labels=CLASSES, attn_implementation="eager")
    return text_network(BertForSequenceClassification(config))


@architecture("distilbert", "torchscript-14", "dynamo-18")
def distilbert():
    config = DistilBertConfig(
        vocab_size=VOCABULARY,
        max_position_embeddings=20,
        n_layers=2,
        n_heads=4,
        dim=32,
        hidden_dim=48,
        num_labels=CLASSES,
    )
    return text_network(DistilBertForSequenceClassification(config))


@architecture("mpnet", "torchscript-14", "dynamo-18")
def mpnet():
    return text_network(MPNetForSequenceClassification(MPNetConfig(**SMALL, num_labels=CLASSES)))


@architecture("roberta", "torchscript-17", "dynamo-18")
def roberta():
    config = RobertaConfig(**SMALL, num_labels=CLASSES)
    return text_network(RobertaForSequenceClassification(config))


@architecture("electra", "torchscript-14", "dynamo-18")
def electra():
    config = ElectraConfig(**SMALL, embedding_size=16, num_labels=CLASSES)
    return text_network(ElectraForSequenceClassification(config))


@architecture("deberta-v2", "torchscript-17", "dynamo-18")
def deberta_v2():
    config = DebertaV2Config(
        **SMALL,
        relative_attention=True,
        position_buckets=8,
        norm_rel_ebd="layer_norm",
        share_att_key=True,
        pos_att_type=["p2c", "c2p"],
        position_biased_input=False,
        num_labels=CLASSES,
    )
    return text_network(DebertaV2ForSequenceClassification(config))


@architecture("modernbert", "torchscript-17", "dynamo-18")
def modernbert():
    config = ModernBertConfig(
        **SMALL, local_attention=4, global_attn_every_n_layers=2, pad_token_id=0, num_labels=CLASSES
    )
    return text_network(ModernBertForSequenceClassification(config))


@architecture("t5-encoder", "torchscript-14", "dynamo-18")
def t5_encoder():
    config = T5Config(
        vocab_size=VOCABULARY,
        d_model=32,
        d_kv=8,
        d_ff=48,
        num_layers=2,
        num_heads=4,
        relative_attention_num_buckets=8,
        relative_attention_max_distance=16,
        feed_forward_proj="gated-gelu",
        # Exporting the fused attention with dynamo fails: a view of a transposed tensor.
        attn_implementation="eager",
    )
    return text_network(T5EncoderModel(config))


@architecture("llama", "torchscript-17", "dynamo-18")
def llama():
    config = LlamaConfig(**SMALL, num_key_value_heads=2, use_cache=False)
    return text_network(LlamaForCausalLM(config))


@architecture("clip-text", "torchscript-14", "dynamo-18")
def clip_text():
    config = CLIPTextConfig(**SMALL, projection_dim=16, eos_token_id=VOCABULARY - 1)
    return text_network(CLIPTextModelWithProjection(config))
