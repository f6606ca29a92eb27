"""How are a hit, a pair, and what became of an item put in words and in JSON?"""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from lookalike.cli.terminal import plural
from lookalike.uris import is_web, uri_path

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lookalike.search import Answer, Pair, Part, Query, Words
    from lookalike.types import Hit, ImageRecord, Ingested

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


def answer_words(answer: "Answer", query: "Query") -> str:
    """Say how good an answer is as a whole: so many hits, merely the nearest there is, or nothing."""
    if not answer.hits:
        return "Nothing found."
    if answer.likely:
        return plural(len(answer.hits), "hit")
    why = "Nothing like it is here" if query.has_picture else "Nothing here suits these words well"
    return f"{why}; these are the nearest."


def pair_words(pair: "Pair") -> list[str]:
    """Say how two pictures, called A and B, relate; a line each for the verdict, what was done, and the proof."""
    from lookalike.types import Relation, Tier

    evidence, sure = pair.evidence, confidence_words(pair.confidence)
    if pair.tier is Tier.IDENTICAL:
        return ["Identical: the same bytes." if evidence.signal == "sha256" else "Identical: the same pixels."]
    if pair.relation is Relation.UNRELATED:
        return ["Nothing in common."]
    if pair.relation is Relation.SHARES_REGION:
        said = [f"Different pictures that share a region; that they are the same picture is {sure}."]
    else:
        said = [f"The same picture, edited: {sure}.", f"A is B: {evidence.transform}."]
        said += [f"B is A: {pair.reverse}."] if pair.reverse != evidence.transform else []
    points = evidence.regions[0].inliers
    count = plural(len(evidence.regions), "region matches", "regions match")
    return [*said, f"{count}, {'the first ' if len(evidence.regions) > 1 else ''}by {plural(points, 'point')}."]


def pair_json(pair: "Pair") -> dict[str, Any]:
    """Give what two pictures are to each other as JSON, with all evidence and the number of points of the best."""
    evidence = asdict(pair.evidence)
    return {
        "relation": pair.relation,
        "tier": pair.tier,
        "confidence": round(pair.confidence, 6),
        "signal": evidence["signal"],
        "transform": evidence["transform"],
        "reverse": pair.reverse,
        "inliers": max((region.inliers for region in pair.evidence.regions[:1]), default=0),
        "regions": evidence["regions"],
    }


def understood_words(words: "Words", *, described: bool) -> str:
    """Say how the words of a query were read; `described` where they are those that describe the query picture."""
    from lookalike.gallery.filters import format_filter

    def listed(parts: "Iterable[Part]", between: str = ", ") -> str:
        return between.join(f'"{part.text}"' if part.is_phrase else part.text for part in parts)

    heading, between = ("The picture, in words", " ") if described else ("Looked for", ", ")
    odd = [part for part in words.wanted if part.weight != 1]
    said = [
        (heading, listed(words.wanted, between)),
        ("counting", ", ".join(f"{listed([part])} {part.weight:g} times" for part in odd)),
        ("without", listed(words.excluded)),
        ("where", " ".join(map(format_filter, words.filters))),
    ]
    sentence = "; ".join(f"{head}{':' if place == 0 else ''} {text}" for place, (head, text) in enumerate(said) if text)
    return f"{sentence[:1].upper()}{sentence[1:]}."


def hit_json(hit: "Hit") -> dict[str, Any]:
    """Give a hit as JSON, named as over HTTP."""
    return {
        "rank": hit.rank,
        "tier": hit.tier,
        "score": round(hit.score, 6),
        "confidence": round(hit.confidence, 6),
        "evidence": asdict(hit.evidence),
        **record_json(hit.record),
    }


def record_json(record: "ImageRecord") -> dict[str, Any]:
    """Give a record as JSON, named as over HTTP."""
    return {
        "id": record.id,
        "uri": record.uri,
        "path": record.path,
        "width": record.width,
        "height": record.height,
        "format": record.format,
        "bytes": record.bytes,
        "sha256": record.sha256,
        "taken_at": record.taken_at.isoformat() if record.taken_at else None,
        "added_at": record.added_at.isoformat(),
        "title": record.title,
        "caption": record.caption,
        "caption_source": record.caption_source,
        "tags": list(record.tags),
        "recognised": dict(record.recognised),
        "label": record.label,
        "owner": record.owner,
        "link": record.link,
        "metadata": dict(record.metadata),
        "edited": list(record.edited),
    }


def named(uri: str) -> str:
    """Name a picture as one would type it: by its path, or by its address on the web."""
    return uri if is_web(uri) else uri_path(uri)


def ingested_json(one: "Ingested") -> dict[str, str]:
    """Give what became of one item as JSON."""
    return {"uri": one.uri, "path": uri_path(one.uri), "outcome": one.outcome, "reason": one.reason, "id": one.id}
