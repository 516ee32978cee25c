"""DKIM keys from a real name server on the loopback: what is an answer, what is a fault, and how long either is believed."""

import socket
import threading
from collections.abc import Iterator

import dns.flags
import dns.message
import dns.rcode
import dns.resolver
import dns.rrset
import pytest

from supportbot.mail.signature import NoKey
from supportbot.post.dns import KEPT_FAULT, KEPT_KEY, KEPT_NONE, DnsKeys

NAME = "s1._domainkey.example.com"


class NameServer:
    """Answers every question as `says` tells: a TXT record, "nothing", "servfail", "empty" or "silence"."""

    def __init__(self) -> None:
        self.says = "v=DKIM1; p=abc"
        self.asked = 0
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                wire, client = self._socket.recvfrom(4096)
            except OSError:
                return
            self.asked += 1
            question = dns.message.from_wire(wire)
            reply = dns.message.make_response(question)
            reply.flags |= dns.flags.RA
            if self.says == "silence":
                continue
            if self.says == "nothing":
                reply.set_rcode(dns.rcode.NXDOMAIN)
            elif self.says == "servfail":
                reply.set_rcode(dns.rcode.SERVFAIL)
            elif self.says != "empty":
                reply.answer.append(dns.rrset.from_text(question.question[0].name, 60, "IN", "TXT", f'"{self.says}"'))
            self._socket.sendto(reply.to_wire(), client)

    def resolver(self) -> dns.resolver.Resolver:
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], self._socket.getsockname()[1]
        return resolver

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def server() -> Iterator[NameServer]:
    server = NameServer()
    yield server
    server.close()


@pytest.mark.parametrize(
    ("says", "answer", "kept"),
    [
        ("v=DKIM1; p=abc", "v=DKIM1; p=abc", KEPT_KEY),
        ("nothing", "", KEPT_NONE),
        ("empty", "", KEPT_NONE),
        ("servfail", NoKey("server failure"), KEPT_FAULT),
    ],
)
def test_an_answer_is_believed_for_a_while_and_a_fault_for_a_minute(
    server: NameServer, says: str, answer: str | NoKey, kept: float
) -> None:
    now = [1000.0]
    keys = DnsKeys(resolver=server.resolver(), now=lambda: now[0])
    server.says = says

    assert keys(NAME) == answer
    asked = server.asked
    now[0] += kept - 1
    assert (keys(NAME.upper()), server.asked) == (answer, asked)
    now[0] += 2
    server.says = "v=DKIM1; p=new"
    assert keys(NAME) == "v=DKIM1; p=new"


def test_a_silent_server_is_a_timeout(server: NameServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("supportbot.post.dns.TIMEOUT", 0.3)
    server.says = "silence"

    assert DnsKeys(resolver=server.resolver())(NAME) == NoKey("timeout")


def test_a_given_archive_answers_without_any_server(server: NameServer) -> None:
    keys = DnsKeys({NAME: "v=DKIM1; p=kept"}, ask_dns=False, resolver=server.resolver())

    assert (keys(NAME), keys("other." + NAME)) == ("v=DKIM1; p=kept", NoKey("not in the given archive"))
    assert server.asked == 0
