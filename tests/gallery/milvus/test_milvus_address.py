"""What does the URL of a gallery on Milvus say, and what does it keep to itself?"""

import sys

import pytest

from lookalike.errors import BadInput, GalleryError, MissingExtra, Unreachable
from lookalike.gallery import are_apart, is_on_server, open_gallery, shown_url
from lookalike.gallery.milvus.abilities import Abilities
from lookalike.gallery.milvus.address import Address
from lookalike.gallery.milvus.codes import EVERYTHING, begins_with, code_of, quoted
from lookalike.gallery.milvus.faults import explained
from lookalike.gallery.milvus.planning import VectorIndex, index_for, is_outgrown


def test_a_url_names_server_gallery_and_options():
    address = Address.parse("milvus+tls://db.example.org/photos?database=art&pictures=100M&timeout=2.5&ca=/ca.pem")
    assert (address.uri, address.name, address.database) == ("https://db.example.org:19530", "photos", "art")
    assert (address.pictures, address.timeout_s, address.ca) == (100_000_000, 2.5, "/ca.pem")
    assert Address.parse("milvus://[::1]:9/p").uri == "http://[::1]:9"


def test_a_command_needs_the_options_of_a_url_and_no_secret():
    options = "?database=art&ca=/a%26b.pem&pictures=100000000&timeout=2.5"
    assert shown_url(f"milvus+tls://ann:hush@host/p{options}", whole=True) == f"milvus+tls://host:19530/p{options}"
    assert shown_url("milvus://host/p?timeout=30", whole=True) == "milvus://host:19530/p"
    assert shown_url(f"milvus://host/p{options}") == "milvus://host:19530/p?database=art", "which names files"


def test_a_certificate_that_is_not_there_is_named():
    with pytest.raises(BadInput, match=r"nobody\.pem"):
        open_gallery("milvus+tls://localhost/photos?ca=/not/there/nobody.pem")


def test_no_secret_is_shown():
    url = "milvus://ann:p%40ss@host/photos"
    address = Address.parse(url)
    assert address.token == "ann:p@ss"  # noqa: S105
    assert "ss" not in f"{address} {address.url} {shown_url(url)}".replace("Address", "")


def test_who_asks_by_the_url_counts_before_a_token_given_apart():
    assert Address.parse("milvus://ann:hush@host/photos", "key").token == "ann:hush"  # noqa: S105
    assert Address.parse("milvus://host/photos", "key").token == "key"  # noqa: S105


def test_two_galleries_are_apart_when_they_are_on_two_servers():
    here = "milvus://host/photos"
    assert are_apart(here, "milvus://other/photos")
    assert are_apart(here, "milvus://host:1/photos")
    assert not are_apart(here, "milvus://ann:hush@HOST:19530/art?database=x")
    assert not are_apart(here, "photos.gallery")
    assert not are_apart("", here)


@pytest.mark.parametrize(
    "url",
    [
        "milvus://host",
        "milvus:///photos",
        "milvus://host/a-b",
        "milvus://host/1photos",
        "milvus://host/photos/more",
        "milvus://host:port/photos",
        "milvus://host/photos?pictures=many",
        "milvus://host/photos?timeout=0",
        "milvus://host/photos?speed=1",
        "milvus://ann:hush@host:x/photos",
        "milvus://ann:12/hush@host/photos",
        "milvus://ann:12?hush@host/photos",
        "milvus://ann:12#hush@host/photos",
    ],
)
def test_a_url_that_cannot_be_is_refused_with_what_it_should_look_like_and_without_its_password(url):
    with pytest.raises(BadInput) as caught:
        Address.parse(url)
    assert caught.value.fix
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("path", ["photos.gallery", "~/milvus/x", "C:\\milvus", "", "file:///x"])
def test_anything_else_is_a_path(path):
    assert is_on_server(path) == ""


def test_a_url_may_begin_in_capitals():
    assert is_on_server("Milvus://host/photos") == "milvus"
    assert shown_url("MILVUS+TLS://ann:hush@host/photos") == "milvus+tls://host:19530/photos"


def test_texts_are_quoted_so_that_nothing_in_them_is_read_as_an_expression():
    assert quoted('a" || id != "\\\n\0') == '"a\\x22 || id != \\x22\\x5c\\x0a\\x00"'
    assert quoted("Über 🐼") == '"Über 🐼"'


def test_what_begins_so_lies_before_the_next_text_that_unicode_can_write():
    assert begins_with("uri", "") == EVERYTHING
    assert begins_with("uri", "ab") == 'uri >= "ab" && uri < "ac"'
    assert begins_with("uri", "a\U0010ffff") == 'uri >= "a\U0010ffff" && uri < "b"'
    assert begins_with("uri", "\U0010ffff") == 'uri >= "\U0010ffff"'
    assert begins_with("uri", "\ud7ff") == 'uri >= "\ud7ff" && uri < "\ue000"'


def test_a_code_is_a_positive_number_of_62_bits_and_depends_on_the_kind():
    codes = {code_of(kind, text) for kind in ("tag", "word") for text in ("", "dog", "half a pair: \ud800", "日本語")}
    assert len(codes) == 8
    assert all(0 < code < 2**62 for code in codes)


@pytest.mark.parametrize(
    ("version", "pictures", "kind"),
    [
        ("v2.3.5-lite", 200_000, "FLAT"),
        ("v2.3.5-lite", 10**7, "HNSW"),
        ("v2.3.5", 10**8, "IVF_SQ8"),
        ("2.5.4", 10**8, "HNSW_SQ"),
        ("v2.6.2-dev", 10**9, "DISKANN"),
        ("milvus_lite-3.2.2", 10**9, "FLAT"),
        ("Zilliz Cloud Vector Database(Compatible with Milvus 2.6)", 10**8, "HNSW_SQ"),
        ("Zilliz Cloud Vector Database(Compatible with Milvus 2.4)", 10**8, "IVF_SQ8"),
        ("master-20250110-3be7e3e", 10**8, "HNSW_SQ"),
        ("unknown-20260608-7ea6e3526", 10**8, "HNSW_SQ"),
    ],
)
def test_the_index_suits_the_version_and_the_size(version, pictures, kind):
    assert index_for(pictures, Abilities.of(version)).kind == kind


@pytest.mark.parametrize(
    ("version", "kind", "pictures", "outgrown"),
    [
        ("v2.3.5", "FLAT", 250_000, False),
        ("v2.3.5", "FLAT", 500_000, True),
        ("v2.3.5", "HNSW", 500_000, False),
        ("milvus_lite-3.2.2", "FLAT", 500_000, False),
    ],
)
def test_a_space_without_an_index_is_outgrown_far_above_what_it_is_for(version, kind, pictures, outgrown):
    assert is_outgrown(VectorIndex(kind, {}), pictures, Abilities.of(version)) == outgrown


@pytest.mark.parametrize(
    ("said", "error", "says"),
    [
        ("auth check failure, please check username and password", GalleryError, "gallery_token_file"),
        ("can't find collection[database=default][collection=x]", GalleryError, "gone"),
        ("Deadline Exceeded", Unreachable, "timeout=60"),
        ("quota exceeded[reason=disk quota exceeded, please allocate more resources]", GalleryError, "no room"),
        ("OOM if load, maxSegmentSize = 512 MB", GalleryError, "no room"),
        ("Fail connecting to server on 127.0.0.1:1", Unreachable, "cannot be reached"),
        ("Fail connecting to server on classroom:19530", Unreachable, "cannot be reached"),
        ("Fail connecting to server on zoom.example.org:1", Unreachable, "cannot be reached"),
        ("collection on recovering", Unreachable, "try again"),
        ("should create connection first", GalleryError, "has been closed"),
        ("Unexpected error, message=<Cannot invoke RPC on closed channel!>", GalleryError, "has been closed"),
        ("something new", GalleryError, "something new"),
    ],
)
def test_each_error_of_the_server_says_what_to_do(said, error, says):
    told = explained(RuntimeError(said), "milvus://host:19530/photos")
    assert type(told) is error
    assert says.lower() in str(told).lower()


def test_without_the_client_installed_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pymilvus", None)
    with pytest.raises(MissingExtra, match=r"lookalike\[milvus\]"):
        open_gallery("milvus://localhost/photos")
