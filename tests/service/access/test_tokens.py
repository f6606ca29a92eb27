"""Is exactly that token good that the chosen issuer made for us, now, and in a way that nobody else can?"""

import asyncio
import base64
import hmac
import threading
import time
from dataclasses import replace

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from lookalike.errors import BadInput, LoginNeeded, Unreachable
from lookalike.service.access import Caller
from lookalike.service.access.tokens import Issuer, Tokens


@pytest.fixture
def tokens(provider, clock) -> Tokens:
    return Tokens(Issuer(url=provider.url, audience="lookalike"), clock)


def recognise(tokens: Tokens, *texts: str) -> Caller:
    async def each() -> Caller:
        return [await tokens.recognise(text) for text in texts][-1]

    return asyncio.run(each())


@pytest.mark.parametrize("kid", ["rsa", "ec", "ed"])
def test_a_token_of_the_issuer_tells_who_it_is_and_what_they_may(provider, tokens, kid):
    caller = recognise(tokens, provider.token(kid))
    assert (caller.name, caller.scope, caller.kind) == ("anna", "write", "token")
    assert time.time() < caller.ends < time.time() + 301


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": "another-service"},
        {"aud": ["another", "service"]},
        {"aud": None},
        {"exp": int(time.time()) - 3600},
        {"exp": None},
        {"exp": "never"},
        {"nbf": int(time.time()) + 3600},
        {"sub": None},
        {"sub": 7},
    ],
    ids="-".join,  # the times differ from one worker to the next
)
def test_a_token_for_another_time_place_or_purpose_is_not_good(provider, tokens, claims):
    with pytest.raises(LoginNeeded):
        recognise(tokens, provider.token(**claims))


def test_one_of_several_audiences_is_enough(provider, tokens):
    assert recognise(tokens, provider.token(aud=["account", "lookalike"])).scope == "write"


def test_a_clock_that_goes_a_little_wrong_is_forgiven(provider, tokens):
    assert recognise(tokens, provider.token(exp=int(time.time()) - 10)).name == "anna"
    for claims in ({"exp": int(time.time()) - 60}, {"nbf": int(time.time()) + 60}):
        with pytest.raises(LoginNeeded):
            recognise(tokens, provider.token(**claims))


@pytest.mark.parametrize(
    "header", [{"alg": "none"}, {"alg": "None"}, {"alg": "none", "kid": "rsa"}, {}, {"alg": "HS256"}]
)
def test_a_token_without_a_signature_is_not_good(provider, tokens, by_hand, header):
    claims = jwt.decode(provider.token(), options={"verify_signature": False})
    with pytest.raises(LoginNeeded):
        recognise(tokens, by_hand(header, claims))


def test_a_public_key_taken_for_a_shared_secret_signs_nothing(provider, tokens, by_hand, secrets):
    public = secrets["RS256"].public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    claims = jwt.decode(provider.token(), options={"verify_signature": False})
    signed = by_hand({"alg": "HS256", "kid": "rsa"}, claims).rpartition(".")[0]
    forged = by_hand({"alg": "HS256", "kid": "rsa"}, claims, hmac.digest(public, signed.encode(), "sha256"))
    with pytest.raises(LoginNeeded):
        recognise(tokens, forged)


def test_a_key_that_a_token_brings_along_is_not_believed(provider, tokens):
    own = ec.generate_private_key(ec.SECP256R1())
    public = jwt.algorithms.ECAlgorithm.to_jwk(own.public_key(), as_dict=True)
    claims = jwt.decode(provider.token(), options={"verify_signature": False})
    for headers in ({"jwk": public}, {"jwk": public, "kid": "ec"}, {"jku": f"{provider.url}/evil", "kid": "mine"}):
        with pytest.raises(LoginNeeded):
            recognise(tokens, jwt.encode(claims, own, "ES256", headers))
    assert "/evil" not in provider.asked


def test_an_algorithm_that_was_not_chosen_is_not_good(provider, clock):
    only = Tokens(Issuer(url=provider.url, audience="lookalike", algorithms=("ES256",)), clock)
    assert recognise(only, provider.token("ec")).name == "anna"
    with pytest.raises(LoginNeeded):
        recognise(only, provider.token("rsa"))


@pytest.mark.parametrize("algorithm", ["RS256", "RS384", "RS512", "PS256", "PS512"])
def test_an_rsa_key_that_names_no_algorithm_is_for_each_that_was_chosen(provider, clock, algorithm):
    provider.names_algorithms = False
    chosen = Issuer(url=provider.url, audience="lookalike", algorithms=(algorithm, "ES256"))
    assert recognise(Tokens(chosen, clock), provider.token("rsa", algorithm=algorithm)).name == "anna"
    assert recognise(Tokens(chosen, clock), provider.token("ec")).name == "anna"
    other = replace(chosen, algorithms=("RS256",) if algorithm != "RS256" else ("PS256",))
    with pytest.raises(LoginNeeded):
        recognise(Tokens(other, clock), provider.token("rsa", algorithm=algorithm))


def test_a_key_that_names_an_algorithm_is_for_no_other(provider, clock):
    both = Issuer(url=provider.url, audience="lookalike", algorithms=("RS256", "RS512"))
    with pytest.raises(LoginNeeded):
        recognise(Tokens(both, clock), provider.token("rsa", algorithm="RS512"))


def test_a_key_is_for_no_algorithm_of_another_kind(provider, clock, secrets):
    provider.names_algorithms = False
    claims = jwt.decode(provider.token(), options={"verify_signature": False})
    both = Tokens(Issuer(url=provider.url, audience="lookalike", algorithms=("RS256", "ES256")), clock)
    for kid, algorithm in (("rsa", "ES256"), ("ec", "RS256"), ("ed", "ES256")):
        with pytest.raises(LoginNeeded):
            recognise(both, jwt.encode(claims, secrets[algorithm], algorithm, {"kid": kid}))


def test_a_key_that_is_for_encryption_signs_nothing(provider, tokens, monkeypatch):
    documents = provider.documents()
    for key in documents["/keys"]["keys"]:
        key["use"] = "enc" if key["kid"] == "rsa" else "sig"
    monkeypatch.setattr(provider, "documents", lambda: documents)
    assert recognise(tokens, provider.token("ec")).name == "anna"
    with pytest.raises(LoginNeeded, match="does not name"):
        recognise(tokens, provider.token("rsa"))


def test_a_token_need_name_its_key_only_where_the_issuer_has_several(provider, tokens, clock):
    with pytest.raises(LoginNeeded, match="does not name"):
        recognise(tokens, provider.token("rsa", headers={"kid": None}))
    del provider.keys["ec"], provider.keys["ed"]
    clock.now += 31
    assert recognise(tokens, provider.token("rsa", headers={"kid": None})).name == "anna"


def test_keys_of_a_kind_that_cannot_be_read_stand_in_nobodys_way(provider, tokens, monkeypatch):
    documents = provider.documents()
    documents["/keys"]["keys"] += [{"kty": "new", "kid": "odd"}, "no key", {"kid": "empty"}]
    monkeypatch.setattr(provider, "documents", lambda: documents)
    assert recognise(tokens, provider.token()).name == "anna"
    with pytest.raises(LoginNeeded, match="does not name"):
        recognise(tokens, provider.token(headers={"kid": "odd"}))


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "..", "é.è.ê", "eyJhbGciOiJSUzI1NiJ9.e30.", "\ud800"])
def test_what_is_no_token_is_not_good(tokens, text):
    with pytest.raises((LoginNeeded, Unreachable)):
        recognise(tokens, text)


def test_a_token_with_brackets_without_end_is_none(tokens):
    header = base64.urlsafe_b64encode(b'{"alg":' + b"[" * 12_000).rstrip(b"=").decode()
    with pytest.raises(LoginNeeded):
        recognise(tokens, f"{header}.e30.")


def test_a_token_longer_than_any_is_not_looked_into(provider, tokens):
    with pytest.raises(LoginNeeded, match="no token"):
        recognise(tokens, provider.token(padding="x" * 20_000))
    assert provider.asked == []


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_token_that_was_changed_is_not_good(provider, tokens, place):
    parts = provider.token().split(".")
    middle = len(parts[place]) // 2
    parts[place] = parts[place][:middle] + ("A" if parts[place][middle] != "A" else "B") + parts[place][middle + 1 :]
    with pytest.raises(LoginNeeded):
        recognise(tokens, ".".join(parts))


@pytest.mark.parametrize(
    ("claims", "scope"),
    [
        ({"scope": "lookalike:read"}, "read"),
        ({"scope": "lookalike:admin lookalike:read"}, "admin"),
        ({"scope": ["lookalike:read", "lookalike:write"]}, "write"),
        ({"scope": "openid profile"}, None),
        ({"scope": "admin"}, None),
        ({"scope": "lookalike:adminx xlookalike:admin"}, None),
        ({"scope": None}, None),
        ({"scope": {"lookalike:admin": True}}, None),
        ({"scope": 7}, None),
    ],
    ids=str,
)
def test_the_widest_scope_that_was_granted_counts(provider, tokens, claims, scope):
    assert recognise(tokens, provider.token(**claims)).scope == scope


def test_scopes_may_lie_deeper_in_a_token(provider, clock):
    issuer = Issuer(url=provider.url, audience="lookalike", claim="realm_access.roles")
    token = provider.token(realm_access={"roles": ["offline", "lookalike:admin"]})
    assert recognise(Tokens(issuer, clock), token).scope == "admin"
    dotted = replace(issuer, claim="https://example.org/roles")
    token = provider.token(**{"https://example.org/roles": ["lookalike:read"]})
    assert recognise(Tokens(dotted, clock), token).scope == "read"


def test_the_issuer_is_asked_once_an_hour(provider, tokens, clock):
    recognise(tokens, *[provider.token() for _ in range(5)])
    assert provider.asked == ["/.well-known/openid-configuration", "/keys"]
    clock.now += 3_601
    recognise(tokens, provider.token())
    assert len(provider.asked) == 4


def test_a_new_key_of_the_issuer_is_found_soon_and_an_old_one_forgotten(provider, tokens, clock, secrets):
    recognise(tokens, provider.token())
    provider.add_key("new", "ES256", secrets["ES256"])
    old = provider.token("rsa")
    del provider.keys["rsa"]
    clock.now += 31
    assert recognise(tokens, provider.token("new")).name == "anna"
    with pytest.raises(LoginNeeded):
        recognise(tokens, old)


def test_made_up_keys_do_not_make_us_ask_the_issuer_again_and_again(provider, tokens):
    recognise(tokens, provider.token())
    for number in range(20):
        with pytest.raises(LoginNeeded, match="does not name"):
            recognise(tokens, provider.token(headers={"kid": f"made-up-{number}"}))
    assert len(provider.asked) == 2


def test_an_issuer_that_is_away_for_a_while_locks_nobody_out(provider, tokens, clock):
    recognise(tokens, provider.token())
    provider.broken = True
    clock.now += 4_000
    assert recognise(tokens, provider.token()).name == "anna"


def test_while_the_issuer_is_asked_again_only_those_wait_whose_key_is_not_known(
    provider, tokens, clock, secrets, monkeypatch
):
    go, documents = threading.Event(), provider.documents

    async def ask() -> None:
        known = provider.token("rsa")
        await tokens.recognise(known)
        provider.add_key("new", "ES256", secrets["ES256"])
        clock.now += 3_601
        go.clear()
        first = asyncio.create_task(tokens.recognise(known))
        while len(provider.asked) == 2:
            await asyncio.sleep(0.01)
        new = asyncio.create_task(tokens.recognise(provider.token("new")))
        assert (await asyncio.wait_for(tokens.recognise(known), 2)).name == "anna"
        assert [first.done(), new.done()] == [False, False]
        go.set()
        assert (await first).name == (await new).name == "anna"

    go.set()
    monkeypatch.setattr(provider, "documents", lambda: go.wait(20) and documents())
    asyncio.run(ask())


def test_an_issuer_that_cannot_be_asked_is_said_to_be_away_and_not_asked_by_everybody(provider, tokens):
    provider.broken = True
    for _ in range(10):
        with pytest.raises(Unreachable):
            recognise(tokens, provider.token())
    assert len(provider.asked) == 1


def test_an_issuer_that_says_more_than_anybody_has_to_is_as_good_as_away(provider, tokens):
    provider.changes = {"padding": "x" * 1_100_000}
    with pytest.raises(Unreachable, match="cannot be asked"):
        recognise(tokens, provider.token())


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": "https://evil.example"},
        {"issuer": None},
        {"jwks_uri": "http://keys.example/"},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": None},
        {"jwks_uri": 7},
    ],
    ids=str,
)
def test_an_issuer_that_does_not_describe_itself_safely_is_not_believed(provider, tokens, changes):
    provider.changes = changes
    with pytest.raises(Unreachable, match="no OpenID Connect issuer"):
        recognise(tokens, provider.token())


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "http://login.example"},
        {"url": "ftp://127.0.0.1"},
        {"url": ""},
        {"url": "login.example"},
        {"audience": ""},
        {"algorithms": ("HS256",)},
        {"algorithms": ("RS256", "none")},
        {"algorithms": ()},
    ],
    ids=str,
)
def test_settings_that_would_let_others_in_are_refused(wrong):
    with pytest.raises(BadInput):
        Issuer(**{"url": "https://login.example", "audience": "lookalike", **wrong})
