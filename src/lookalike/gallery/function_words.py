"""Which words only hold others together? They tell nothing of a picture, however rare they are in a small gallery."""

from functools import cache

from lookalike.gallery.tokens import tokens_of

_WORDS = """
a an and are as at be by for from has have her his in into is it its next of off on or over some that the their them
there these they this through to up was were while who with
aber alle als am an auf aus bei beim bis das dem den der des durch ein eine einem einen einer eines er es für hat
ihr ihre im in ist mit nach neben oder sein seine sich sie sind über um und unter vom von vor während zu zum zur
au aux avec ce ces cette dans de des du elle en est et il ils la le les leur leurs ou par pas pour qui sa sans se ses
son sont sous sur un une
a aby ale by do i je jeho jejich jejího jsou k ke kde která které který má na nad o od po pro před přes při s se
si ta tak to u v ve z za ze že
"""
"""Articles, prepositions, pronouns and the like in English, German, French and Czech, but for those that name a thing
in another of these languages."""


@cache
def function_words() -> frozenset[str]:
    """Give them as texts are compared."""
    return frozenset(tokens_of(_WORDS))
