"""The `curl` lines that repeat a request, read by a real shell."""

import subprocess

import pytest

from smarts.kit.exchange import Request
from smarts.wire.operations import TOKEN_HEADER


def words_of(line: str, token: str) -> list[str]:
    """The arguments that a shell gives to `curl`, with the token in a variable."""
    script = f"curl() {{ printf '%s\\0' \"$@\"; }}; {line}"
    ran = subprocess.run(["bash", "-c", script], env={"TOKEN": token}, capture_output=True, check=True)
    return ran.stdout.decode().split("\0")[:-1]


@pytest.mark.parametrize("token", ["secret", "a", 'it\'s "quoted" $HOME', "accessToken", "-x"])
def test_the_token_stays_out_of_the_line(token: str) -> None:
    """Whatever the token is, the shell puts it in its header and nowhere else."""
    request = Request("GET", "http://a.example/a", {"Accept": "a", TOKEN_HEADER: token}, secret=token)
    expected = [
        "--include",
        "--header",
        "Accept: a",
        "--header",
        f"{TOKEN_HEADER}: {token}",
        "http://a.example/a",
    ]
    assert words_of(request.curl(), token) == expected
    assert words_of(request.curl(), "another")[4] == f"{TOKEN_HEADER}: another"


def test_the_token_stays_out_however_its_header_is_spelled() -> None:
    """The header's name in capitals hides the token as well."""
    request = Request("GET", "http://a", {TOKEN_HEADER.upper(): "secret"}, secret="secret")
    assert "secret" not in request.curl()


def test_a_token_that_is_nearly_right() -> None:
    """A longer token is the right one and what was added to it."""
    request = Request("GET", "http://a", {TOKEN_HEADER: "secretx"}, secret="secret")
    assert words_of(request.curl(), "other")[2] == f"{TOKEN_HEADER}: otherx"


@pytest.mark.parametrize("near", ["Secre", "sECRET"])
def test_most_of_a_token_stays_out_of_the_line(near: str) -> None:
    """A token that lacks a character, or is in another case, is made of the variable: who sees it knows the token."""
    request = Request("GET", "http://a", {TOKEN_HEADER: near}, secret="Secret")
    assert near not in request.curl()
    assert words_of(request.curl(), "Secret")[2] == f"{TOKEN_HEADER}: {near}"


@pytest.mark.parametrize("body", ['{"name": "it\'s"}', "@/etc/passwd", "ä\n$(true) `x` \\", ""])
def test_a_body_is_sent_as_it_is(body: str) -> None:
    """The shell changes nothing of a body, and `curl` takes none for the name of a file."""
    request = Request("POST", "http://a", {"Content-Type": "application/json"}, body.encode())
    words = words_of(request.curl(), "t")
    assert words[words.index("--data-raw") + 1] == body


def test_what_is_left_out_is_not_put_in_by_curl() -> None:
    """Without a content type `curl` is told to name none, and an empty header is sent as one."""
    words = words_of(Request("POST", "http://a", {TOKEN_HEADER: ""}, b"{}").curl(), "t")
    assert words[1:5] == ["--header", f"{TOKEN_HEADER};", "--header", "Content-Type:"]


@pytest.mark.parametrize("body", [b"\xe4", b"\0", b"x" * 5_000, b"\x1b[31m"])
def test_what_cannot_be_typed_is_sent_from_a_file(body: bytes) -> None:
    """Long bodies, those that are no text, and those that steer a terminal are sent from a file."""
    request = Request("POST", "http://a", {}, body)
    assert request.needs_file
    assert words_of(request.curl("/tmp/a b"), "t")[-2] == "@/tmp/a b"


def test_another_method_is_named() -> None:
    """What curl would not choose by itself is named."""
    assert words_of(Request("DELETE", "http://a", {}).curl(), "t")[1:3] == ["--request", "DELETE"]
    assert "--request" not in words_of(Request("POST", "http://a", {}, b"{}").curl(), "t")
