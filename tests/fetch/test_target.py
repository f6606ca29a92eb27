"""Is a URL understood in one way only?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.errors import BadInput
from lookalike.fetch.target import parse_target


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("https://example.org", "https://example.org/"),
        ("  HTTPS://Example.ORG.:443/Cat.JPG \n", "https://example.org/Cat.JPG"),
        ("http://example.org:80?a=b", "http://example.org/?a=b"),
        ("http://example.org:08080/a/../b", "http://example.org:8080/a/../b"),
        ("https://example.org:80/", "https://example.org:80/"),
        ("https://example.org/a b/ü.jpg?q=ä b#ü", "https://example.org/a%20b/%C3%BC.jpg?q=%C3%A4%20b"),
        ("https://example.org/%C3%BC%20%zz.jpg", "https://example.org/%C3%BC%20%zz.jpg"),
        ("https://example.org/a@b:c?u=https://x/y|<>", "https://example.org/a@b:c?u=https://x/y%7C%3C%3E"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://faß.example/", "https://xn--fa-hia.example/"),
        ("https://例え。テスト/猫.jpg", "https://xn--r8jz45g.xn--zckzah/%E7%8C%AB.jpg"),
        ("https://my_bucket.s3.example/x", "https://my_bucket.s3.example/x"),
        ("https://-odd-.tumblr.example/x", "https://-odd-.tumblr.example/x"),
        ("http://93.184.215.14/", "http://93.184.215.14/"),
        ("http://[2606:4700:0:0::0001]:8080/x", "http://[2606:4700::1]:8080/x"),
        ("http://[::ffff:8.8.8.8]/", "http://8.8.8.8/"),
    ],
)
def test_a_url_is_brought_into_its_one_spelling(url, asked):
    assert parse_target(url).url == asked


def test_the_longest_url_is_taken_and_a_longer_one_is_not():
    longest = "https://example.org/".ljust(8_000, "x")
    assert parse_target(longest).url == longest
    with pytest.raises(BadInput, match="8,001 characters"):
        parse_target(f"{longest}x")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "is no http"),
        ("cat.jpg", "is no http"),
        ("/home/me/cat.jpg", "is no http"),
        ("file:///etc/passwd", "is no http"),
        ("ftp://example.org/cat.jpg", "is no http"),
        ("data:image/png;base64,iVBORw0KGgo=", "is no http"),
        ("javascript:alert(1)", "is no http"),
        ("http://", "no host"),
        ("https:///cat.jpg", "no host"),
        ("https://:80/", "no host"),
        ("https://example.org:/", "no host"),
        ("https://example.org:port/", "no host"),
        ("https://example.org:0/", "no valid port"),
        ("https://example.org:70000/", "no valid port"),
        ("https://me:secret@example.org/", "user name or password"),
        ("https://.example.org/", "no valid name"),
        ("https://example..org/", "no valid name"),
        (f"https://{'a' * 64}.example/", "no valid name"),
        (f"https://{'a.' * 127}aa/", "no valid name"),
        ("https://exam ple.org/", "no valid name"),
        ("https://example.org%00/", "no valid name"),
        ("https://☃.example/", "no valid name"),
        ("https://a\u2024b/", "no valid name"),
        ("https://xn--\ud800/", "no valid name"),
        ("https://example.org/\ud800", "no valid text"),
        ("https://example.org/a\nb", "control character"),
        ("https://example.org/\x7f", "control character"),
        ("https://example.org\\@evil.example/", "backslash"),
        ("http://0x7f.1/", "odd spelling"),
    ],
)
def test_a_url_that_cannot_be_asked_is_refused_and_says_why(url, reason):
    with pytest.raises(BadInput, match=reason):
        parse_target(url)


def test_a_password_is_not_repeated_in_the_message():
    with pytest.raises(BadInput) as caught:
        parse_target("https://me:secret@example.org/")
    assert "secret" not in str(caught.value)


@given(st.text(max_size=60))
def test_any_text_is_a_target_or_bad_input_and_a_target_parses_to_itself(text):
    for url in (text, f"http://{text}", f"https://example.org/{text}"):
        try:
            target = parse_target(url)
        except BadInput:
            continue
        assert target.url.isascii()
        assert not set(target.url) & set(' \r\n\t\\"<>')
        assert parse_target(target.url) == target
