"""Does the service do what its OpenAPI document says, whatever it is sent? Schemathesis asks, with all its checks."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from traceback import format_exception
from typing import Any

import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import Case, GenerationMode
from schemathesis.core.failures import AcceptedNegativeData, Failure, FailureGroup

_REFUSED = ["2xx", "3xx", "400", "401", "403", "404", "409", "413", "415", "422", "429", "5xx"]
"""What may be said of a right request: schemas know nothing of filters, of base64, or of which pictures there are."""
_NO_FAULT = ["2xx", "3xx", "4xx", "502", "503"]
"""502: what lies at a URL cannot be had. 503: too much at a time. Neither is a mistake of the service's."""
_CONFIG = {
    "checks": {
        "positive_data_acceptance": {"expected-statuses": _REFUSED},
        "not_a_server_error": {"expected-statuses": _NO_FAULT},
    }
}
_ENDLESS = ("/v1/jobs/{id}/events",)
"""What answers as long as a job runs; of its own tests the answer is looked at."""


@dataclass
class Findings:
    """What was asked, and what was wrong with the answers."""

    cases: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    failures: dict[str, str] = field(default_factory=dict)
    """What is wrong with which route → the first request that showed it."""


def fuzz(app: FastAPI, cases: int, number: int = 0) -> Findings:
    """Send about so many requests, right ones and wrong ones, evenly over all routes."""
    findings, config = Findings(), schemathesis.Config.from_dict(_CONFIG)
    operations = [
        one.ok() for one in schemathesis.openapi.from_asgi("/openapi.json", app, config=config).get_all_operations()
    ]
    chosen = [one for one in operations if one.path not in _ENDLESS]
    modes = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    each = max(1, cases // (len(chosen) * len(modes)))
    for operation in chosen:
        for mode in modes:
            _fuzz_one(operation, mode, each, number, findings)
    return findings


def _fuzz_one(operation: Any, mode: GenerationMode, cases: int, number: int, findings: Findings) -> None:
    @seed(number)
    @settings(
        max_examples=cases,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode))
    def send(case: Case) -> None:
        response = case.call()
        findings.cases += 1
        findings.statuses[response.status_code] += 1
        try:
            case.validate_response(response)
        except FailureGroup as group:
            for failure in group.exceptions:
                _note(findings, case, failure)
        except Failure as failure:
            _note(findings, case, failure)

    try:
        send()
    except Exception as error:  # noqa: BLE001 - some routes cannot be sent anything wrong
        if "Unsatisfiable" not in type(error).__name__ and "cannot be negated" not in str(error):
            what = f"{operation.method} {operation.path}: {type(error).__name__}"
            findings.failures[what] = "".join(format_exception(error))[-3_000:]


def _note(findings: Findings, case: Case, failure: Exception) -> None:
    if isinstance(failure, AcceptedNegativeData) and _leaves_out(case):
        return
    what = f"{case.method} {case.operation.path}: {type(failure).__name__}"
    findings.failures.setdefault(what, f"{failure}\n{case.as_curl_command()[:1_500]}")


def _leaves_out(case: Case) -> bool:
    """Whether something is sent empty where browsers send what was not filled in: in a form, or in the address."""
    form = case.body if isinstance(case.body, dict) and case.media_type == "multipart/form-data" else {}
    return any(value in ("", [], {}, None) for part in (case.query or {}, form) for value in part.values())


def report(findings: Findings) -> Iterator[str]:
    """Say what was found, a line each."""
    yield f"{findings.cases:,} requests: {dict(sorted(findings.statuses.items()))}"
    for what, request in findings.failures.items():
        yield f"{what}\n{request}\n"
