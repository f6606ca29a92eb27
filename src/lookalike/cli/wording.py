"""How is a hit put in words and in JSON?"""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lookalike.types import Hit

_WORDS = ((0.995, "certain"), (0.9, "very likely"), (0.5, "likely"), (0.2, "perhaps"), (0.0, "unlikely"))


def confidence_words(confidence: float) -> str:
    """Say a probability as people do, with its percentage: `likely, 71 %`."""
    word = next(word for least, word in _WORDS if confidence >= least)
    return f"{word}, {_percent(confidence)} %"


def _percent(confidence: float) -> int:
    """Round, but keep 0 and 100 for what is so."""
    if 0 < confidence < 1:
        return min(max(round(confidence * 100), 1), 99)
    return round(confidence * 100)


def hit_json(hit: "Hit") -> dict[str, Any]:
    """Give a hit as JSON, named as over HTTP."""
    record = hit.record
    return {
        "rank": hit.rank,
        "id": record.id,
        "uri": record.uri,
        "path": record.path,
        "tier": hit.tier,
        "score": round(hit.score, 6),
        "confidence": round(hit.confidence, 6),
        "evidence": asdict(hit.evidence),
        "width": record.width,
        "height": record.height,
        "format": record.format,
        "bytes": record.bytes,
        "sha256": record.sha256,
        "taken_at": record.taken_at.isoformat() if record.taken_at else None,
        "added_at": record.added_at.isoformat(),
        "title": record.title,
        "caption": record.caption,
        "tags": list(record.tags),
        "label": record.label,
        "owner": record.owner,
        "link": record.link,
        "metadata": dict(record.metadata),
    }
