r"""Which records does a filter mean? The small language `label:dog width>=1000 -tag:blurry`, parsed into a tree.

The grammar, in EBNF; space may stand between any two parts but not within a term, nor after a minus:

    filter   = [ all { "OR" all } ] ;
    all      = term { term } ;
    term     = ( "-" | "NOT" ) term | "(" filter ")" | equals | compares ;
    equals   = field ( ":" | "=" ) value { "," value } ;
    compares = field ( ">=" | ">" | "<=" | "<" ) value ;
    field    = one of FIELDS | "meta." ( word | quoted ) ;
    word     = any characters but space ( ) " : , < > = \ ;
    value    = ( bare | quoted | escape ) { bare | quoted | escape } ;
    quoted   = '"' { any character but " and \ | escape } '"' ;
    bare     = any character but space ( ) , " \ ;
    escape   = "\" any character but a letter or a digit ;

A value of a NUMBER or DATE field is one value, `*`, or a range `a..b`, `a..`, `..b`; of any other
field it is a pattern.
"""

from lookalike.gallery.filters.canonical import format_filter
from lookalike.gallery.filters.matching import epoch_seconds, matches
from lookalike.gallery.filters.parser import parse_filter
from lookalike.gallery.filters.patterns import fold, literal, matcher
from lookalike.gallery.filters.tree import FIELDS, And, Between, Filter, Kind, Matches, Not, Or, kind_of
from lookalike.gallery.texts import metadata_text

__all__ = [
    "FIELDS",
    "And",
    "Between",
    "Filter",
    "Kind",
    "Matches",
    "Not",
    "Or",
    "epoch_seconds",
    "fold",
    "format_filter",
    "kind_of",
    "literal",
    "matcher",
    "matches",
    "metadata_text",
    "parse_filter",
]
