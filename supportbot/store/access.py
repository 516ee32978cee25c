"""Who may come in beside a password: the first link, second factors, tokens of the API, people of an identity provider; and
who opened what. Secrets are kept as digests, but for the second factor's, from which codes are computed: the console seals
that."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import delete, func, insert, select, update

from supportbot.errors import UsageError
from supportbot.store.access_tables import (
    api_tokens,
    first_links,
    openid_people,
    recovery_codes,
    second_factors,
    views_seen,
)
from supportbot.store.columns import new_id
from supportbot.store.people import ROLES
from supportbot.store.sessions import SessionBook, digest_of
from supportbot.store.tables import users
from supportbot.store.work import upsert

Seen = Literal["view", "file", "export", "list"]
SCOPES = ("read", "review", "money")
"""What a token may do, besides what its owner's role allows: look; work drafts and mail; enter and issue amounts."""

FIRST_LINK_LASTS = timedelta(hours=24)
LONGEST_TOKEN_DAYS = 366
_USED_AGAIN_AFTER = timedelta(minutes=1)  # "last used" is exact to this, so that not every request is a write


@dataclass(frozen=True, slots=True)
class SecondFactorRow:
    """A person's second factor; not in force before it is confirmed. `secret` is sealed, for the console to open."""

    name: str
    secret: str
    confirmed_at: datetime | None
    last_step: int


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token of the API, without its secret."""

    id: str
    owner: str
    label: str
    scopes: Sequence[str]
    made_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None
    revoked_by: str | None


@dataclass(frozen=True, slots=True)
class ViewRow:
    """Somebody opened something."""

    id: int
    at: datetime
    name: str
    what: Seen
    subject: str


_FACTOR = select(*(second_factors.c[name] for name in SecondFactorRow.__dataclass_fields__))
_TOKEN = select(*(api_tokens.c[name] for name in TokenRow.__dataclass_fields__))
_VIEW = select(*(views_seen.c[name] for name in ViewRow.__dataclass_fields__))


class Access(SessionBook):
    """Doors and keys."""

    # -- the first administrator

    def nobody_signs_in(self) -> bool:
        """Whether no account of the team is left that could sign in."""
        some = select(users.c.name).where(users.c.disabled.is_(False), users.c.seller_id.is_(None)).limit(1)
        return self._first(some) is None

    def make_first_link(self) -> str:
        """A token for the page that makes the first administrator; the ones before it open nothing any more."""
        token, now = secrets.token_urlsafe(32), self._clock.now()
        self._write(delete(first_links).where(first_links.c.used_at.is_(None)))
        row = {"digest": digest_of(token), "made_at": now, "expires_at": now + FIRST_LINK_LASTS}
        self._write(insert(first_links), row)
        self.audit("supportbot", "make", "first link", {})
        return token

    def first_link_opens(self, token: str) -> bool:
        """Whether the token was never used, is not too old, and is still needed."""
        link = first_links.c
        stands = (link.digest == digest_of(token), link.used_at.is_(None), link.expires_at > self._clock.now())
        return self.nobody_signs_in() and self._first(select(link.digest).where(*stands)) is not None

    def use_first_link(self, token: str, name: str, password_hash: str) -> None:
        """Make the first administrator. Raises `UsageError` where the link opens nothing, or the name cannot be."""
        used = update(first_links).where(first_links.c.digest == digest_of(token), first_links.c.used_at.is_(None))
        if not self.first_link_opens(token) or self._write(used.values(used_at=self._clock.now())) != 1:
            raise UsageError("this link was used or is too old; restart supportbot for a new one")
        self.add_user(name, "admin", password_hash, by=name)

    # -- second factors

    def second_factor(self, name: str) -> SecondFactorRow | None:
        """A person's second factor, confirmed or not."""
        row = self._first(_FACTOR.where(second_factors.c.name == name))
        return None if row is None else SecondFactorRow(*row)

    def propose_second_factor(self, name: str, secret: str) -> None:
        """Keep a secret that is being shown. Raises `UsageError` where one is in force."""
        found = self.second_factor(name)
        if found is not None and found.confirmed_at is not None:
            raise UsageError("your account has a second factor already; remove that first")
        row = {"name": name, "secret": secret, "confirmed_at": None, "last_step": 0}
        self._write(upsert(self._dialect, second_factors), row)

    def proposed_second_factor(self, name: str) -> SecondFactorRow:
        """The factor that waits for its first code. Raises `UsageError` where there is none."""
        factor = self.second_factor(name)
        if factor is None or factor.confirmed_at is not None:
            raise UsageError("there is no second factor to confirm; begin again")
        return factor

    def confirm_second_factor(self, name: str, step: int, codes: Sequence[str]) -> None:
        """A code of the secret was seen: it is in force from now on, with these recovery codes. Raises `UsageError`."""
        pending = update(second_factors).where(second_factors.c.name == name, second_factors.c.confirmed_at.is_(None))
        if self._write(pending.values(confirmed_at=self._clock.now(), last_step=step)) != 1:
            raise UsageError("there is no second factor to confirm; begin again")
        self.set_recovery_codes(name, codes)
        self.audit(name, "confirm", f"second factor {name}", {})

    def set_recovery_codes(self, name: str, codes: Sequence[str]) -> None:
        """Put new recovery codes in place of the old ones."""
        self._write(delete(recovery_codes).where(recovery_codes.c.name == name))
        self._write(insert(recovery_codes), [{"name": name, "digest": digest_of(code), "used_at": None} for code in codes])

    def take_step(self, name: str, step: int) -> bool:
        """Whether no code of this step or a later one was taken before; it is taken now."""
        factor = second_factors.c
        newer = update(second_factors).where(factor.name == name, factor.confirmed_at.is_not(None), factor.last_step < step)
        return self._write(newer.values(last_step=step)) == 1

    def take_recovery_code(self, name: str, code: str) -> bool:
        """Whether this is an unused recovery code of the person; it is used now."""
        kept = recovery_codes.c
        unused = update(recovery_codes).where(kept.name == name, kept.digest == digest_of(code), kept.used_at.is_(None))
        taken = self._write(unused.values(used_at=self._clock.now())) == 1
        if taken:
            self.audit(name, "use", f"recovery code of {name}", {"left": self.recovery_codes_left(name)})
        return taken

    def recovery_codes_left(self, name: str) -> int:
        """How many recovery codes a person has not used."""
        left = select(func.count()).select_from(recovery_codes)
        unused = left.where(recovery_codes.c.name == name, recovery_codes.c.used_at.is_(None))
        return int(self._connection.execute(unused).scalar_one())

    def second_factors(self) -> list[SecondFactorRow]:
        """Everybody's second factors, by name."""
        return [SecondFactorRow(*row) for row in self._all(_FACTOR.order_by(second_factors.c.name))]

    def seal_second_factor(self, name: str, secret: str) -> None:
        """Keep the same secret in another form."""
        self._write(update(second_factors).where(second_factors.c.name == name).values(secret=secret))

    def remove_second_factor(self, name: str, *, by: str) -> None:
        """Take a second factor and its recovery codes away. Raises `UsageError` where there is none."""
        self._write(delete(recovery_codes).where(recovery_codes.c.name == name))
        if self._write(delete(second_factors).where(second_factors.c.name == name)) != 1:
            raise UsageError(f"{name} has no second factor")
        self.audit(by, "remove", f"second factor {name}", {})

    # -- tokens

    def add_token(self, owner: str, label: str, scopes: Sequence[str], days: int, *, by: str) -> tuple[TokenRow, str]:
        """A new token, and its secret, which is kept nowhere. Raises `UsageError` for what a token cannot be."""
        label, user = label.strip(), self.user(owner)
        if user is None or user.disabled:
            raise UsageError(f"{owner} does not work here")
        if not 1 <= len(label) <= 60 or not label.isprintable():
            raise UsageError("a token needs a label of 1 to 60 characters, so that people know what it is for")
        if not scopes or not set(scopes) <= set(SCOPES):
            raise UsageError(f"a token needs scopes out of {', '.join(SCOPES)}")
        if not 1 <= days <= LONGEST_TOKEN_DAYS:
            raise UsageError(f"a token lasts 1 to {LONGEST_TOKEN_DAYS} days")
        secret, now = "sbt_" + secrets.token_urlsafe(32), self._clock.now()
        kept = [scope for scope in SCOPES if scope in scopes]
        row = TokenRow(new_id("k"), owner, label, kept, now, now + timedelta(days=days), None, None, None)
        values = {name: getattr(row, name) for name in TokenRow.__dataclass_fields__}
        self._write(insert(api_tokens), values | {"digest": digest_of(secret)})
        self.audit(by, "add", f"token {row.id}", {"owner": owner, "scopes": kept, "days": days})
        return row, secret

    def token_of(self, secret: str) -> TokenRow | None:
        """The token of a secret; None where there is none, where it is too old or was revoked."""
        token = api_tokens.c
        stands = (token.digest == digest_of(secret), token.revoked_at.is_(None), token.expires_at > self._clock.now())
        row = self._first(_TOKEN.where(*stands))
        return None if row is None else TokenRow(*row)

    def tokens(self, owner: str | None = None) -> list[TokenRow]:
        """Tokens, the newest first: everybody's, or one person's."""
        query = _TOKEN.order_by(api_tokens.c.made_at.desc(), api_tokens.c.id)
        return [TokenRow(*row) for row in self._all(query if owner is None else query.where(api_tokens.c.owner == owner))]

    def token_used(self, token: TokenRow) -> bool:
        """Whether "last used" has to be written anew, and was."""
        now = self._clock.now()
        if token.last_used_at is not None and now - token.last_used_at < _USED_AGAIN_AFTER:
            return False
        return self._write(update(api_tokens).where(api_tokens.c.id == token.id).values(last_used_at=now)) == 1

    def revoke_token(self, token_id: str, *, by: str, owner: str | None = None) -> None:
        """From now on nobody gets in with it; of this owner only, where given. Raises `UsageError`."""
        now = self._clock.now()
        this = update(api_tokens).where(api_tokens.c.id == token_id, api_tokens.c.revoked_at.is_(None))
        if owner is not None:
            this = this.where(api_tokens.c.owner == owner)
        if self._write(this.values(revoked_at=now, revoked_by=by)) != 1:
            raise UsageError(f"there is no token {token_id} to revoke")
        self.audit(by, "revoke", f"token {token_id}", {})

    # -- people of an identity provider

    def openid_user(self, issuer: str, subject: str) -> str | None:
        """The account of a provider's person."""
        query = select(openid_people.c.name).where(openid_people.c.issuer == issuer, openid_people.c.subject == subject)
        found = self._connection.execute(query).scalar()
        return None if found is None else str(found)

    def welcome(self, issuer: str, subject: str, name: str, role: str, seller_id: str | None) -> str:
        """The account of a provider's person, made at the first sign-in and given this role at each. A name that has an account
        already is never taken over. Raises `UsageError` for that, for a disabled account and an unknown role."""
        known = self.openid_user(issuer, subject)
        if known is None:
            self.add_user(name, role, None, seller_id, by=name)
            self._write(insert(openid_people), {"issuer": issuer, "subject": subject, "name": name})
            return name
        user = self.user(known)
        if user is None or user.disabled:
            raise UsageError("this account is disabled")
        if role not in ROLES:
            raise UsageError(f"there is no role {role}; it is one of {', '.join(ROLES)}")
        if (user.role, user.seller_id) != (role, seller_id):
            self._write(update(users).where(users.c.name == known).values(role=role, seller_id=seller_id))
            self.audit(known, "change_role", f"user {known}", {"role": role, "seller": seller_id})
        return known

    def turn_away(self, issuer: str, subject: str) -> None:
        """The provider gives a person no role any more: their sessions and tokens end."""
        known = self.openid_user(issuer, subject)
        user = self.user(known) if known is not None else None
        if user is None:
            return
        self.end_sessions(user.name, by="supportbot")
        for token in self.tokens(user.name):
            if token.revoked_at is None:
                self.revoke_token(token.id, by="supportbot")
        if user.role != "viewer":
            self._write(update(users).where(users.c.name == user.name).values(role="viewer"))
            self.audit("supportbot", "change_role", f"user {user.name}", {"role": "viewer", "seller": user.seller_id})

    # -- who opened what

    def saw(self, name: str, what: Seen, subject: str) -> None:
        """Somebody was shown something."""
        self._write(insert(views_seen), {"at": self._clock.now(), "name": name, "what": what, "subject": subject})

    def views(self, *, name: str = "", subject: str = "", before: int | None = None, limit: int = 100) -> list[ViewRow]:
        """Who opened what, the newest first; by one person, of one thing, before a number, where given."""
        query = _VIEW.order_by(views_seen.c.id.desc()).limit(limit)
        query = query.where(views_seen.c.name == name) if name else query
        query = query.where(views_seen.c.subject == subject) if subject else query
        query = query if before is None else query.where(views_seen.c.id < before)
        return [ViewRow(*row) for row in self._all(query)]
