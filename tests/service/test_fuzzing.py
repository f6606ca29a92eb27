"""Does the service keep to its own OpenAPI document, whatever it is sent?"""

import pytest
from fuzzed_service import spoilable_parts
from http_fuzzing import fuzz, report

from lookalike.service import create_app

CASES = 3_000
"""Some routes take nothing wrong, so that fewer are sent."""


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.filterwarnings("ignore:Found invalid character")
# While a case is made up, a job that waits for a hub draws its pauses by chance, in another thread.
@pytest.mark.filterwarnings("ignore:Do not use the `random` module")
def test_whatever_is_sent_the_answer_is_as_the_document_says(tmp_path):
    with spoilable_parts(tmp_path) as parts:
        app = create_app(parts)
        findings = fuzz(app, CASES)
        app.state.service.close()
    assert findings.cases >= 2_000
    assert not findings.failures, "\n".join(report(findings))
    assert findings.statuses[200] > 100, "right requests are answered, too"
