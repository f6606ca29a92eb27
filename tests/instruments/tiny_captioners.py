"""Captioners of the hub's kinds, tiny and at random: the files that a repository of each would hold."""

import json
from pathlib import Path
from typing import Any

WORDS = ("a", "dog", "cat", "runs", "sleeps", "on", "the", "beach", "red", "ball", "what", "does", "image", "describe")
SPECIAL = ("<pad>", "<s>", "</s>", "<unk>", "<image>")
PAD, BOS, EOS, UNKNOWN, IMAGE = range(len(SPECIAL))
SIZE = 32


def write_captioner(kind: str, folder: Path) -> Path:
    """Write what transformers writes of a captioner of this `model_type`; the same numbers each time."""
    import torch

    torch.manual_seed(len(kind))
    folder.mkdir(parents=True, exist_ok=True)
    model = {"blip": _blip, "florence2": _florence2, "vision-encoder-decoder": _vit_gpt2}[kind]()
    with torch.no_grad():  # numbers so small that all tokens are as likely would hide mistakes
        for name, weights in model.named_parameters():
            if "norm" not in name.lower() and weights.ndim > 1:
                weights.normal_(0, 0.5)
    model.save_pretrained(folder)
    _write_tokenizer(folder)
    preprocessing = {
        "do_resize": True,
        "size": {"height": SIZE, "width": SIZE},
        "resample": 3,
        "do_normalize": True,
        "image_mean": [0.5, 0.4, 0.3],
        "image_std": [0.2, 0.3, 0.4],
    }
    if kind == "florence2":
        preprocessing["image_seq_length"] = 2
    (folder / "preprocessor_config.json").write_text(json.dumps(preprocessing))
    return folder


def _text(**more: Any) -> dict[str, Any]:
    return {
        "vocab_size": len(SPECIAL) + len(WORDS),
        "pad_token_id": PAD,
        "bos_token_id": BOS,
        "eos_token_id": EOS,
    } | more


def _blip() -> Any:
    from transformers import BlipConfig, BlipForConditionalGeneration

    sizes = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    text = _text(**sizes, sep_token_id=EOS, max_position_embeddings=64, projection_dim=16, encoder_hidden_size=16)
    vision = {**sizes, "image_size": SIZE, "patch_size": 16}
    return BlipForConditionalGeneration(BlipConfig(text_config=text, vision_config=vision, projection_dim=16))


def _vit_gpt2() -> Any:
    from transformers import GPT2Config, VisionEncoderDecoderConfig, VisionEncoderDecoderModel, ViTConfig

    sizes = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    encoder = ViTConfig(**sizes, image_size=SIZE, patch_size=16)
    decoder = GPT2Config(**_text(n_embd=16, n_layer=2, n_head=2, n_positions=64), add_cross_attention=True)
    config = VisionEncoderDecoderConfig.from_encoder_decoder_configs(encoder, decoder)
    config.decoder_start_token_id, config.pad_token_id, config.eos_token_id = BOS, PAD, EOS
    model = VisionEncoderDecoderModel(config)
    model.generation_config.decoder_start_token_id = BOS
    model.generation_config.pad_token_id, model.generation_config.eos_token_id = PAD, EOS
    return model


def _florence2() -> Any:
    from transformers import Florence2Config, Florence2ForConditionalGeneration

    vision = {
        "depths": (1, 1),
        "patch_size": (7, 3),
        "patch_stride": (4, 8),
        "patch_padding": (3, 1),
        "patch_prenorm": (False, True),
        "embed_dim": (8, 16),
        "num_heads": (2, 2),
        "num_groups": (2, 2),
        "window_size": 4,
        "projection_dim": 16,
    }
    text = _text(
        model_type="bart",
        d_model=16,
        encoder_layers=1,
        decoder_layers=1,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=32,
        decoder_ffn_dim=32,
        max_position_embeddings=64,
        decoder_start_token_id=EOS,
        forced_eos_token_id=EOS,
    )
    return Florence2ForConditionalGeneration(
        Florence2Config(text_config=text, vision_config=vision, image_token_id=IMAGE)
    )


def _write_tokenizer(folder: Path) -> None:
    from tokenizers import Tokenizer, models, pre_tokenizers

    vocabulary = {word: number for number, word in enumerate((*SPECIAL, *WORDS))}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token=SPECIAL[UNKNOWN]))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.add_special_tokens(list(SPECIAL))
    tokenizer.save(str(folder / "tokenizer.json"))
    named = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "pad_token": SPECIAL[PAD],
        "bos_token": SPECIAL[BOS],
        "eos_token": SPECIAL[EOS],
        "unk_token": SPECIAL[UNKNOWN],
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(named))
