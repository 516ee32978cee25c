"""users: who may sign in at the console, and who may no more."""

import sys
from dataclasses import asdict
from getpass import getpass
from pathlib import Path
from typing import Annotated, Literal

import typer

from supportbot.app import open_store
from supportbot.cli.common import ConfigOption, JsonOption, emit, out, printable, settings_of, table
from supportbot.cli.review import By, looking, person
from supportbot.errors import UsageError

Name = Annotated[str, typer.Argument(metavar="NAME")]

users = typer.Typer(help="People who sign in at the console.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(users, name="users")


@users.command("add", help="Give a person an account. The password is asked for twice, or read from a file.")
def add_user(
    name: Name,
    role: Annotated[
        Literal["viewer", "reviewer", "approver", "admin"],
        typer.Option("--role", help="viewer looks; reviewer approves drafts and enters amounts; approver and admin issue too."),
    ],
    seller: Annotated[
        str | None, typer.Option("--seller", metavar="ID", help="Works for this seller: approves nothing, never signs in here.")
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
    can = "works for a seller and cannot sign in" if seller else f"can sign in as {role}"
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
    store = open_store(settings_of(config))
    try:
        with store.transaction() as tx:
            tx.disable_user(name, by=person(by))
    finally:
        store.close()
    out.print(f"{printable(name)} is disabled.", markup=False, highlight=False)


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
