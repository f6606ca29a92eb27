"""Which languages does a checkpoint know? Its files do not say, so here is what its authors do; English, if nothing."""

_FIFTY = (
    *("ar", "bg", "ca", "cs", "da", "de", "el", "en", "es", "et", "fa", "fi", "fr", "gl", "gu", "he", "hi", "hr", "hu"),
    *("hy", "id", "it", "ja", "ka", "ko", "ku", "lt", "lv", "mk", "mn", "mr", "ms", "my", "nb", "nl", "pl", "pt", "ro"),
    *("ru", "sk", "sl", "sq", "sr", "sv", "th", "tr", "uk", "ur", "vi", "zh"),
)
_MEASURED = (
    *("ar", "bn", "cs", "da", "de", "el", "en", "es", "fa", "fi", "fr", "he", "hi", "hr", "hu", "id", "it", "ja"),
    *("ko", "mi", "nl", "no", "pl", "pt", "ro", "ru", "sv", "sw", "te", "th", "tr", "uk", "vi", "zh"),
)

_LANGUAGES = {
    # Source: https://www.sbert.net/docs/sentence_transformer/pretrained_models.html, multilingual models
    "multilingual-v1": _FIFTY,
    # Trained on 109, measured on those of Crossmodal-3600. Source: arXiv:2502.14786; arXiv:2205.12522
    "siglip2": _MEASURED,
}


def languages_of(repo: str) -> tuple[str, ...]:
    """Give ISO 639-1 codes for a repository's name."""
    return next((known for part, known in _LANGUAGES.items() if part in repo.lower()), ("en",))
