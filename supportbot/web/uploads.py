"""A form with one file in it (RFC 7578), read as octets: what was chosen stays byte for byte what it was."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, HTTPException, Request

from supportbot.web.room import Console, Person, Posting, console_of, from_here, signed_in

LARGEST_UPLOAD = 30_000_000  # octets; as large a mail as is ever fetched
_MOST_PARTS = 20
_BOUNDARY = re.compile(r'boundary="?([0-9A-Za-z\'()+_,./:=? -]{1,70})"?')
_NAME = re.compile(rb'\bname="([^"\r\n]{1,100})"')


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
        raise HTTPException(403, "This form was not sent from a page of this console, so nothing was done.")
    content_type = request.headers.get("content-type", "")
    boundary = _BOUNDARY.search(content_type)
    if not content_type.startswith("multipart/form-data") or boundary is None:
        raise HTTPException(415, "The console takes plain forms only.")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_UPLOAD:
            raise HTTPException(413, "The file is too large.")
    parts = _parts(bytes(body), boundary[1].encode())
    form = {name: value.decode("utf-8", "replace") for name, value in parts.items() if name != "file"}
    if not console.sessions.csrf_fits(person.session, form.get("csrf", "")):
        raise HTTPException(403, "This page belongs to an earlier sign-in, so nothing was done. Open the page again and retry.")
    return Upload(Posting(person, form), parts.get("file", b""))


def _parts(body: bytes, boundary: bytes) -> Mapping[str, bytes]:
    found: dict[str, bytes] = {}
    for part in (b"\r\n" + body).split(b"\r\n--" + boundary, _MOST_PARTS + 1)[1 : _MOST_PARTS + 1]:
        head, gap, content = part.partition(b"\r\n\r\n")
        name = _NAME.search(head)
        if gap and name is not None:
            found[name[1].decode("utf-8", "replace")] = content
    return found


Uploaded = Annotated[Upload, Depends(upload)]
