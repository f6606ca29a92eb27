"""How do other programs and a browser ask? An HTTP API and one page, made from ready parts."""

from lookalike.service.app import create_app
from lookalike.service.parts import LOOPBACK, Parts, ServiceLimits, allowed_hosts, is_loopback
from lookalike.service.server import BoundServer

__all__ = ["LOOPBACK", "BoundServer", "Parts", "ServiceLimits", "allowed_hosts", "create_app", "is_loopback"]
