"""How well do vectors rank? By label, by the names of labels, and by captions, each against everything else."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from lookalike.evaluation.figures import Asked
from lookalike.evaluation.judged import SHOWN, Judged, JudgedHit
from lookalike.evaluation.runs import QUERIES, Plan
from lookalike.evaluation.subject import Subject, Vectors, proofs
from lookalike.evaluation.truth.labels import in_words
from lookalike.types import Embeddings

_BLOCK = 32
"""Queries ranked at once: their scores against 100,000 pictures take 13 MB."""

_RANKING = ("mAP", "mAP@10", "success@1", "success@5", "precision@10", "recall@10", "nDCG@10", "MRR")
_FINDING = ("success@1", "success@5", "success@10", "MRR")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Whose vector is asked, and what is relevant to it among what is ranked."""

    name: str
    relevant: np.ndarray
    """Places in what is ranked."""
    apart: Sequence[int] = ()
    """Places that take no part: the asking picture, and what is neither right nor wrong."""
    id: str = ""
    group: str = ""
    seeks: str = ""
    """The picture that words are to find, where others may have the same words."""


def by_label(
    subject: Subject, labels: Mapping[str, str], *, by: str = "label", queries: int = QUERIES, seed: int = 0
) -> Plan:
    """Ask with each labelled picture for all others of its label, among all that have one."""
    space = subject.space()
    ranked = subject.vectors(space.name).only(set(subject.askable(labels)))
    counts = Counter(labels[id_] for id_ in ranked.places)
    alike = _count_alike(subject, ranked, labels)
    asking = _drawn((id_ for id_ in ranked.places if counts[labels[id_]] > alike[id_]), queries, seed)
    twins = _twins(subject, ranked, asking)
    members = _members(ranked, labels)
    questions = [
        Question(
            name=subject.records[id_].path,
            relevant=members[labels[id_]],
            apart=[ranked.places[one] for one in (id_, *twins[id_])],
            id=id_,
            group=labels[id_],
        )
        for id_ in asking
    ]
    vectors = ranked.rows[[ranked.places[id_] for id_ in asking]]
    return Plan(
        title=f"Pictures by {by}",
        says=f"Each of {len(asking):,} pictures asks for the others of its {by}, among {len(ranked.ids):,} pictures "
        f"of {len(counts):,} classes; compared by {space.name}.{_told(sum(bool(twins[id_]) for id_ in asking))}",
        total=len(asking),
        queries=_judged(questions, vectors, ranked, subject.confidence_of_pictures(space)),
        asked=Asked(per_query=_RANKING, by_group=("mAP", "success@1")),
        group_word="class",
        group_of=labels,
    )


def by_name(subject: Subject, labels: Mapping[str, str], *, queries: int = QUERIES, seed: int = 0) -> list[Plan]:
    """Ask with the name of each class for its pictures, and with each picture for the name of its class."""
    encoder = subject.text_encoder()
    ranked = subject.vectors(encoder.text_space).only(set(subject.askable(labels)))
    members = _members(ranked, labels)
    classes = sorted(members)
    words = [in_words(one) for one in classes]
    texts = Vectors(classes, encoder.encode_text(words))
    asking = _drawn(ranked.places, queries, seed)
    confidence = subject.confidence_of_words()
    places = np.random.default_rng(seed).permutation(len(classes)).tolist()
    of_words = [Question(name=words[n], relevant=members[classes[n]], group=classes[n]) for n in places]
    of_pictures = [
        Question(
            name=subject.records[id_].path, relevant=np.array([texts.places[labels[id_]]]), id=id_, group=labels[id_]
        )
        for id_ in asking
    ]
    rows = ranked.rows[[ranked.places[id_] for id_ in asking]]
    among = f"{len(ranked.ids):,} pictures of {len(classes):,} classes"
    return [
        Plan(
            title="Pictures by the name of their class",
            says=f"The name of each class asks for its pictures, among {among}; compared by {encoder.text_space}.",
            total=len(classes),
            queries=_judged(of_words, texts.rows[places], ranked, confidence),
            asked=Asked(per_query=("mAP", "success@1", "precision@10", "nDCG@10"), by_group=("mAP", "precision@10")),
            group_word="class",
            group_of=labels,
        ),
        Plan(
            title="The name of the class by a picture",
            says=f"Each of {len(asking):,} pictures asks for the name of its class, which nobody showed it "
            f"(zero-shot), among {len(classes):,}; compared by {encoder.text_space}.",
            total=len(asking),
            queries=_judged(of_pictures, rows, texts, confidence),
            asked=Asked(per_query=("success@1", "success@5", "MRR"), pooled=(), by_group=("success@1",)),
            group_word="class",
            group_of={one: one for one in classes},
        ),
    ]


def by_caption(
    subject: Subject, captions: Mapping[str, Sequence[str]], *, queries: int = QUERIES, seed: int = 0
) -> list[Plan]:
    """Ask with captions for their pictures, and with pictures for their captions, by what pictures show alone.

    What is written about pictures in the gallery takes no part: it is what is asked.
    """
    encoder = subject.text_encoder()
    ranked = subject.vectors(encoder.text_space).only(set(subject.askable(captions)))
    pairs = {f"{id_}\n{text}": (id_, text) for id_ in ranked.places for text in captions[id_]}
    distinct = list(dict.fromkeys(text for _, text in pairs.values()))
    texts = Vectors(distinct, _encoded(encoder.encode_text, distinct))
    own = {id_: {texts.places[text] for text in captions[id_]} for id_ in ranked.places}
    confidence = subject.confidence_of_words()
    showing = _drawn(ranked.places, queries, seed)
    asking = [pairs[key] for key in _drawn(pairs, queries, seed)]
    twins = _twins(subject, ranked, {*showing, *(id_ for id_, _ in asking)})
    of_words = [
        Question(
            name=text,
            relevant=np.array([ranked.places[id_]]),
            apart=[ranked.places[twin] for twin in twins[id_]],
            seeks=id_,
        )
        for id_, text in asking
    ]
    of_pictures = [
        Question(
            name=subject.records[id_].path,
            relevant=np.array(sorted(own[id_])),
            apart=sorted(set().union(*(own[twin] for twin in twins[id_])) - own[id_]),
            id=id_,
        )
        for id_ in showing
    ]
    return [
        Plan(
            title="Pictures by caption",
            says=f"Each of {len(asking):,} captions asks for its picture, among {len(ranked.ids):,}; "
            f"by {encoder.text_space} only. Only that one counts as right, though others may suit the words."
            f"{_told(sum(bool(one.apart) for one in of_words))}",
            total=len(asking),
            queries=_judged(of_words, texts.rows[[texts.places[text] for _, text in asking]], ranked, confidence),
            asked=Asked(per_query=_FINDING),
        ),
        Plan(
            title="Captions by picture",
            says=f"Each of {len(showing):,} pictures asks for its captions, among {len(texts.ids):,}; "
            f"by {encoder.text_space}.{_told(sum(bool(one.apart) for one in of_pictures))}",
            total=len(showing),
            queries=_judged(of_pictures, ranked.rows[[ranked.places[id_] for id_ in showing]], texts, confidence),
            asked=Asked(per_query=_FINDING, pooled=()),
        ),
    ]


def _drawn(everyone: Iterable[str], queries: int, seed: int) -> list[str]:
    """Draw so many, in an order by chance; all of them where 0 are wanted.

    Each stands where its own name puts it, so that two galleries that differ by a picture are asked the same.
    """
    return sorted(everyone, key=lambda one: sha256(f"{seed}\n{one}".encode(errors="replace")).digest())[
        : queries or None
    ]


def _twins(subject: Subject, ranked: Vectors, ids: Iterable[str]) -> dict[str, list[str]]:
    """Give, for each of some pictures, those others that are ranked and the very same one."""
    return {id_: [twin for twin in subject.twins(id_) if twin in ranked.places] for id_ in ids}


def _count_alike(subject: Subject, ranked: Vectors, labels: Mapping[str, str]) -> dict[str, int]:
    """Count, for each picture that is ranked, those of its label that are the very same one, itself included.

    By what proves it, since there may be thousands of one: those of its bytes and those of its pixels, less those of
    both.
    """
    proven = {id_: frozenset(proofs(subject.records[id_])) for id_ in ranked.places}
    holders = Counter((labels[id_], proof) for id_, its in proven.items() for proof in (*its, its))
    return {
        id_: sum(holders[labels[id_], proof] for proof in its) - (len(its) - 1) * holders[labels[id_], its]
        if its
        else 1
        for id_, its in proven.items()
    }


def _told(queries: int) -> str:
    """Say in how many queries something was left out."""
    return f" In {queries:,} of them, second copies are neither right nor wrong." if queries else ""


def _members(ranked: Vectors, labels: Mapping[str, str]) -> dict[str, np.ndarray]:
    """Give the places of each class."""
    members: dict[str, list[int]] = {}
    for id_, place in ranked.places.items():
        members.setdefault(labels[id_], []).append(place)
    return {label: np.array(places) for label, places in members.items()}


def _encoded(encode: Callable[[Sequence[str]], Embeddings], texts: Sequence[str]) -> Embeddings:
    rows = [encode(texts[start : start + 256]) for start in range(0, max(len(texts), 1), 256)]
    return np.concatenate(rows)


def _judged(
    questions: Sequence[Question], vectors: Embeddings, ranked: Vectors, confidence: Callable[[float], float]
) -> Iterator[Judged]:
    """Rank everything for each question, nearest first; equal scores in the order of the ids."""
    for start in range(0, len(questions), _BLOCK):
        scores = vectors[start : start + _BLOCK] @ ranked.rows.T
        for question, line in zip(questions[start : start + _BLOCK], scores, strict=True):
            yield _judge(question, line, ranked, confidence)


def _judge(question: Question, scores: np.ndarray, ranked: Vectors, confidence: Callable[[float], float]) -> Judged:
    apart = list(question.apart)
    scores[apart] = -np.inf
    order = np.argsort(-scores, kind="stable")[: len(scores) - len(apart)]
    is_relevant = np.zeros(len(scores), np.bool_)
    is_relevant[question.relevant] = True
    found = is_relevant[order]
    hits = [
        JudgedHit(id=ranked.ids[place], is_relevant=bool(right), confidence=confidence(float(scores[place])))
        for place, right in zip(order[:SHOWN].tolist(), found[:SHOWN].tolist(), strict=True)
    ]
    last = np.flatnonzero(found)
    return Judged(
        name=question.name,
        found=found[: max(SHOWN, int(last[-1]) + 1 if len(last) else 0)],
        relevant=int(found.sum()),
        hits=tuple(hits),
        group=question.group,
        id=question.id,
        seeks=question.seeks,
    )
