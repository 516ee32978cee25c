"""The second step of a sign-in: a code of the person's app, or a recovery code. Rate limited; no code is taken twice."""

from typing import NamedTuple

from fastapi import APIRouter, Request, Response

from supportbot.web.doors import begin, second_step
from supportbot.web.factor import opened, recovery_code_in, step_of
from supportbot.web.language import say
from supportbot.web.room import Console, Form, WholeConsole

router = APIRouter()


@router.get("/login/second")
def page(request: Request, console: WholeConsole) -> Response:
    """Asks for the code."""
    if second_step(request, console) is None:
        return console.pages.redirect(request, "/login")
    return console.pages.render(request, "second.html")


@router.post("/login/second")
def sign_in(request: Request, console: WholeConsole, form: Form) -> Response:
    """Sign in with the code."""
    who = second_step(request, console)
    if who is None:
        return console.pages.redirect(request, "/login")
    name, target = who
    problem = check_code(console, name, form.get("code", ""))
    if problem:
        status = 429 if problem.unread else 401
        return console.pages.render(request, "second.html", status=status, problem=problem.words)
    return begin(request, console, name, target, by="password and second factor")


def place_of(name: str) -> str:
    """What the brake counts tries of a second factor by, in place of an address."""
    return f"second factor of {name}"


class Problem(NamedTuple):
    """Why a code does not count; `unread` where it was not even looked at, after too many."""

    words: str
    unread: bool = False


def check_code(console: Console, name: str, code: str) -> Problem | None:
    """Why a code does not count; None where it does, and is used up now. The brake is the person's, from wherever they try."""
    place = place_of(name)
    if wait := console.brake.take(name, place):
        words = say("Too many tries. Wait %(minutes)s min, then try again.", minutes=(wait + 59) // 60)
        return Problem(words, unread=True)
    with console.store.transaction() as tx:
        factor, user = tx.second_factor(name), tx.user(name)
        if factor is None or factor.confirmed_at is None or user is None or user.disabled:
            return Problem(say("Sign in again."))
        step = step_of(opened(console, factor), code, console.clock.now())
        taken = tx.take_step(name, step) if step is not None else tx.take_recovery_code(name, recovery_code_in(code))
    if not taken:
        if step is not None:
            return Problem(say("This code was used already. Wait for the next one."))
        return Problem(say("This code does not fit. Wait for the next one, or use a recovery code."))
    console.brake.succeeded(name, place)
    return None
