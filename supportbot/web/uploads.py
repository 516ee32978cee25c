"""A form with one file in it (RFC 7578), read as octets: what was chosen stays byte for byte what it was."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, HTTPException, Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from supportbot.web.language import say
from supportbot.web.room import Console, Person, Posting, console_of, from_here, signed_in

LARGEST_UPLOAD = 30_000_000  # octets; as large a mail as is ever fetched
_MOST_FIELDS = 20


@dataclass(frozen=True, slots=True)
class Upload:
    """A form that passed the checks of `room.posting`, with the octets of its file; b"" where none was chosen."""

    posting: Posting
    file: bytes


async def upload(
    request: Request,
    person: Annotated[Person, Depends(signed_in)],
    console: Annotated[Console, Depends(console_of)],
) -> Upload:
    """The form of the person signed in. Refuses other origins, other types, large bodies and a missing token."""
    if not from_here(request):
        raise HTTPException(403, say("This form was not sent from a page of this console, so nothing was done."))
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise HTTPException(415, say("The console takes plain forms only."))
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_UPLOAD:
            raise HTTPException(413, say("The file is too large."))
    form, file = await _parsed(request, bytes(body))
    if not console.sessions.csrf_fits(person.session, form.get("csrf", "")):
        raise HTTPException(
            403, say("This page belongs to an earlier sign-in, so nothing was done. Open the page again and retry.")
        )
    return Upload(Posting(person, form), file)


async def _parsed(request: Request, body: bytes) -> tuple[dict[str, str], bytes]:
    """The fields, and the octets of the file as they were sent."""

    async def once() -> AsyncGenerator[bytes, None]:
        yield body

    parser = MultiPartParser(request.headers, once(), max_files=1, max_fields=_MOST_FIELDS, max_part_size=LARGEST_UPLOAD)
    try:
        parts = await parser.parse()
    except MultiPartException as error:
        raise HTTPException(400, say("The form could not be read, so nothing was done.")) from error
    file = parts.get("file")
    octets = await file.read() if isinstance(file, UploadFile) else b""
    fields = {name: value for name, value in parts.multi_items() if isinstance(value, str)}
    await parts.close()
    return fields, octets


Uploaded = Annotated[Upload, Depends(upload)]
