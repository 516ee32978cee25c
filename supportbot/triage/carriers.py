"""The carriers and the forms of their tracking numbers: carriers.toml, made ready.

A carrier is never inferred from digits alone: a form that other numbers share counts only beside a carrier's name or a word for
tracking.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

FILE = "carriers.toml"
_WHOLE = r"(?![^\W\u3040-\u30ff\u3400-\u9fff])"  # the word ends here, or Japanese goes on, which parts no words


@dataclass(frozen=True, slots=True)
class Form:
    """One form of tracking number. `rule`: carrier and form, as evidence names it."""

    rule: str
    carrier: str
    pattern: re.Pattern[str]
    alone: bool  # no other number looks so
    check: Callable[[str], bool] | None


@dataclass(frozen=True, slots=True)
class Carriers:
    """All forms, and how carriers and tracking are spoken of."""

    forms: tuple[Form, ...]
    named: re.Pattern[str]  # a carrier's name; the group that matched is the carrier's number
    spoken: re.Pattern[str]  # a carrier's name or a word for tracking
    names: tuple[str, ...]

    def named_in(self, text: str) -> list[tuple[int, str]]:
        """Each carrier that `text` names, with the place where its name ends."""
        return [(hit.end(), self.names[(hit.lastindex or 1) - 1]) for hit in self.named.finditer(text)]


@lru_cache(maxsize=1)
def carriers() -> Carriers:
    """The shipped carriers. Raises `ValueError` where the file names a check that there is not."""
    told = tomllib.loads(resources.files(__package__).joinpath(FILE).read_text(encoding="utf-8"))
    forms = []
    for carrier in told["carrier"]:
        for form in carrier["forms"]:
            check = form.get("check")
            if check is not None and check not in CHECKS:
                raise ValueError(f"{FILE}: {carrier['name']}, {form['id']}: no check is called {check}")
            rule = f"tracking.{carrier['name'].casefold().replace(' ', '_')}.{form['id']}"
            forms.append(
                Form(rule, carrier["name"], re.compile(form["form"]), form.get("alone", False), CHECKS.get(check or ""))
            )
    said = ["|".join(re.escape(name).replace(r"\ ", r"\s") for name in carrier["said"]) for carrier in told["carrier"]]
    words = "|".join(re.escape(word).replace(r"\ ", r"\s") for word in told["words"])
    named = "|".join(f"({names})" for names in said)
    return Carriers(
        tuple(forms),
        re.compile(rf"(?<!\w)(?:{named}){_WHOLE}", re.IGNORECASE),
        re.compile(rf"(?<!\w)(?:{'|'.join(said)}|{words}){_WHOLE}", re.IGNORECASE),
        tuple(carrier["name"] for carrier in told["carrier"]),
    )


# -- check digits ------------------------------------------------------------------------------------------------------


def _ups(number: str) -> bool:
    """UPS "1Z": letters count as (code - 63) mod 10, even places twice, the check digit last."""
    body, check = number[2:-1], number[-1]
    digits = [int(char) if char.isdigit() else (ord(char) - 63) % 10 for char in body]
    total = sum(digit * (2 if place % 2 else 1) for place, digit in enumerate(digits))
    return check.isdigit() and (10 - total % 10) % 10 == int(check)


def _s10(number: str) -> bool:
    """UPU S10: two letters, eight digits, a check digit, a country."""
    digits = number[2:11]
    total = sum(int(digit) * weight for digit, weight in zip(digits[:8], (8, 6, 4, 2, 3, 5, 9, 7), strict=True))
    return {10: 0, 11: 5}.get(11 - total % 11, 11 - total % 11) == int(digits[8])


def _gs1(number: str) -> bool:
    """GS1 mod 10: digits from the right count three times and once in turn."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(number[:-1])))
    return (10 - total % 10) % 10 == int(number[-1])


def _fedex12(number: str) -> bool:
    """FedEx Express: weights 3 1 7 in turn from the left, mod 11, mod 10."""
    total = sum(int(digit) * (3, 1, 7)[place % 3] for place, digit in enumerate(number[:11]))
    return total % 11 % 10 == int(number[11])


def _mod7(number: str) -> bool:
    """DHL Express: the first nine digits mod 7."""
    return int(number[:-1]) % 7 == int(number[-1])


CHECKS: Mapping[str, Callable[[str], bool]] = {"ups": _ups, "s10": _s10, "gs1": _gs1, "fedex12": _fedex12, "mod7": _mod7}
