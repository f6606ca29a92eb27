"""Do imports point down only, and does nothing heavy load before it is needed?"""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

SOURCE = Path(__file__).parents[1] / "src"

LAYERS = (
    ("uris",),
    ("types", "errors", "invalid", "disk", "threads", "recent", "stamps"),
    ("config", "keys"),
    ("fetch", "decode", "models"),
    ("sources", "encoders", "gallery", "copies", "captioners"),
    ("describing", "seeing"),
    ("ingest", "search", "duplicates", "thumbnails", "exchange"),
    ("blocklist",),
    ("library",),
    ("demo", "testing"),
    ("service", "mcp", "evaluation"),
    ("cli",),
    ("__main__",),
)
"""The lowest first. A module imports from the layers below its own, and never from a brother in the same layer."""

HEAVY = {
    *("torch", "onnxruntime", "openvino", "tokenizers", "faiss", "numpy", "scipy", "cv2", "PIL", "pi_heif", "rawpy"),
    *("skimage", "pyarrow", "apsw", "fastapi", "starlette", "uvicorn", "pydantic", "httpx2", "watchfiles"),
    *("transformers", "timm", "open_clip", "torchvision", "onnx", "safetensors", "huggingface_hub", "mlflow"),
    *("pymilvus", "jwt", "cryptography", "prometheus_client", "structlog", "opentelemetry"),
}
"""What takes long to load, and so loads on use."""

LEVEL = {name: level for level, layer in enumerate(LAYERS) for name in layer}


@pytest.fixture(scope="module")
def package() -> dict[str, ast.Module]:
    """{Dotted name of a module: its syntax tree}: half a million objects, and so not for longer than needed."""
    trees = {}
    for path in sorted(SOURCE.rglob("*.py")):
        parts = path.relative_to(SOURCE).with_suffix("").parts
        trees[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = ast.parse(path.read_text("utf-8"))
    return trees


def imported(nodes: Iterator[ast.AST], known: Mapping[str, ast.Module]) -> Iterator[str]:
    """Name the modules that import statements mean: `from package import module` is the module."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in known else node.module


def named(tree: ast.Module, known: Mapping[str, ast.Module]) -> Iterator[str]:
    """Name the modules that tables of strings mean: `"mini": "lookalike.encoders.onnx:load_mini"`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(r"[\w.:]+", node.value):
            module = node.value.partition(":")[0]
            if module in known and "." in module:
                yield module


def on_load(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """Give the statements that run when a module loads: not those in functions, nor those for type checkers."""
    for node in body:
        yield node
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            yield from on_load(node.orelse)
        elif isinstance(node, ast.If | ast.Try | ast.With | ast.ClassDef):
            yield from on_load([child for child in ast.iter_child_nodes(node) if isinstance(child, ast.stmt)])


def offences(trees: Mapping[str, ast.Module]) -> list[str]:
    """Say which imports break the rule. The package's own __init__ is the map, and may name everything."""
    found = []
    for module, tree in trees.items():
        if module.count(".") == 0:
            continue
        home = module.split(".")[1]
        for target in sorted({*imported(ast.walk(tree), trees), *named(tree, trees)}):
            if target.startswith("lookalike."):
                other = target.split(".")[1]
                if other != home and LEVEL[other] >= LEVEL[home]:
                    found.append(f"{module} imports {target}")
    return found


def loads(trees: Mapping[str, ast.Module]) -> dict[str, set[str]]:
    """Give {module: the modules that must be loaded before it}."""
    return {
        module: {target for target in imported(on_load(tree.body), trees) if target in trees and target != module}
        for module, tree in trees.items()
    }


@pytest.fixture(scope="module")
def modules(package) -> set[str]:
    """Name what lies directly in the package."""
    return {name.split(".")[1] for name in package if "." in name}


def test_every_module_has_a_layer(modules):
    assert modules == LEVEL.keys()


@pytest.mark.parametrize(
    ("page", "entry"),
    [("src/lookalike/__init__.py", r"^    (\w+) +\S"), ("docs/architecture.md", r"^      (\w+)(?:/|\.py) +\S")],
)
def test_every_module_is_on_the_map_and_on_the_page(modules, page, entry):
    text = (SOURCE.parent / page).read_text("utf-8")
    listed = text.split('"""')[1] if page.endswith(".py") else text.partition("src/lookalike/\n")[2]
    assert set(re.findall(entry, listed, re.MULTILINE)) == modules - {"__main__"}


def test_imports_point_down_only_and_brothers_do_not_import_each_other(package):
    assert offences(package) == []


def test_no_verb_of_the_command_imports_another(package):
    imports = (node for node in ast.walk(package["lookalike.cli"]) if isinstance(node, ast.ImportFrom))
    verbs = {one.module for one in imports if one.module == f"lookalike.cli.{one.names[0].name}"}
    assert {"lookalike.cli.index", "lookalike.cli.import_", "lookalike.cli.encoders"} < verbs
    found = {
        (module, target)
        for module, tree in package.items()
        if module.startswith("lookalike.cli.")
        for target in imported(ast.walk(tree), package)
        if target in verbs - {module}
    }
    assert found == set()


def test_no_module_needs_itself_to_load(package):
    TopologicalSorter(loads(package)).prepare()


@pytest.mark.parametrize(
    ("module", "code"),
    [
        ("lookalike.decode.pool", "from lookalike.gallery import Gallery"),
        ("lookalike.ingest", "def run():\n    from lookalike import search"),
        ("lookalike.sources.folder", "import lookalike.encoders"),
        ("lookalike.service.app", "from lookalike.cli import main"),
        ("lookalike.types", 'TABLE = {"mini": "lookalike.encoders:load_encoder"}'),
    ],
)
def test_an_import_that_points_up_or_sideways_is_noticed(module, code):
    trees = {name: ast.parse("") for name in ("lookalike", *(f"lookalike.{name}" for name in LEVEL))}
    trees[module] = ast.parse(code)
    assert len(offences(trees)) == 1


def test_a_circle_of_imports_is_noticed():
    trees = {
        "lookalike.search": ast.parse("from lookalike.search.query import Query"),
        "lookalike.search.query": ast.parse("if True:\n    from lookalike.search import Answer"),
    }
    with pytest.raises(CycleError):
        TopologicalSorter(loads(trees)).prepare()


@pytest.mark.parametrize(
    ("code", "allowed"),
    [
        ("import lookalike", set()),
        ("import sys; from lookalike.cli import main; sys.argv = ['lookalike', '--help']; main()", set()),
        # Typer itself reads the arguments of a verb with pydantic.
        ("import sys; from lookalike.cli import main; sys.argv = ['lookalike', 'search', '-h']; main()", {"pydantic"}),
        ("import lookalike.service.app", HEAVY - {"pyarrow", "torch", "transformers", "mlflow", "onnx", "skimage"}),
    ],
    ids=["import", "help", "help of a verb", "service"],
)
def test_nothing_heavy_loads_before_it_is_needed(code, allowed):
    report = "import atexit, json, sys; atexit.register(lambda: print(json.dumps([*sys.modules]), file=sys.stderr))\n"
    done = subprocess.run(
        [sys.executable, "-c", report + code], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 0, done.stderr
    loaded = {name.split(".")[0] for name in json.loads(done.stderr.splitlines()[-1])}
    assert loaded & HEAVY <= allowed


def test_every_name_that_the_package_offers_can_be_had():
    code = "import lookalike; print([getattr(lookalike, name).__name__ for name in lookalike.__all__])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
