"""Is the app in what is built? A wheel or an sdist is never made without it; an editable install may be."""

import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class AppHook(BuildHookInterface[Any]):
    """Builds the app where it is missing, or made of other sources; an sdist carries one that is made of its own."""

    def dependencies(self) -> list[str]:
        """Ask for a Node where one is needed, and the system has none that will do."""
        script = runpy.run_path(str(Path(self.root) / "web" / "node.py"))
        return [] if script["is_current"]() or script["npm_that_will_do"]() else [str(script["WHEEL"])]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  hatchling's signature
        """Build the app, except for an editable install."""
        if version == "editable":
            return
        script = Path(self.root) / "web" / "node.py"
        subprocess.run([sys.executable, script, "build", "--if-needed"], check=True)  # noqa: S603
