"""With which mail program a message was written, by the marks that programs leave in the header; a hint, for a how-to."""

from typing import Literal

from supportbot.mail.message import InboundMessage

MailProgram = Literal["gmail", "outlook", "outlook_web", "apple_mail", "thunderbird", "yahoo", "phone"]

_NAMED: tuple[tuple[str, MailProgram], ...] = (
    ("iphone mail", "phone"),
    ("ipad mail", "phone"),
    ("outlook for ios", "phone"),
    ("outlook for android", "phone"),
    ("k-9 mail", "phone"),
    ("samsung", "phone"),
    ("apple mail", "apple_mail"),
    ("thunderbird", "thunderbird"),
    ("betterbird", "thunderbird"),
    ("microsoft outlook", "outlook"),
    ("microsoft-macoutlook", "outlook"),
    ("yahoomail", "yahoo"),
)
"""What X-Mailer or User-Agent holds."""

_IDENTIFIED: tuple[tuple[str, MailProgram], ...] = (
    ("@mail.gmail.com", "gmail"),
    (".prod.outlook.com", "outlook_web"),
    ("@mail.yahoo.com", "yahoo"),
)
"""How the Message-ID ends where no program names itself."""


def mail_program(message: InboundMessage) -> MailProgram | None:
    """The program, None where nothing tells. Whoever writes may claim any."""
    named = " ".join(value for name in ("x-mailer", "user-agent") for value in message.header(name))[:500].casefold()
    for words, program in _NAMED:
        if words in named:
            return program
    identifier = (message.message_id or "").strip("<>").casefold()
    for end, program in _IDENTIFIED:
        if identifier.endswith(end):
            return program
    return "outlook_web" if message.header("x-ms-exchange-organization-authas") or message.header("thread-index") else None
