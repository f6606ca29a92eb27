"""How do bytes become pixels? Sniff, decode upright to sRGB within limits, fit; in a worker where it may be killed."""

from lookalike.decode.fit import Fit
from lookalike.decode.formats import sniff
from lookalike.decode.limits import Limits
from lookalike.decode.pixels import Decoded, decode
from lookalike.decode.pool import DecodePool

__all__ = ["DecodePool", "Decoded", "Fit", "Limits", "decode", "sniff"]
