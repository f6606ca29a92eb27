"""Which spellings does a text get beside its own, and which not?"""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.gallery.spellings import two_letters, with_other_spellings
from lookalike.gallery.tokens import spelled, tokens_of


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ("nach München", "Muenchen"),
        (unicodedata.normalize("NFD", "nach München"), "Muenchen"),
        ("Muenchen_2019.jpg", "Munchen"),
        ("Baeume, Haeuser und BAEREN", "Baume Hauser BAREN"),
        ("Øresund og Ålesund", "Oeresund Aalesund"),
        ("Straßengrün", "Strassengruen"),
        ("blue shoes, toes and a queen; does, valued", ""),
        ("A poet, the poets and Joey", ""),
        ("coeur, rue, Michigan, treasure, area", ""),
    ],
)
def test_words_that_may_be_spelled_otherwise_stand_behind_the_text(text, others):
    assert with_other_spellings(text) == f"{two_letters(text)} {others}".rstrip()


@pytest.mark.parametrize(("written", "compared"), [("Fußgänger", "fussgang"), ("Œuvre", "oeuvr"), ("ﬁre", "fire")])
def test_letters_that_stand_for_two_are_compared_as_two(written, compared):
    assert tokens_of(written) == (compared,)
    assert spelled(f"<{written}> dogs") == [(written, compared), ("dogs", "dog")]


@given(st.text())
def test_every_text_keeps_its_words(text):
    assert tokens_of(with_other_spellings(text))[: len(tokens_of(text))] == tokens_of(text)


@pytest.mark.parametrize("piece", ["oel", "ü", "x", "öl ", "\u0308u"])
def test_long_texts_take_milliseconds(piece):
    started = time.perf_counter()
    with_other_spellings(piece * 50_000)
    assert time.perf_counter() - started < 2
