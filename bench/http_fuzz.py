"""Does the service keep to its OpenAPI document for tens of thousands of requests, right ones and wrong ones?

    python bench/http_fuzz.py
    python bench/http_fuzz.py --requests 5000 --seed 7

Needs the group `dev`. Prints how many answers were of which status, and each kind of failure with the first request
that showed it; exits with 1 if there is any.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "instruments"))

from fuzzed_service import spoilable_parts
from http_fuzzing import fuzz, report

from lookalike.service import create_app

_ROUND = 5_000
"""Requests to one service: what it collects, such as jobs and uploads, must not slow all others down."""


def main() -> None:
    """Send requests, and say what came back."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=50_000, help="how many to send, about; else 50,000")
    parser.add_argument("--seed", type=int, default=0, help="another number sends others; else 0")
    asked = parser.parse_args()
    wanted, number = asked.requests, asked.seed
    sent = failed = 0
    started = time.monotonic()
    while sent < wanted:
        with tempfile.TemporaryDirectory() as folder, spoilable_parts(Path(folder)) as parts:
            app = create_app(parts)
            findings = fuzz(app, min(_ROUND, wanted), number)
            app.state.service.close()
        number += 1
        sent += findings.cases
        failed += len(findings.failures)
        print("\n".join(report(findings)), flush=True)
    print(f"{sent:,} requests in {time.monotonic() - started:,.0f} s, {failed} failures")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
