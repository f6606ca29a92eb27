"""How do checkpoints of the Hugging Face hub become captioners? TransformersCaptioner runs them, in torch."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float32

from lookalike.captioners import Generation, See
from lookalike.captioners.repositories import Family, fetch_captioner, read_family, read_json
from lookalike.decode import Fit
from lookalike.decode.pixels import fit_pixels
from lookalike.errors import BadInput
from lookalike.models.network import brief
from lookalike.models.packages import require_torch_and
from lookalike.models.preprocessing import read_transformers
from lookalike.models.with_torch import find_device, telling_full
from lookalike.models.with_transformers import load_pretrained, telling_faults
from lookalike.types import Caption, Maps, Pixels

_BEAMS, _MAX_TOKENS, _BATCH = 3, 32, 8
"""Where nothing else is said; what people write of pictures has 10 to 20 tokens."""

_BELIEVED = (
    *("bos_token_id", "eos_token_id", "pad_token_id", "decoder_start_token_id"),
    *("forced_bos_token_id", "forced_eos_token_id", "no_repeat_ngram_size"),
)
"""What is taken of a checkpoint's generation_config.json: the rest could take any time and memory."""

_MAX_CHARACTERS = 1_000


class TransformersCaptioner:
    """Writes a sentence about each picture, with eyes of its own.

    On a CPU each call works in the caller's thread, so torch is told to use one thread a call, in the whole process.
    The confidence of a caption is the geometric mean of its tokens' probabilities, which nobody has calibrated.

    Raises:
        BadInput: the folder holds no captioner, a broken one, or one that lacks weights.
        MachineError: the graphics card has too little memory.
        MissingExtra: torch or Transformers is not installed, or the graphics card that was asked for is not there.
    """

    def __init__(self, name: str, folder: Path, generation: Generation | None = None) -> None:
        """Load the captioner of a folder, from its safetensors and texts alone."""
        require_torch_and(f"The captioner {name} needs", "transformers")
        self.name = name
        family, wanted = read_family(folder), read_transformers(read_json(folder / _PREPROCESSING), name)
        self.fit: Fit | None = Fit(
            size=wanted.size, mode=wanted.fit, margin=wanted.margin, filter=wanted.filter, rounding=wanted.rounding
        )
        mean, std = np.array(wanted.mean, np.float32), np.array(wanted.std, np.float32)
        self._cut = self.fit
        self._slope, self._offset = 1 / (255 * std), -mean / std
        how = generation or Generation()
        self.batch = how.batch
        self._writer = _Writer(name, folder, family, how)

    def caption(self, images: Sequence[Pixels], maps: Maps | None = None) -> list[Caption]:  # noqa: ARG002 - has eyes
        """Caption n ≥ 0 pictures of any size, in their order.

        Raises:
            BadInput: the network fails on them.
            MachineError: the graphics card has too little memory.
        """
        captions: list[Caption] = []
        size = self.batch or _BATCH
        for start in range(0, len(images), size):
            captions += self._writer.write(self.prepare(images[start : start + size]))
        return captions

    def prepare(self, images: Sequence[Pixels]) -> Float32[np.ndarray, "n 3 side side"]:
        """Bring pictures to the numbers that the network was trained on."""
        batch = np.stack([fit_pixels(image, self._cut) for image in images])
        return np.ascontiguousarray((batch * self._slope + self._offset).transpose(0, 3, 1, 2))


_PREPROCESSING = "preprocessor_config.json"


class _Writer:
    """A network, its tokenizer, what it is asked, and how sentences are looked for."""

    def __init__(self, name: str, folder: Path, family: Family, how: Generation) -> None:
        import torch
        import transformers

        self._name = name
        model, lacking = load_pretrained(getattr(transformers, family.model), folder, name)
        with telling_faults(name):
            self._tokenizer = transformers.AutoTokenizer.from_pretrained(
                folder, local_files_only=True, trust_remote_code=False
            )
            self._prompt = _prompt(folder, family, self._tokenizer, model.config)
        # The pooler of a ViT is often not there, and not used here.
        missing = [key for key in lacking if not key.startswith("encoder.pooler.")]
        if missing:
            what = f"The captioner {name} lacks {len(missing)} of its weights, such as {missing[0][:100]}."
            raise BadInput(what, "Fetch it again, or use another.")
        found = find_device(how.engine)
        self._device = "cpu" if found == "mps" else found  # writing sentences was never tried on Apple's graphics
        if self._device == "cpu":
            torch.set_num_threads(1)
        with telling_full(name):
            self._model = model.eval().to(self._device)
        self._speaker = getattr(model, "text_decoder", model)  # the part that writes
        self._speaker.generation_config = _generation_config(self._speaker, how)
        logging.getLogger("transformers.modeling_utils").addFilter(_is_no_hint)

    def write(self, numbers: Float32[np.ndarray, "n 3 side side"]) -> list[Caption]:
        import torch

        given: dict[str, Any] = {"pixel_values": torch.from_numpy(numbers).to(self._device)}
        if self._prompt:
            given["input_ids"] = torch.tensor([self._prompt] * len(numbers), device=self._device)
            given["attention_mask"] = torch.ones_like(given["input_ids"])
        try:
            with telling_full(self._name), torch.inference_mode():
                made = self._model.generate(**given)
                scores = self._speaker.compute_transition_scores(
                    made.sequences, made.scores, getattr(made, "beam_indices", None), normalize_logits=True
                )
        except (RuntimeError, ValueError, IndexError, TypeError, AttributeError) as error:
            raise BadInput(f"The captioner {self._name} failed: {brief(error)}.", "Use another one.") from None
        said = self._tokenizer.batch_decode(made.sequences, skip_special_tokens=True)
        return [as_caption(text, row) for text, row in zip(said, scores.float().cpu().numpy(), strict=True)]


def load_hf(
    rest: str, see: See | None = None, fit: Fit | None = None, generation: Generation | None = None
) -> TransformersCaptioner:
    """Load a captioner of the hub, `org/model` or `org/model@revision`; it sees for itself.

    Raises:
        BadInput: it has only pickles, or is no captioner.
        NotFound, LoginNeeded, NotAllowed, TooOften, Unreachable: it cannot be fetched.
        MissingExtra: torch, Transformers or the hub's client is not installed.
    """
    del see, fit  # for those without eyes
    require_torch_and(f"The captioner hf:{rest} needs", "transformers")
    repo, _, revision = rest.partition("@")
    snapshot = fetch_captioner(repo, revision)
    return TransformersCaptioner(f"hf:{repo}@{snapshot.commit}", snapshot.path, generation)


def _prompt(folder: Path, family: Family, tokenizer: Any, config: Any) -> list[int]:
    """Give the tokens that ask for a caption: room for the picture, then the question; none where nothing is asked."""
    if not family.prompt:
        return []
    room = read_json(folder / _PREPROCESSING).get("image_seq_length")
    if type(room) is not int or not 1 <= room <= 10_000:
        raise BadInput(f"{folder} gives a picture {str(room)[:60]} tokens.", "Fetch it again, or use another.")
    asked = tokenizer(family.prompt, add_special_tokens=False)["input_ids"]
    return [config.image_token_id] * room + [tokenizer.bos_token_id, *asked, tokenizer.eos_token_id]


def _is_no_hint(record: logging.LogRecord) -> bool:
    """Pass over the hint that what ends a sentence, while others go on, may be taken for padding: here it is meant."""
    return "attention_mask" not in record.getMessage()


def _generation_config(speaker: Any, how: Generation) -> Any:
    from transformers import GenerationConfig

    own = {name: getattr(speaker.generation_config, name, None) for name in _BELIEVED}
    beams = how.beams or _BEAMS
    return GenerationConfig(
        **{name: value for name, value in own.items() if value is not None},
        num_beams=beams,
        max_new_tokens=how.max_tokens or _MAX_TOKENS,
        early_stopping=beams > 1,
        do_sample=False,
        return_dict_in_generate=True,
        output_scores=True,
    )


def as_caption(said: str, log_probs: Float32[np.ndarray, " tokens"]) -> Caption:
    """Make one line of what a network said; `log_probs` are those of its tokens, 0 or −∞ behind its end."""
    text = "".join(c if c.isprintable() else " " for c in said[:_MAX_CHARACTERS])
    text = " ".join(text.split()).rstrip(". ")
    counted = log_probs[np.isfinite(log_probs) & (log_probs < 0)]
    sure = float(np.exp(counted.mean())) if counted.size else 1.0
    return Caption(text=text, confidence=sure if text else 0.0)
