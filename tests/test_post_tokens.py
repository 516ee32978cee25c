"""Logging in without a password: tokens from an endpoint, shown to a real Dovecot and to an SMTP server."""

import base64
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from aiosmtpd.smtp import SMTP, AuthResult

from supportbot.errors import DeliveryError, FetchError
from supportbot.post.imap import ImapSource
from supportbot.post.smtp import SmtpSink
from supportbot.post.tokens import TokenFault, Tokens, sasl
from supportbot.settings import LimitSettings, MailboxSettings, OauthSettings
from tests.servers import PrivateDovecot, ScriptedSmtp, access_token, free_port, make_certificate

MAIL = b"Subject: hello\r\n\r\nhi\r\n"


class TokenEndpoint:
    """A token endpoint that says what it is told to say, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []
        self.answer: Callable[[], tuple[int, Any]] = lambda: (200, {})
        endpoint = self

        class Answers(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                form = self.rfile.read(int(self.headers["Content-Length"])).decode()
                endpoint.asked.append(dict(parse_qsl(form)))
                status, said = endpoint.answer()
                body = said if isinstance(said, bytes) else json.dumps(said).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Nothing."""

        self._server = HTTPServer(("127.0.0.1", 0), Answers)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def settings(self, **changes: Any) -> dict[str, Any]:
        url = f"http://127.0.0.1:{self._server.server_port}/token"
        return {"token_url": url, "client_id": "desk", "refresh_token": "consent", "scope": "imap smtp", **changes}

    def gives(self, token: str, seconds: float = 3600, **more: Any) -> None:
        self.answer = lambda: (200, {"access_token": token, "token_type": "Bearer", "expires_in": seconds, **more})

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def endpoint() -> Iterator[TokenEndpoint]:
    made = TokenEndpoint()
    yield made
    made.stop()


def poller(dovecot: PrivateDovecot, endpoint: TokenEndpoint, user: str, auth: str) -> ImapSource:
    given = dovecot.settings(user=user, password="").model_dump() | {"auth": auth, "oauth": endpoint.settings()}
    return ImapSource(MailboxSettings.model_validate(given), LimitSettings())


@pytest.mark.parametrize("auth", ["xoauth2", "oauthbearer"])
def test_a_mailbox_is_read_with_a_token_and_the_token_is_kept_until_it_ends(
    auth: str, private_dovecot: PrivateDovecot, endpoint: TokenEndpoint
) -> None:
    user = private_dovecot.fresh_user()
    private_dovecot.append(MAIL, user=user)
    endpoint.gives(access_token(user))
    for _ in range(2):
        source = poller(private_dovecot, endpoint, user, auth)
        assert [mail.raw for batch in source.fetch_new({}) for mail in batch] == [MAIL]
        source.close()
    assert (
        endpoint.asked
        == [{"client_id": "desk", "scope": "imap smtp", "grant_type": "refresh_token", "refresh_token": "consent"}] * 2
    )


@pytest.mark.parametrize("auth", ["xoauth2", "oauthbearer"])
def test_a_token_that_the_server_refuses_is_named_and_the_next_try_fetches_another(
    auth: str, private_dovecot: PrivateDovecot, endpoint: TokenEndpoint
) -> None:
    user = private_dovecot.fresh_user()
    endpoint.gives(access_token(user, -300))
    source = poller(private_dovecot, endpoint, user, auth)
    with pytest.raises(FetchError, match=r"refused the login .* check `user`, `oauth.scope` and the consent"):
        source.probe()
    endpoint.gives(access_token(user))
    source.probe()
    source.close()
    assert len(endpoint.asked) == 2


def test_an_endpoint_that_gives_no_token_is_named_with_its_reason_and_without_a_secret(
    private_dovecot: PrivateDovecot, endpoint: TokenEndpoint
) -> None:
    endpoint.answer = lambda: (400, {"error": "invalid_grant", "error_description": "the consent has ended"})
    source = poller(private_dovecot, endpoint, private_dovecot.fresh_user(), "xoauth2")
    with pytest.raises(FetchError, match=r"answered 400 invalid_grant the consent has ended.*check `oauth`") as caught:
        source.probe()
    source.close()
    assert 'consent"' not in str(caught.value)


@pytest.mark.parametrize("answer", [(200, b"<html>"), (200, []), (200, {"access_token": "two\r\nlines"}), (500, {}), (200, {})])
def test_whatever_an_endpoint_says_that_is_no_token_is_a_fault(answer: tuple[int, Any], endpoint: TokenEndpoint) -> None:
    endpoint.answer = lambda: answer
    with pytest.raises(TokenFault):
        Tokens(OauthSettings.model_validate(endpoint.settings())).token()


def test_an_endpoint_that_is_not_there_is_a_fault(endpoint: TokenEndpoint) -> None:
    gone = endpoint.settings(token_url=f"http://127.0.0.1:{free_port()}/token")
    with pytest.raises(TokenFault, match="cannot be reached"):
        Tokens(OauthSettings.model_validate(gone)).token()


def test_a_token_is_fetched_anew_before_it_ends_and_with_the_newest_consent(endpoint: TokenEndpoint) -> None:
    tokens = Tokens(OauthSettings.model_validate(endpoint.settings()))
    endpoint.gives("short", 30, refresh_token="renewed")
    assert tokens.token() == "short"
    endpoint.gives("long", 3600)
    assert [tokens.token(), tokens.token()] == ["long", "long"]
    assert [form["refresh_token"] for form in endpoint.asked] == ["consent", "renewed"]


def test_without_a_persons_consent_the_program_asks_in_its_own_name(endpoint: TokenEndpoint) -> None:
    endpoint.gives("own")
    given = endpoint.settings(refresh_token="", client_secret="s3cret")
    assert Tokens(OauthSettings.model_validate(given)).token() == "own"
    assert endpoint.asked == [
        {"client_id": "desk", "client_secret": "s3cret", "scope": "imap smtp", "grant_type": "client_credentials"}
    ]


def test_a_name_cannot_end_its_field() -> None:
    assert sasl("oauthbearer", "a=b,c", "t") == "n,a=a=3Db=2Cc,\x01auth=Bearer t\x01\x01"
    assert sasl("xoauth2", "a@b.example", "t") == "user=a@b.example\x01auth=Bearer t\x01\x01"


class TokenSmtp(ScriptedSmtp):
    """Takes mail from whoever shows the token it expects; else it says why, and waits for a last word (RFC 7628)."""

    expected = "good"

    def __init__(self, tls: ssl.SSLContext) -> None:
        super().__init__(tls=tls, password="unused")
        self.last_words: list[bytes] = []

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802 - aiosmtpd's name
        wanted = f"user=desk@example.test\x01auth=Bearer {self.expected}\x01\x01"
        return await self._judge(server, args, wanted)

    async def auth_OAUTHBEARER(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802
        wanted = f"n,a=desk@example.test,\x01auth=Bearer {self.expected}\x01\x01"
        return await self._judge(server, args, wanted)

    async def _judge(self, server: SMTP, args: list[str], wanted: str) -> AuthResult:
        if base64.b64decode(args[1]) == wanted.encode():
            return AuthResult(success=True, auth_data=b"desk")
        said = await server.challenge_auth(b'{"status":"invalid_token"}')
        self.last_words.append(bytes(said) if isinstance(said, bytes) else b"(nothing)")
        return AuthResult(success=False, handled=False)


@pytest.mark.parametrize(("auth", "last_word"), [("xoauth2", b""), ("oauthbearer", b"\x01")])
def test_mail_goes_out_with_a_token_and_a_refused_one_is_not_shown_again(
    auth: str, last_word: bytes, tmp_path: Path, endpoint: TokenEndpoint
) -> None:
    certificate, key = make_certificate(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    with TokenSmtp(context) as server:
        oauth = endpoint.settings()
        more: dict[str, Any] = {"security": "starttls", "ca_file": certificate, "host": "localhost", "auth": auth}
        sink = SmtpSink(server.settings(**more, user="desk@example.test", oauth=oauth))
        endpoint.gives("bad")
        with pytest.raises(DeliveryError, match=r"refused the login .* nothing was sent"):
            sink.send("desk@example.test", ["bea@example.test"], MAIL)
        assert server.last_words == [last_word]
        endpoint.gives("good")
        sink.send("desk@example.test", ["bea@example.test"], MAIL)
        ends = sink.certificate_ends()
        sink.close()
        assert len(server.accepted) == 1
    assert ends is not None
    assert 28 <= (ends - datetime.now(UTC)).days <= 30
