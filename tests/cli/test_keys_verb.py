"""Can one make keys, see them, and take them back; and is nothing served to the network by mistake?"""

import json
import logging
import os
import re
import signal
import stat
import sys
import urllib.error
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

import pytest
from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser

from lookalike.cli.exposing import (
    access_for,
    checked_hosts,
    checked_origins,
    listening_for,
    urls_for_others,
    warning_about,
)
from lookalike.cli.logs import log_to_stderr
from lookalike.config import Settings
from lookalike.errors import BadInput
from lookalike.keys import KeyFile


@pytest.fixture
def place(tmp_path) -> Path:
    return tmp_path / "photos.gallery"


def test_a_key_alone_is_on_stdout_and_works(cli, place):
    done = cli("keys", "add", "phone", "--scope", "write", "--expires", "90d", "--gallery", place)
    assert done.code == 0
    key = KeyFile(Path(f"{place}.keys")).find(done.stdout.strip())
    assert (key.name, key.scope) == ("phone", "write")
    assert "shown this once" in done.stderr
    assert not place.exists(), "to make a key takes no gallery"
    if os.name != "nt":
        assert stat.S_IMODE(Path(f"{place}.keys").stat().st_mode) == 0o600


def test_keys_are_listed_without_themselves(cli, place):
    text = cli("keys", "add", "phone", "--gallery", place).stdout.strip()
    (listed,) = cli("keys", "list", "--json", "--gallery", place).objects
    assert (listed["name"], listed["scope"], listed["expires_at"]) == ("phone", "read", None)
    table = cli("keys", "list", "--gallery", place)
    assert "phone" in table.stdout
    for shown in (json.dumps(listed), table.stdout):
        assert text not in shown
        assert KeyFile(Path(f"{place}.keys")).find(text).sha256 not in shown


def test_a_key_as_json_is_one_object(cli, place):
    (made,) = cli("keys", "add", "phone", "--json", "--gallery", place).objects
    assert made["key"].startswith("lk_")


def test_a_key_is_taken_back_by_its_name(cli, place):
    cli("keys", "add", "phone", "--gallery", place)
    done = cli("keys", "revoke", "phone", "--gallery", place)
    assert done.stdout.startswith("Revoked phone")
    assert "nobody comes in" in done.stderr
    assert cli("keys", "list", "--gallery", place).code == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["add"], "by one name"),
        (["add", "a", "b"], "by one name"),
        (["add", "a", "--expires", "soon"], "no time"),
        (["add", "a", "--scope", "root"], "--scope"),
        (["revoke"], "which key"),
        (["revoke", "nobody"], "no key called"),
        (["list", "phone"], "does not take that"),
        (["revoke", "phone", "--scope", "read"], "does not take that"),
        (["remove", "phone"], "revoke"),
    ],
)
def test_what_cannot_be_is_said_with_the_fix(cli, place, arguments, said):
    done = cli("keys", *arguments, "--gallery", place)
    assert done.code == 2
    assert said in done.stderr
    assert not Path(f"{place}.keys").exists()


def test_where_the_keys_lie_can_be_set(cli, place, tmp_path, monkeypatch):
    monkeypatch.setenv("LOOKALIKE_KEYS", str(tmp_path / "elsewhere.keys"))
    cli("keys", "add", "phone", "--gallery", place)
    assert (tmp_path / "elsewhere.keys").exists()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "nas.local"])  # noqa: S104 - that is the question
def test_nobody_serves_to_the_network_without_a_key_by_mistake(cli, place, host):
    done = cli("serve", "--host", host, "--port", "0", "--no-open", "--gallery", place)
    assert done.code == 2
    assert f"`lookalike keys add NAME --scope admin --gallery {place}`" in done.stderr
    assert "--insecure" in done.stderr
    assert list(place.parent.iterdir()) == []


def access(place: Path, **settings: object):
    return access_for(Settings(**settings), Path(f"{place}.keys"))


def test_this_machine_alone_needs_no_key_and_has_no_limit(place):
    found = access(place)
    assert (found.login, found.rate, found.issuer) == (False, 0, None)


def test_the_network_takes_a_login_and_has_limits(place):
    KeyFile(Path(f"{place}.keys")).add("phone")
    found = access(place, host="0.0.0.0")  # noqa: S104 - only asked about
    assert found.login
    assert found.rate > 0


def test_who_says_insecure_has_limits_nevertheless(place):
    found = access(place, host="0.0.0.0", insecure=True)  # noqa: S104 - only asked about
    assert not found.login
    assert found.rate > 0


@pytest.mark.parametrize(
    "settings",
    [{"hosts": ("photos.example",)}, {"trusted_proxies": ("127.0.0.1",)}, {"keys": "/mistyped/photos.keys"}],
    ids=lambda settings: next(iter(settings)),
)
def test_behind_a_proxy_a_login_is_needed_though_the_keys_are_not_found(place, settings):
    found = access(place, **settings)
    assert found.login
    assert found.rate > 0
    assert not access(place, **settings, insecure=True).login


def test_a_provider_is_enough_to_serve_to_the_network(place):
    found = access(place, host="0.0.0.0", oidc_issuer="https://login.example", oidc_audience="photos")  # noqa: S104
    assert found.login
    assert (found.issuer.url, found.issuer.audience) == ("https://login.example", "photos")


@pytest.mark.parametrize(
    ("settings", "has_key", "said"),
    [
        ({}, False, ""),
        ({}, True, "needs a key"),
        ({"hosts": ("photos.example",)}, False, "lookalike keys add"),
        ({"hosts": ("photos.example",)}, True, "needs a key: see"),
        ({"hosts": ("photos.example",), "insecure": True}, False, ""),
        ({"host": "0.0.0.0"}, True, "unencrypted"),  # noqa: S104 - only asked about
        ({"host": "0.0.0.0", "tls_certificate": "a.pem"}, True, "needs a key"),  # noqa: S104
        ({"host": "0.0.0.0", "insecure": True}, False, "Anybody"),  # noqa: S104
    ],
)
def test_the_person_is_told_who_can_come_in(place, settings, has_key, said):
    if has_key:
        KeyFile(Path(f"{place}.keys")).add("phone")
    given = Settings(**settings)
    warning = warning_about(given, access_for(given, Path(f"{place}.keys")))
    assert said in warning
    assert bool(warning) is bool(said)


@pytest.fixture
def outside(monkeypatch) -> None:
    """Tests may run in a container themselves."""
    monkeypatch.setattr("lookalike.cli.exposing._IN_CONTAINERS", ())


@pytest.mark.usefixtures("outside")
@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ({}, []),
        ({"host": "192.168.1.7"}, []),
        ({"host": "0.0.0.0", "hosts": ("photos.home", "192.168.1.7")}, ["photos.home", "192.168.1.7"]),  # noqa: S104
        ({"host": "0.0.0.0", "hosts": ("photos.home",), "trusted_proxies": ("127.0.0.1",)}, []),  # noqa: S104
    ],
)
def test_others_are_told_names_that_are_answered_to(settings, names):
    url = "https://127.0.0.1:8443/"
    assert urls_for_others(Settings(**settings), url) == [f"https://{name}:8443/" for name in names]


@pytest.mark.usefixtures("outside")
@pytest.mark.parametrize("host", ["0.0.0.0", "::", "[::]"])  # noqa: S104 - only asked about
def test_others_are_told_the_machines_own_name(monkeypatch, host):
    monkeypatch.setattr("lookalike.cli.exposing.gethostname", lambda: "nas")
    name, *address = urls_for_others(Settings(host=host), "http://127.0.0.1:8077/")
    assert name == "http://nas:8077/"
    assert all(re.fullmatch(r"http://[\d.]+:8077/", one) for one in address), "where there is a network"


@pytest.mark.usefixtures("outside")
def test_a_machine_without_addresses_of_that_kind_tells_its_name_alone(monkeypatch):
    def refuse(*_: object) -> None:
        raise OSError(97, "Address family not supported by protocol")

    monkeypatch.setattr("lookalike.cli.exposing.gethostname", lambda: "nas")
    monkeypatch.setattr("lookalike.cli.exposing.socket", refuse)
    assert urls_for_others(Settings(host="::"), "http://[::1]:8077/") == ["http://nas:8077/"]


def test_a_container_tells_nobody_names_that_only_it_knows(monkeypatch, tmp_path):
    (tmp_path / ".dockerenv").touch()
    monkeypatch.setattr("lookalike.cli.exposing._IN_CONTAINERS", (tmp_path / ".dockerenv",))
    assert urls_for_others(Settings(host="0.0.0.0"), "http://127.0.0.1:8077/") == []  # noqa: S104 - only asked about


@pytest.mark.parametrize("is_revoked", [True, False], ids=["revoked", "over"])
@pytest.mark.parametrize("settings", [{}, {"host": "0.0.0.0"}], ids=["here", "network"])  # noqa: S104 - only asked about
def test_the_person_is_told_where_the_last_key_lets_nobody_in_any_more(place, settings, is_revoked):
    keys = KeyFile(Path(f"{place}.keys"))
    keys.add("phone", expires_at=datetime(2999, 1, 1, tzinfo=UTC))
    if is_revoked:
        keys.revoke("phone")
    else:
        keys.path.write_text(keys.path.read_text().replace("2999", "2019"))
    given = Settings(**settings)
    warning = warning_about(given, access_for(given, keys.path))
    assert "`lookalike keys add NAME --scope admin`" in warning
    assert f"--gallery {place}`" in warning_about(given, access_for(given, keys.path), str(place))
    assert "insecure" not in warning, "it would let nobody in"


@pytest.mark.parametrize("proxy", ["*", "proxy.local", "10.0.0.7/8", ""])
def test_a_proxy_is_named_by_its_address(proxy):
    with pytest.raises(BadInput, match="trusted_proxies"):
        listening_for(Settings(trusted_proxies=(proxy,)))


def test_names_are_taken_as_browsers_send_them():
    names = ("photos.example.org", "NAS", "my_nas.local", "192.168.1.7", "[fd12::7]", "xn--mnchen-3ya.de", "*")
    assert checked_hosts(names) == names


@pytest.mark.parametrize(
    "name", ["https://a.example", "a.example:443", "a.example/", "*.example", "fd12::7", "ä.de", ""]
)
def test_what_is_no_name_to_be_called_by_is_refused(name):
    with pytest.raises(BadInput, match="hosts"):
        checked_hosts([name])


@pytest.mark.parametrize(
    "origin",
    ["*", "https://*.example.org", "app.example.org", "https://app.example.org/", "null", "https://a b", "file://"],
)
def test_what_is_no_origin_is_refused(origin):
    with pytest.raises(BadInput, match="cors_origins"):
        checked_origins([origin])


@pytest.fixture
def own_logging():
    """Whatever is done to the program's log is undone."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)


def log_line(capfd, **settings: object) -> str:
    log_to_stderr(Settings(**settings))
    logging.getLogger("lookalike.requests").info("request", extra={"route": "/v1/x\x1b[2J\nfake", "status": 200})
    sys.stderr.flush()
    return capfd.readouterr().err


def test_a_log_for_machines_is_one_object_a_line(own_logging, capfd):
    line = json.loads(log_line(capfd, log_format="json"))
    assert (line["event"], line["level"], line["status"]) == ("request", "info", 200)
    assert line["timestamp"].endswith("Z")
    assert "\x1b" not in line["route"]


def test_a_log_for_people_tells_what_is_wrong_and_more_if_asked(own_logging, capfd):
    assert log_line(capfd) == ""
    line = log_line(capfd, log_level="info")
    assert line.count("\n") == 1
    assert "\x1b" not in line
    assert "status=200" in line


def test_a_log_does_not_complain_of_forms_that_callers_send(own_logging, capfd):
    log_to_stderr(Settings())
    with pytest.raises(MultipartParseError):
        MultipartParser(b"boundary").write(b"no form")
    assert capfd.readouterr().err == ""


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM")
def test_a_supervisors_signal_ends_it_orderly_and_a_key_is_asked_for(cli, start, place):
    key = cli("keys", "add", "phone", "--gallery", place).stdout.strip()
    process = start("serve", "--port", 0, "--no-open", "--log-format", "json", "--gallery", place)
    url = process.stdout.readline().split()[-1]
    statuses = []
    for headers in ({}, {"Authorization": f"Bearer {key}"}):
        try:
            with urllib.request.urlopen(urllib.request.Request(f"{url}v1/info", headers=headers)) as answer:  # noqa: S310
                statuses.append(answer.status)
        except urllib.error.HTTPError as error:
            statuses.append(error.code)
    assert statuses == [401, 200]
    process.send_signal(signal.SIGTERM)
    _, complaints = process.communicate(timeout=30)
    assert process.returncode == 143
    lines = [json.loads(line) for line in complaints.splitlines() if line.startswith("{")]
    assert [(one["status"], one["caller"]) for one in lines if one["event"] == "request"] == [(401, ""), (200, "phone")]
    assert key not in complaints
    assert "Traceback" not in complaints
