"""Do handlers only parse, make one call, and give a schema?"""

import ast
from pathlib import Path

import pytest

import lookalike.service.routes

ROUTES = sorted(Path(lookalike.service.routes.__file__).parent.glob("*.py"))
LINES = 12


def handlers(tree: ast.Module):
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.decorator_list:
            yield node


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The lines behind the docstring."""
    first = function.body[1:] if ast.get_docstring(function) else function.body
    return first[-1].end_lineno - first[0].lineno + 1 if first else 0


@pytest.mark.parametrize("path", ROUTES, ids=lambda path: path.stem)
def test_handlers_are_short_and_say_what_they_do(path):
    for handler in handlers(ast.parse(path.read_text("utf-8"))):
        assert length(handler) <= LINES, handler.name
        assert ast.get_docstring(handler), handler.name
