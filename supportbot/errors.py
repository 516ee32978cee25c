"""Every error supportbot raises on purpose.

    SupportbotError          the docstring of each class is its default sentence
     ├ ConfigError           config.yaml: one or more findings, each with file, line and key   (exit 2)
     ├ RulebookError         rules/*.yaml: the same, for rules                                 (exit 2)
     ├ TemplateError         templates/emails/*.txt                                            (exit 2)
     ├ ModelError            the trained model is missing, or is not the one of its manifest   (exit 2)
     ├ UsageError            a command was called wrongly, or names a thing that is not there  (exit 2)
     ├ SignInError           the identity provider did not say who this is                     (exit 3)
     ├ FetchError            the mailbox failed; transient                                     (exit 3)
     ├ DeliveryError         SMTP refused or broke before the final dot                        (exit 3)
     ├ UncertainDelivery     SMTP broke after the final dot: nobody knows; never resend        (exit 3)
     ├ StoreError            the database failed; transient                                    (exit 3)
     │  ├ NoTables           there is no database yet, or it is empty                          (exit 3)
     │  └ StoreRefusal       a guard of the database said no; not transient                    (exit 3)
     ├ LeaseLost             another process of the cluster does this now; transient           (exit 3)
     ├ TicketError           a ticket desk failed; transient                                   (exit 3)
     ├ AlarmFailed           an alarm certainly did not get out; transient                     (exit 3)
     ├ ReaderError           the child that reads mail does not start; transient               (exit 3)
     ├ MissingMail           the stored bytes of one mail are gone, damaged or erased           (exit 1)
     ├ UnreadableMail        one mail could not be read in any way                             (exit 1)
     └ IllegalTransition     a programming error: refused arrows of the life cycle are values  (exit 1)

Expected outcomes (an abstention, a chain defect, a refused arrow, a skipped reply) are values with a reason, never errors.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Finding:
    """One mistake in a file people write (configuration, rule, template, orders), placed where they can mend it."""

    file: Path | str
    line: int | None  # 1-based; None where the file as a whole is meant
    key: str  # dotted path, e.g. "mailboxes[0].port"; "" for the whole file
    found: str
    expected: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else str(self.file)
        key = f" {self.key}:" if self.key else ""
        return f"{place}:{key} found {self.found}; expected {self.expected}"


class SupportbotError(Exception):
    """Something supportbot needs went wrong."""

    exit_code: ClassVar[int] = 3
    transient: ClassVar[bool] = False

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())


class _FindingsError(SupportbotError):
    """Mistakes in files that people write, all reported at once."""

    exit_code = 2

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(str(finding) for finding in findings))


class ConfigError(_FindingsError):
    """The configuration cannot be used."""


class RulebookError(_FindingsError):
    """The rules cannot be used."""


class TemplateError(_FindingsError):
    """A mail template cannot be used."""


class UsageError(SupportbotError):
    """The command cannot be carried out as it was given."""

    exit_code = 2


class SignInError(SupportbotError):
    """The identity provider did not say who this is."""


class FetchError(SupportbotError):
    """The mailbox could not be read."""

    transient = True


class DeliveryError(SupportbotError):
    """The mail was not accepted, and certainly not sent.

    `permanent` follows the reply code (5yz permanent, 4yz transient, RFC 5321 section 4.2.1);
    `status` is the server's words.
    """

    def __init__(self, message: str, *, permanent: bool, status: str = "") -> None:
        super().__init__(message)
        self.permanent = permanent
        self.status = status


class UncertainDelivery(SupportbotError):
    """The connection broke after the mail was handed over: it may or may not have been sent, so it is parked."""


class StoreError(SupportbotError):
    """The database could not be used."""

    transient = True


class NoTables(StoreError):
    """There is no database yet, or it is empty."""


class StoreRefusal(StoreError):
    """The database refused a change that would break an invariant."""

    transient = False


class LeaseLost(SupportbotError):
    """Another process does this now."""

    exit_code = 3


class TicketError(SupportbotError):
    """The ticket desk could not be used."""

    transient = True


class AlarmFailed(SupportbotError):
    """An alarm did not get out."""

    transient = True


class ReaderError(SupportbotError):
    """The child process that reads mail could not be used; no mail is to blame."""

    transient = True


class UnreadableMail(SupportbotError):
    """Neither the parser nor the plain reader could read this mail."""

    exit_code = 1


class MissingMail(SupportbotError):
    """The stored bytes of this mail are not there.

    `cause` names it for quarantine: bytes-missing | bytes-damaged | bytes-erased.
    """

    exit_code = 1

    def __init__(self, message: str, *, cause: str) -> None:
        super().__init__(message)
        self.cause = cause


class IllegalTransition(SupportbotError):
    """The code asked for an arrow that the life cycle does not have."""

    exit_code = 1


class ModelError(SupportbotError):
    """The trained model is missing, or is not the one that its manifest names."""

    exit_code = 2
