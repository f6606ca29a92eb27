"""How do models come from an MLflow registry, and get into one? As versions with aliases, safe files only.

What MLflow itself would load, pickles among it, is never loaded: a version is a few files that `lookalike.json` names
with their sums, and of which nothing can carry code.
"""

from lookalike.models.registry.address import Address
from lookalike.models.registry.fetching import Registered, fetch_registered
from lookalike.models.registry.manifest import Kind, Manifest
from lookalike.models.registry.registering import register, set_alias
from lookalike.models.registry.versions import newer_version

__all__ = ["Address", "Kind", "Manifest", "Registered", "fetch_registered", "newer_version", "register", "set_alias"]
