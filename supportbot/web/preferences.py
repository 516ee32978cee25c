"""What a person likes, kept in their browser: the language."""

from fastapi import APIRouter, HTTPException, Request, Response

from supportbot.web import language
from supportbot.web.room import Form, WholeConsole, safe_path

router = APIRouter()

_YEAR = 365 * 24 * 3600  # seconds


@router.post("/language")
def choose(request: Request, console: WholeConsole, form: Form) -> Response:
    """Keep the language in this browser, and go back."""
    chosen = form.get("to", "")
    if chosen not in language.NAMES:
        raise HTTPException(404)
    answer = console.pages.redirect(request, safe_path(form.get("back", "/")))
    secure = request.url.scheme == "https"
    answer.set_cookie(language.COOKIE, chosen, max_age=_YEAR, path="/", secure=secure, httponly=True, samesite="lax")
    return answer
