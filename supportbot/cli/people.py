"""users, tokens: who may sign in at the console or ask the API, and who may no more."""

import sys
from dataclasses import asdict
from getpass import getpass
from pathlib import Path
from typing import Annotated, Literal

import typer

from supportbot.app import open_store
from supportbot.cli.common import ConfigOption, JsonOption, emit, out, printable, settings_of, table
from supportbot.cli.review import By, changing, looking, person
from supportbot.errors import UsageError

Name = Annotated[str, typer.Argument(metavar="NAME")]

users = typer.Typer(help="People who sign in at the console.", no_args_is_help=True)
tokens = typer.Typer(help="Tokens for the API under /api of the console.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(users, name="users")
    app.add_typer(tokens, name="tokens")


@users.command("add", help="Give a person an account. The password is asked for twice, or read from a file.")
def add_user(
    name: Name,
    role: Annotated[
        Literal["viewer", "reviewer", "approver", "admin"],
        typer.Option("--role", help="viewer looks; reviewer approves drafts and enters amounts; approver and admin issue too."),
    ],
    seller: Annotated[
        str | None,
        typer.Option("--seller", metavar="ID", help="Works for this seller: sees that seller's cases, and approves nothing."),
    ] = None,
    password_file: Annotated[
        Path | None,
        typer.Option("--password-file", metavar="FILE", help="Its first line is the password; else it is asked for."),
    ] = None,
    by: By = None,
    config: ConfigOption = None,
) -> None:
    from supportbot.web import hash_password  # with a whole web framework, which the other commands should not wait for

    settings = settings_of(config)
    password = _first_line(password_file) if password_file else _asked()
    hashed = hash_password(password)
    store = open_store(settings)
    try:
        with store.transaction() as tx:
            tx.add_user(name, role, hashed, seller, by=person(by))
    finally:
        store.close()
    can = f"can sign in, and sees the cases of {printable(seller)} only" if seller else f"can sign in as {role}"
    out.print(f"{printable(name)} {can}.", markup=False, highlight=False)


@users.command("list", help="Everybody, by name.")
def list_users(json_lines: JsonOption = False, config: ConfigOption = None) -> None:
    with looking(config) as tx:
        rows = tx.users()
    if json_lines:
        for row in rows:
            emit(asdict(row))
        return
    table(
        "Users",
        ("name", "role", "seller", "disabled"),
        ((user.name, user.role, user.seller_id, user.disabled) for user in rows),
        empty="Nobody can sign in yet: supportbot users add NAME --role approver",
    )


@users.command("disable", help="A person signs in and approves no more, from now on. What they did keeps their name.")
def disable_user(name: Name, by: By = None, config: ConfigOption = None) -> None:
    with changing(config) as tx:
        tx.disable_user(name, by=person(by))
    out.print(f"{printable(name)} is disabled.", markup=False, highlight=False)


@users.command("reset-second-factor", help="For who has lost phone and recovery codes: the password alone counts again.")
def reset_second_factor(name: Name, by: By = None, config: ConfigOption = None) -> None:
    with changing(config) as tx:
        tx.remove_second_factor(name, by=person(by))
    out.print(f"{printable(name)} has no second factor any more.", markup=False, highlight=False)


@tokens.command("add", help="Make a token for a person; it is printed once, and kept nowhere.")
def add_token(
    name: Name,
    label: Annotated[str, typer.Option("--for", metavar="LABEL", help="What it is for.")],
    scope: Annotated[
        list[str], typer.Option("--scope", metavar="SCOPE", help="read, review or money; give it once for each.")
    ] = ["read"],  # noqa: B006  typer reads the default, and nobody writes to it
    days: Annotated[int, typer.Option("--days", help="How long it lasts.")] = 90,
    by: By = None,
    config: ConfigOption = None,
) -> None:
    with changing(config) as tx:
        _row, secret = tx.add_token(name, label, scope, days, by=person(by))
    out.print(secret, markup=False, highlight=False, soft_wrap=True)


@tokens.command("list", help="Everybody's tokens, the newest first.")
def list_tokens(json_lines: JsonOption = False, config: ConfigOption = None) -> None:
    with looking(config) as tx:
        rows = tx.tokens()
    if json_lines:
        for row in rows:
            emit(asdict(row))
        return
    table(
        "Tokens",
        ("id", "owner", "for", "scopes", "ends", "last used", "revoked by"),
        ((t.id, t.owner, t.label, ", ".join(t.scopes), t.expires_at, t.last_used_at, t.revoked_by) for t in rows),
        empty="Nobody has a token: supportbot tokens add NAME --for LABEL",
    )


@tokens.command("revoke", help="From now on nobody gets in with it.")
def revoke_token(
    token: Annotated[str, typer.Argument(metavar="ID", help="As `tokens list` shows it.")],
    by: By = None,
    config: ConfigOption = None,
) -> None:
    with changing(config) as tx:
        tx.revoke_token(token, by=person(by))
    out.print(f"Token {printable(token)} is revoked.", markup=False, highlight=False)


def _first_line(file: Path) -> str:
    try:
        return file.read_text("utf-8").partition("\n")[0].rstrip("\r")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} holds no password: {error}") from None


def _asked() -> str:
    if not sys.stdin.isatty():
        raise UsageError("there is no terminal to ask for the password on; give it with --password-file FILE")
    password = getpass("Password: ")
    if getpass("The same again: ") != password:
        raise UsageError("the two passwords differ; nothing was done")
    return password
