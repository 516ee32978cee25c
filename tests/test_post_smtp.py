"""Mail out over SMTP: every phase in which it can fail; that no mail is sent twice, or called unsent when it was sent."""

import ssl
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from supportbot.demo.servers import Accepted
from supportbot.errors import DeliveryError, UncertainDelivery
from supportbot.post.smtp import SmtpSink
from supportbot.settings import SmtpSettings
from tests.servers import Action, Direction, Fault, FaultProxy, PostfixSmtpSink, ScriptedSmtp, make_certificate

SENDER, BUYER, SELLER = "support@example.test", "buyer@example.test", "seller@example.test"
RAW = b"Message-ID: <1@example.test>\r\nSubject: Your order\r\n\r\nHello.\r\n.\r\n..two dots\r\nfrom\r\n"
MakeProxy = Callable[..., FaultProxy]
MakeSink = Callable[[SmtpSettings], SmtpSink]


@pytest.fixture
def sink() -> Iterator[MakeSink]:
    """Makes sinks that are closed at the end."""
    made: list[SmtpSink] = []

    def make(settings: SmtpSettings) -> SmtpSink:
        made.append(SmtpSink(settings))
        return made[-1]

    yield make
    for each in made:
        each.close()


def refusal(sink: SmtpSink, recipients: tuple[str, ...] = (BUYER,)) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        sink.send(SENDER, recipients, RAW)
    return caught.value


# -- accepted


def test_a_mail_arrives_unchanged_and_the_servers_words_come_back(smtp_sink: ScriptedSmtp, sink: MakeSink) -> None:
    said = sink(smtp_sink.settings()).send(SENDER, (BUYER, SELLER), RAW)

    assert smtp_sink.accepted == [Accepted(SENDER, (BUYER, SELLER), RAW)]
    assert said == "250 2.0.0 Ok: queued as 000001"


def test_the_null_reverse_path_is_sent_as_such(smtp_sink: ScriptedSmtp, sink: MakeSink) -> None:
    sink(smtp_sink.settings()).send("", (BUYER,), RAW)

    assert smtp_sink.accepted == [Accepted("", (BUYER,), RAW)]


def test_lone_line_ends_cannot_smuggle_a_second_mail(smtp_sink: ScriptedSmtp, sink: MakeSink) -> None:
    sneaky = b"Subject: x\n\nHello\n.\nMAIL FROM:<a@evil.test>\r.\rRCPT TO:<b@evil.test>\r\n.\r\nDATA\n"

    sink(smtp_sink.settings()).send(SENDER, (BUYER,), sneaky)

    expected = sneaky.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
    assert smtp_sink.accepted == [Accepted(SENDER, (BUYER,), expected)]


def test_8_bit_text_and_a_missing_last_line_end_are_sent(smtp_sink: ScriptedSmtp, sink: MakeSink) -> None:
    sink(smtp_sink.settings()).send(SENDER, (BUYER,), "Subject: x\r\n\r\nGrüße".encode())

    assert smtp_sink.accepted[0].raw == "Subject: x\r\n\r\nGrüße\r\n".encode()


def test_one_connection_is_kept_for_many_mails(smtp_sink: ScriptedSmtp, sink: MakeSink) -> None:
    sender = sink(smtp_sink.settings())
    for _ in range(5):
        sender.send(SENDER, (BUYER,), RAW)

    assert (smtp_sink.connections, len(smtp_sink.accepted)) == (1, 5)


def test_a_kept_connection_that_died_is_replaced_without_a_word(smtp_sink: ScriptedSmtp, fault_proxy: MakeProxy) -> None:
    proxy = fault_proxy(smtp_sink.port)
    sender = SmtpSink(smtp_sink.settings(port=proxy.port))
    sender.send(SENDER, (BUYER,), RAW)

    def forget(direction: Direction, _octets: int, _chunk: bytes, connection: int) -> Action:
        return "reset" if connection == 1 else "pass"

    proxy.fault = forget
    sender.send(SENDER, (BUYER,), RAW)
    sender.close()

    assert (proxy.connections, len(smtp_sink.accepted)) == (2, 2)


def test_a_kept_connection_that_dies_at_mail_is_replaced_once(smtp_sink: ScriptedSmtp, sink: MakeSink) -> None:
    sender = sink(smtp_sink.settings())
    sender.send(SENDER, (BUYER,), RAW)
    smtp_sink.hang_up, smtp_sink.once = {"MAIL"}, True

    sender.send(SENDER, (BUYER,), RAW)

    assert (smtp_sink.connections, len(smtp_sink.accepted)) == (2, 2)


def test_postfix_takes_the_mail(postfix_smtp_sink: PostfixSmtpSink, sink: MakeSink) -> None:
    sender = sink(postfix_smtp_sink.settings())
    for _ in range(3):
        sender.send(SENDER, (BUYER,), RAW)

    assert postfix_smtp_sink.message_ids() == ["<1@example.test>"] * 3


# -- refused before the final dot: certainly not sent

REPLIES = [("550 5.7.1 no", True), ("451 4.3.0 later", False), ("421 4.3.2 shutting down", False)]


@pytest.mark.parametrize(("reply", "permanent"), REPLIES)
@pytest.mark.parametrize("step", ["mail_reply", "data_reply", "dot_reply"])
def test_a_reply_decides_whether_it_is_for_good(
    smtp_sink: ScriptedSmtp, sink: MakeSink, step: str, reply: str, permanent: bool
) -> None:
    sender = sink(smtp_sink.settings())
    setattr(smtp_sink, step, reply)

    error = refusal(sender)

    assert (error.permanent, smtp_sink.accepted) == (permanent, [])
    assert reply in error.status
    setattr(smtp_sink, step, "")
    sender.send(SENDER, (BUYER,), RAW)
    assert len(smtp_sink.accepted) == 1


@pytest.mark.parametrize(("reply", "permanent"), REPLIES[:2])
@pytest.mark.parametrize("refused", [BUYER, SELLER])
def test_a_recipient_that_is_refused_stops_the_mail_for_all(
    smtp_sink: ScriptedSmtp, sink: MakeSink, refused: str, reply: str, permanent: bool
) -> None:
    sender = sink(smtp_sink.settings())
    smtp_sink.recipient_replies[refused] = reply

    error = refusal(sender, (BUYER, SELLER))

    assert (error.permanent, smtp_sink.accepted) == (permanent, [])
    assert f"RCPT {refused}: {reply}" in error.status
    sender.send(SENDER, ("other@example.test",), RAW)
    assert smtp_sink.accepted == [Accepted(SENDER, ("other@example.test",), RAW)]


@pytest.mark.parametrize("where", ["MAIL", "RCPT", "DATA"])
def test_a_connection_lost_before_the_text_is_transient(smtp_sink: ScriptedSmtp, sink: MakeSink, where: Any) -> None:
    smtp_sink.hang_up = {where}

    error = refusal(sink(smtp_sink.settings()))

    assert (error.permanent, smtp_sink.accepted) == (False, [])
    assert "nothing was sent" in str(error)


def down(words: bytes, action: Action) -> Fault:
    def fault(direction: Direction, _octets: int, chunk: bytes, _connection: int) -> Action:
        return action if direction == "down" and words in chunk else "pass"

    return fault


@pytest.mark.parametrize("action", ["reset", "close", "hang"])
@pytest.mark.parametrize("words", [b"220 ", b"250-", b"2.1.0", b"2.1.5", b"354"])
def test_a_faulty_wire_before_the_text_is_transient(
    smtp_sink: ScriptedSmtp, fault_proxy: MakeProxy, sink: MakeSink, words: bytes, action: Action
) -> None:
    proxy = fault_proxy(smtp_sink.port, down(words, action))

    error = refusal(sink(smtp_sink.settings(port=proxy.port, timeout=0.3)))

    assert (error.permanent, smtp_sink.accepted) == (False, [])


def test_a_server_that_gives_up_in_the_middle_of_the_text_certainly_has_not_taken_it(
    fault_proxy: MakeProxy, smtp_sink: ScriptedSmtp, sink: MakeSink
) -> None:
    def cut(direction: Direction, octets: int, _chunk: bytes, _connection: int) -> Action:
        return "reset" if direction == "up" and octets > 200_000 else "pass"

    proxy = fault_proxy(smtp_sink.port, cut)
    large = RAW + (b"x" * 70 + b"\r\n") * 200_000

    with pytest.raises(DeliveryError) as caught:
        sink(smtp_sink.settings(port=proxy.port)).send(SENDER, (BUYER,), large)

    assert (caught.value.permanent, smtp_sink.accepted) == (False, [])


# -- after the final dot: nobody knows


@pytest.mark.parametrize("action", ["reset", "close", "hang"])
def test_a_lost_reply_is_uncertain_though_the_mail_was_taken(
    smtp_sink: ScriptedSmtp, fault_proxy: MakeProxy, sink: MakeSink, action: Action
) -> None:
    proxy = fault_proxy(smtp_sink.port, down(b"queued", action))

    with pytest.raises(UncertainDelivery, match="must not be sent again"):
        sink(smtp_sink.settings(port=proxy.port, timeout=0.1)).send(SENDER, (BUYER,), RAW)

    assert len(smtp_sink.accepted) == 1


@pytest.mark.parametrize("action", ["reset", "close", "drop"])
def test_a_lost_dot_is_uncertain_though_the_mail_was_not_taken(
    smtp_sink: ScriptedSmtp, fault_proxy: MakeProxy, sink: MakeSink, action: Action
) -> None:
    def lose(direction: Direction, _octets: int, chunk: bytes, _connection: int) -> Action:
        return action if direction == "up" and chunk.endswith(b".\r\n") else "pass"

    proxy = fault_proxy(smtp_sink.port, lose)

    with pytest.raises(UncertainDelivery):
        sink(smtp_sink.settings(port=proxy.port, timeout=0.1)).send(SENDER, (BUYER,), b"Subject: x\r\n\r\nHello\r\n")

    assert smtp_sink.accepted == []


@pytest.mark.parametrize("where", ["dot", "reply"])
def test_a_server_that_dies_at_the_dot_leaves_it_uncertain(smtp_sink: ScriptedSmtp, sink: MakeSink, where: Any) -> None:
    smtp_sink.hang_up, smtp_sink.once = {where}, True
    sender = sink(smtp_sink.settings())

    with pytest.raises(UncertainDelivery):
        sender.send(SENDER, (BUYER,), RAW)

    taken = len(smtp_sink.accepted)
    assert taken == (1 if where == "reply" else 0)
    sender.send(SENDER, (SELLER,), RAW)
    assert len(smtp_sink.accepted) == taken + 1


@pytest.mark.parametrize("reply", ["354 what", "junk", "250" + "x" * 9000])
def test_a_reply_that_says_neither_yes_nor_no_is_uncertain(smtp_sink: ScriptedSmtp, sink: MakeSink, reply: str) -> None:
    smtp_sink.dot_reply = reply

    with pytest.raises(UncertainDelivery):
        sink(smtp_sink.settings()).send(SENDER, (BUYER,), RAW)


# -- the envelope


@pytest.mark.parametrize(
    "address",
    [
        "",
        "buyer",
        "@example.test",
        "buyer@",
        '"x@evil x"@good.test',
        "a@good.test(c)evil.test",
        "<a@good.test><b@evil.test>",
        "a@good.test\r\nRCPT TO:<b@evil.test>",
        "a@good.test\n",
        "a@good.test ",
        "a%b@good.test",
        "@relay.test:a@good.test",
        "a@[127.0.0.1]",
        "a..b@good.test",
        ".a@good.test",
        "a@-good.test",
        "a@good..test",
        "bücher@good.test",
        "a@bücher.test",
        "a@b@good.test",
        f"{'a' * 65}@good.test",
        f"a@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 60}.{'f' * 60}.test",
    ],
)
def test_an_address_that_two_readers_could_read_differently_is_refused(
    smtp_sink: ScriptedSmtp, sink: MakeSink, address: str
) -> None:
    sender = sink(smtp_sink.settings())

    assert refusal(sender, (BUYER, address)).permanent is True
    if address:
        with pytest.raises(DeliveryError):
            sender.send(address, (BUYER,), RAW)
    assert smtp_sink.connections == 0


def test_a_mail_without_recipients_is_refused(smtp_sink: ScriptedSmtp, sink: MakeSink) -> None:
    assert refusal(sink(smtp_sink.settings()), ()).permanent is True


def test_every_ordinary_address_reaches_the_server_as_it_is(smtp_sink: ScriptedSmtp, sink: MakeSink) -> None:
    sender = sink(smtp_sink.settings())

    @given(local=st.from_regex(r"[A-Za-z0-9!#$&'*+/=?^_`{|}~-]{1,30}", fullmatch=True))
    def reaches(local: str) -> None:
        sender.send(f"{local}@from.example.test", (f"{local}@example.test",), RAW)

        assert smtp_sink.accepted[-1] == Accepted(f"{local}@from.example.test", (f"{local}@example.test",), RAW)

    reaches()


# -- connecting


def test_an_unreachable_server_is_named_and_transient(sink: MakeSink) -> None:
    error = refusal(sink(SmtpSettings(host="127.0.0.1", port=1, security="none")))

    assert error.permanent is False
    assert str(error) == (
        "127.0.0.1:1 refused the connection: check `host` and `port`, and that the server runs; nothing was sent"
    )


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate, and a server's context with it."""
    ca_file, key = make_certificate(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(ca_file, key)
    return ca_file, context


def test_starttls_and_login_with_a_trusted_certificate(certificate: tuple[Path, ssl.SSLContext], sink: MakeSink) -> None:
    ca_file, context = certificate
    with ScriptedSmtp(tls=context, password="pass word") as server:
        secured = server.settings(security="starttls", ca_file=ca_file, user="support", password=SecretStr("pass word"))
        sink(secured).send(SENDER, (BUYER,), RAW)

        assert server.accepted == [Accepted(SENDER, (BUYER,), RAW)]


def test_tls_from_the_first_octet_with_a_trusted_certificate(certificate: tuple[Path, ssl.SSLContext], sink: MakeSink) -> None:
    ca_file, context = certificate
    with ScriptedSmtp(tls=context, implicit=True) as server:
        sender = sink(server.settings(security="tls", ca_file=ca_file))
        for _ in range(3):
            sender.send(SENDER, (BUYER,), RAW)

        assert (server.connections, len(server.accepted)) == (1, 3)


@pytest.mark.parametrize("authority", ["of the system", "of somebody else"])
def test_a_certificate_that_is_not_trusted_is_refused(
    certificate: tuple[Path, ssl.SSLContext], sink: MakeSink, tmp_path: Path, authority: str
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    ca_file = make_certificate(other)[0] if authority == "of somebody else" else None
    with ScriptedSmtp(tls=certificate[1]) as server:
        error = refusal(sink(server.settings(security="starttls", ca_file=ca_file)))

        assert "is not trusted" in str(error)
        assert "set `ca_file`" in str(error)
        assert (error.permanent, server.accepted) == (False, [])


def test_a_server_without_starttls_gets_nothing(smtp_sink: ScriptedSmtp, sink: MakeSink) -> None:
    error = refusal(sink(smtp_sink.settings(security="starttls")))

    assert "does not offer what is configured" in str(error)
    assert smtp_sink.accepted == []


def test_tls_on_a_plain_port_is_explained(smtp_sink: ScriptedSmtp, sink: MakeSink) -> None:
    assert "check that `port` and `security` belong together" in str(refusal(sink(smtp_sink.settings(security="tls"))))


def test_a_wrong_password_is_named_without_being_shown(certificate: tuple[Path, ssl.SSLContext], sink: MakeSink) -> None:
    ca_file, context = certificate
    with ScriptedSmtp(tls=context, password="right") as server:
        secured = server.settings(security="starttls", ca_file=ca_file, user="support", password=SecretStr("hunter2"))
        error = refusal(sink(secured))

    assert "refused the login of 'support'" in str(error)
    assert "check `user` and `password`" in str(error)
    assert "hunter2" not in f"{error} {error.status} {error!r}"
    assert error.permanent is False


def test_a_silent_server_is_given_up_after_the_timeout(fault_proxy: MakeProxy, smtp_sink: ScriptedSmtp, sink: MakeSink) -> None:
    proxy = fault_proxy(smtp_sink.port, lambda *_: "hang")

    begun = time.monotonic()
    error = refusal(sink(smtp_sink.settings(port=proxy.port, timeout=0.3)))

    assert "did not answer in time" in str(error) or "timed out" in str(error)
    assert time.monotonic() - begun < 3


# -- probing


def test_a_probe_goes_as_far_as_the_login_and_sends_nothing(certificate: tuple[Path, ssl.SSLContext], sink: MakeSink) -> None:
    ca_file, context = certificate
    with ScriptedSmtp(tls=context, password="right") as server:
        secured = server.settings(security="starttls", ca_file=ca_file, user="support", password=SecretStr("right"))
        sink(secured).probe()
        with pytest.raises(DeliveryError, match="refused the login of 'support'"):
            sink(secured.model_copy(update={"password": SecretStr("wrong")})).probe()
        assert server.accepted == []


def test_a_probe_of_a_server_that_broke_meanwhile_fails(smtp_sink: ScriptedSmtp, sink: MakeSink) -> None:
    sender = sink(smtp_sink.settings())
    sender.probe()
    smtp_sink.stop()

    with pytest.raises(DeliveryError):
        sender.probe()


def test_closing_is_quiet_and_repeatable(smtp_sink: ScriptedSmtp) -> None:
    sender = SmtpSink(smtp_sink.settings())
    sender.close()
    sender.send(SENDER, (BUYER,), RAW)
    smtp_sink.stop()
    sender.close()
    sender.close()
