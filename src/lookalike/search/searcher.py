"""Which pictures answer a query? Resolve it once, gather candidates, rank them by tier and score."""

import math
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from lookalike.copies.verifier import Comparison
from lookalike.decode import DecodePool
from lookalike.encoders import Encoder, TextEncoder
from lookalike.errors import BadInput, BadWords
from lookalike.fetch import Fetcher
from lookalike.gallery import Gallery
from lookalike.gallery.filters import Filter, parse_filter
from lookalike.gallery.suiting import HeldWords
from lookalike.recent import Recent
from lookalike.search.comparing import Comparisons
from lookalike.search.copies import CopyFinder
from lookalike.search.description import Captioning, Description
from lookalike.search.fusion import Calibration, either
from lookalike.search.hits import compared, confidence_of, evidence_of, make_hits
from lookalike.search.hybrid import nearest_of, pool_of_texts, tail_and_pool
from lookalike.search.identity import REMEMBERED, Identity, Look
from lookalike.search.meaning import Meant, direction_of, together
from lookalike.search.paging import Candidate, Cursor
from lookalike.search.query import Query
from lookalike.search.ranking import Contest, Tail, begun_tail, ranked
from lookalike.search.resolving import Resolver
from lookalike.search.spaces import calibration_of_words, check_space, stored_space
from lookalike.search.words import Words, parse_words, plain_words
from lookalike.threads import await_turn, usable_cores
from lookalike.types import Hit

MAX_DEPTH = 10_000
"""How far one may page into the answers; whoever wants more wants a filter."""
COPY_SUFFIX = "/copy"
"""What the space of an encoder's copy vectors ends with."""
_NO_WORDS = "No words were found that describe the picture."
_LIKELY = 0.5
"""Confidence from which on a hit is called an answer rather than merely the nearest there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One page of hits."""

    hits: tuple[Hit, ...]
    after: str
    """Give it to `search` for the next page; empty at the end."""
    likely: bool
    """Whether this page or one before it holds a good answer, rather than merely the nearest there is."""
    understood: Words | None = None
    """How the words that were searched with were read; None where there were none."""
    description: str = ""
    """The words that describe the query picture, in the modes that search with them; to search with others, give
    those as the query's `text`."""
    remarks: tuple[str, ...] = ()
    """What could not be taken into account, and what to do about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ranking:
    """What pages are cut from."""

    where: Filter
    pool: Mapping[str, Candidate] = field(default_factory=dict)
    tail: Tail | None = None
    confidence: Callable[[float], float] = float
    """Makes the confidence of a score, but for what was compared."""
    compared: Mapping[str, Comparison] = field(default_factory=dict)
    itself: str = ""
    words: Words | None = None
    description: str = ""
    remarks: tuple[str, ...] = ()


class Searcher:
    """Answers queries from one gallery with one encoder. May be shared by threads."""

    def __init__(
        self,
        gallery: Gallery,
        encoder: Encoder,
        decoder: DecodePool,
        fetcher: Fetcher | None = None,
        copies: CopyFinder | None = None,
        captioning: Captioning = lambda: None,
    ) -> None:
        """Tie the parts together; none of them is closed by this object. Without `copies` no answer is `edited`.

        `captioning` gives the captioner when a query picture is first to be put into words.
        """
        self.gallery = gallery
        self.encoder = encoder
        self._resolver = Resolver(gallery, encoder, decoder, fetcher or Fetcher(), copies, captioning)
        self._looks: Recent[Look] = Recent(REMEMBERED)
        self._space = next(iter(encoder.spaces.values()))
        copy_space = next((name for name in encoder.spaces if name.endswith(COPY_SUFFIX)), "")
        self._comparisons = Comparisons(gallery, copies, copy_space)
        self._beside = ThreadPoolExecutor(usable_cores(), "vectors")

    def search(self, query: Query, k: int = 10, after: str = "") -> Answer:
        """Find the k best hits, or the k after the page whose `after` is given.

        Hits come by tier, within a tier by falling score; ties are broken by id. Where words are searched with, the
        score of a similar hit is its confidence.

        Raises:
            BadInput: a wrong filter, region, k or cursor; words that cannot be read, or not by these parts.
            NotFound: no such file or id.
            UnreadableImage, TooLarge, Unreachable: the query picture cannot be had or decoded.
            GalleryError: the gallery was made with another encoder.
        """
        where = parse_filter(query.where)
        words = parse_words(query.text) if query.text.strip() else None
        cursor = Cursor.read(after, query, self._space.name)
        if not 1 <= k <= MAX_DEPTH - cursor.seen:
            raise BadInput(
                f"k is {k}; with the pages before it must stay between 1 and {MAX_DEPTH:,}.",
                "Ask for one hit or more." if k < 1 else "Narrow the search with a filter instead.",
            )
        check_space(self.gallery, self.encoder)
        ranking = self._rank(query, where, words, goes_on=bool(after))
        contest = Contest(
            where=ranking.where,
            pool=ranking.pool,
            tail=ranking.tail,
            itself=ranking.itself,
            least=query.min_score,
        )
        fresh = ranked(self.gallery, contest, cursor, k)
        held = HeldWords(ranking.words.terms) if ranking.words else None
        hits = make_hits(
            self.gallery,
            fresh[:k],
            cursor.seen + 1,
            lambda one: confidence_of(one, ranking.compared, ranking.confidence),
            lambda one, record: evidence_of(one, record, ranking.compared, held),
        )
        likely = cursor.likely or any(hit.confidence >= _LIKELY for hit in hits)
        following = cursor.beyond(fresh[:k], likely=likely) if len(fresh) > k else None
        return Answer(
            hits=hits,
            after=following.write(query, self._space.name) if following else "",
            likely=likely,
            understood=ranking.words,
            description=ranking.description,
            remarks=ranking.remarks,
        )

    def _rank(self, query: Query, where: Filter, words: Words | None, *, goes_on: bool) -> _Ranking:
        """Work out what all pages are cut from."""
        if query.has_picture and query.mode in {"caption", "all"}:
            return self._by_description(query, where, words, goes_on=goes_on)
        if query.has_picture and words is not None:
            return self._by_both(query, where, words)
        if query.has_picture:
            return self._by_picture(query, where, goes_on=goes_on)
        if words is None or not words.wanted:
            raise BadWords(
                "There is no word to look for, only what to leave out or to filter by.",
                "Add a word, or search by a picture.",
            )
        return self._by_words(words, where)

    def _by_picture(self, query: Query, where: Filter, *, goes_on: bool) -> _Ranking:
        """Rank by the very picture, its edited copies, then by its looks."""
        resolved = self._resolver.resolve(query, self._space.name, with_copies=True)
        await_turn()
        stored = self.gallery.spaces.get(self._space.name)
        if stored is None:
            return _Ranking(where=where)
        identity = Identity(self.gallery, self._resolver.decoder, resolved, self._looks)
        certain = identity.by_hash(where)
        tail = begun_tail(self.gallery, self._space.name, resolved.vectors[self._space.name], float, where)
        comparisons = self._comparisons.find(resolved, where, query, certain, goes_on=goes_on)
        certain |= identity.among(comparisons)
        comparisons = {id_: one for id_, one in comparisons.items() if id_ not in certain}
        certain |= {id_: compared(id_, one) for id_, one in comparisons.items()}
        return _Ranking(
            where=where,
            pool=certain,
            tail=tail,
            confidence=Calibration.of_pictures(stored.calibration).confidence,
            compared=comparisons,
            itself=resolved.itself,
        )

    def _by_words(self, words: Words, where: Filter, itself: str = "") -> _Ranking:
        """Rank by what is written about pictures, and by what they show."""
        space, meant, remarks = self._meant(words)
        await_turn()
        where = words.narrowing(where)
        tail: Tail | None = None
        if meant is None:
            scored = pool_of_texts(self.gallery, words.terms, where)
        else:
            tail, scored = tail_and_pool(self.gallery, space, words.terms, meant, where, self._beside)
        scored.pop(itself, None)
        return _Ranking(
            where=where,
            pool=scored,
            tail=tail,
            itself=itself,
            words=words,
            remarks=remarks,
        )

    def _by_both(self, query: Query, where: Filter, words: Words) -> _Ranking:
        """Rank by what a picture and words mean together; no hit is `identical` or `edited`."""
        encoder, where = self.encoder, words.narrowing(where)
        if not isinstance(encoder, TextEncoder):
            raise BadInput(
                f"A picture and words cannot be searched for together: the encoder {encoder.name!r} knows no words.",
                "Index with one that does, such as mini; or keep to the picture, with a filter such as text:snow.",
            )
        resolved = self._resolver.resolve(query, encoder.text_space)
        await_turn()
        stored = stored_space(self.gallery, encoder, encoder.text_space)
        if stored is None:
            return _Ranking(where=where, words=words)
        meant = together(
            resolved.vectors[encoder.text_space],
            Calibration.of_pictures(stored.calibration),
            words,
            calibration_of_words(stored, encoder),
            encoder,
        )
        tail, scored = tail_and_pool(self.gallery, stored.name, words.terms, meant, where, self._beside)
        scored.pop(resolved.itself, None)
        return _Ranking(where=where, pool=scored, tail=tail, itself=resolved.itself, words=words)

    def _by_description(self, query: Query, where: Filter, words: Words | None, *, goes_on: bool) -> _Ranking:
        """Rank by the words that describe a picture, alone or together with its looks.

        Words that only leave out or filter say nothing of what it shows: they stand beside those that describe it.
        """
        described, words = Description(query.text.strip()), words or Words()
        if not words.wanted:
            await_turn()
            described = self._resolver.describe(query)
            words = replace(words, wanted=plain_words(described.text).wanted)
            described = replace(described, text=str(words))
        if not words.wanted and query.mode == "all":
            ranking = self._by_picture(query, words.narrowing(where), goes_on=goes_on)
            understood = None if words == Words() else words
            return replace(ranking, words=understood, remarks=(*described.remarks, _NO_WORDS))
        if not words.wanted:
            raise BadInput(_NO_WORDS, "Give some as text.")
        ranking = self._by_words(words, where, query.id)
        remarks = (*described.remarks, *ranking.remarks)
        if query.mode == "all":
            ranking = self._fused(self._by_picture(query, ranking.where, goes_on=goes_on), ranking)
        return replace(ranking, words=words, description=described.text, remarks=remarks)

    def _fused(self, looks: _Ranking, words: _Ranking) -> _Ranking:
        """Rank by the looks of a picture, and those pictures higher that the words mean, too."""
        if looks.tail is None:
            return looks
        by_words = {one.id: one for one in (*nearest_of(words.tail), *words.pool.values())}
        by_words = {id_: one for id_, one in by_words.items() if id_ not in looks.pool and id_ != looks.itself}
        confidence = Calibration.of_pictures(self.gallery.spaces[looks.tail.space].calibration).confidence
        cosines = self.gallery.similarity(looks.tail.space, looks.tail.vector, list(by_words))
        unproved = {
            one.id: replace(one, score=either(0.0 if math.isnan(cosine) else confidence(cosine), one.score))
            for one, cosine in zip(by_words.values(), cosines.tolist(), strict=True)
        }
        return replace(
            looks, pool={**unproved, **looks.pool}, tail=replace(looks.tail, score=confidence), confidence=float
        )

    def _meant(self, words: Words) -> tuple[str, Meant | None, tuple[str, ...]]:
        """Give what words mean, in which space; nothing where it cannot be said, and why."""
        encoder = self.encoder
        if not isinstance(encoder, TextEncoder):
            remark = (
                f"Only names, captions, tags and other texts were searched: the encoder {encoder.name!r} knows no "
                "words. Index with one that does, such as mini, to find what pictures show."
            )
            return "", None, (remark,)
        stored, direction = stored_space(self.gallery, encoder, encoder.text_space), direction_of(words, encoder)
        if stored is None or direction is None:
            return "", None, ()
        return stored.name, Meant(direction, calibration_of_words(stored, encoder)), ()
