"""What the pages for corrections, rules and trials work with; a console without a desk behind it has no such pages."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, HTTPException, Request

from supportbot.correcting import Correcting
from supportbot.tryout import Tryout


@dataclass(frozen=True, slots=True)
class Workshop:
    """Putting right, and looking without doing."""

    correcting: Correcting
    tryout: Tryout


def workshop_of(request: Request) -> Workshop:
    """The workshop of this console."""
    found: Workshop | None = request.app.state.workshop
    if found is None:
        raise HTTPException(404)
    return found


TheWorkshop = Annotated[Workshop, Depends(workshop_of)]
