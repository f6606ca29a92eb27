"""Is the app in what is built? A wheel or an sdist is never made without it; an editable install may be."""

import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class AppHook(BuildHookInterface[Any]):
    """Builds the app where it is missing or older than its sources."""

    def dependencies(self) -> list[str]:
        """Ask for a Node where one is needed, and the system has none that will do."""
        script = runpy.run_path(str(Path(self.root) / "web" / "node.py"))
        return [] if self._carries_app() or script["npm_that_will_do"]() else [str(script["WHEEL"])]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  hatchling's signature
        """Build the app, except for an editable install and from an sdist, which carries it."""
        if version == "editable" or self._carries_app():
            return
        script = Path(self.root) / "web" / "node.py"
        subprocess.run([sys.executable, script, "build", "--if-needed"], check=True)  # noqa: S603

    def _carries_app(self) -> bool:
        """Tell whether this is an sdist, in which the app lies."""
        root = Path(self.root)
        return not (root / ".git").exists() and (root / "src/lookalike/service/app/index.html").exists()
