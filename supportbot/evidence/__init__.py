"""One case as a file that somebody else can check without supportbot: mails, verdicts, keys, decisions, its audit rows."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from supportbot.errors import MissingMail, UsageError
from supportbot.mail.parse import read_message
from supportbot.mail.plainly import READ_PLAINLY
from supportbot.store import Transaction

README = """Evidence of one case, exported by supportbot.

mails/       every mail of the case, octet for octet, named by its SHA-256
signed/      the signed mails and attached originals that were checked, as MESSAGE-PLACE.eml (place 0 is the mail itself)
messages.json, checks.json, keys.json, case.json, audit.json
manifest.json   the SHA-256 of every file above; keep its own SHA-256 apart, for example in a letter

    python3 check.py

needs nothing but Python; with dkimpy it checks the signatures, too (pip install dkimpy pynacl).
"""


def export_case(tx: Transaction, case_id: str) -> dict[str, bytes]:
    """The files of the export, by name. Raises `UsageError` for an unknown case."""
    case = tx.case(case_id)
    if case is None:
        raise UsageError(f"there is no case {case_id}; `supportbot cases list` names them")
    messages = sorted(tx.messages(case_id=case_id, limit=100_000), key=lambda row: row.id)
    memo = tx.memo(case_id=case_id)
    found: dict[str, bytes] = {"README.txt": README.encode()}
    keys: dict[str, str] = {}
    checks: list[dict[str, Any]] = []
    for row in messages:
        try:
            raw = tx.raw(row.sha256)
        except MissingMail:
            continue
        found[f"mails/{row.sha256}.eml"] = raw
        for check in tx.checks_of(row.id):
            checks.append({"message_id": row.id, **asdict(check)})
            if check.key_name and check.key:
                keys[check.key_name] = check.key
        if tx.checks_of(row.id) and READ_PLAINLY not in row.details.get("defects", ()):
            found |= _signed(raw, row.id)
    drafts, tickets = tx.drafts(state=None, case_id=case_id, limit=100_000), tx.tickets(case_id=case_id, limit=100_000)
    found["messages.json"] = _json([asdict(row) for row in messages])
    found["checks.json"] = _json(checks)
    found["keys.json"] = _json(keys)
    found["case.json"] = _json(
        {
            "case": asdict(case),
            "order": asdict(tx.order(case.order_key).order),
            "events": [asdict(event) for event in tx.case_events(case_id)],
            "acceptances": tx.acceptances_of(case_id),
            "memo": asdict(memo) if memo else None,
            "flags": [asdict(flag) for flag in tx.flags_of(memo.id)] if memo else [],
            "tickets": [asdict(ticket) for ticket in tickets],
            "drafts": [asdict(draft) for draft in drafts],
        }
    )
    subjects = {
        f"case {case_id}",
        *(f"message {row.id}" for row in messages),
        *(f"ticket {ticket.id}" for ticket in tickets),
        *(f"draft {draft.id}" for draft in drafts),
        *(f"acceptance {one['id']}" for one in tx.acceptances_of(case_id)),
        *([f"memo {memo.id}"] if memo else []),
    }
    found["audit.json"] = _json(list(tx.audit_part(subjects)))
    found["check.py"] = files(__name__).joinpath("check.py").read_bytes()
    manifest = {"case": case_id, "files": {name: hashlib.sha256(octets).hexdigest() for name, octets in found.items()}}
    return {**found, "manifest.json": _json(manifest)}


def write_evidence(found: Mapping[str, bytes], target: Path) -> None:
    """Write the files into a new .zip file or folder. Raises `OSError`."""
    if target.suffix.casefold() == ".zip":
        with ZipFile(target, "x", ZIP_DEFLATED) as archive:
            for name, octets in found.items():
                archive.writestr(name, octets)
        return
    for name, octets in found.items():
        file = target / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(octets)


def _signed(raw: bytes, message_id: int) -> dict[str, bytes]:
    """The mail and the originals attached to it, each by its place in the record of checks."""
    attached = [one.raw or b"" for one in read_message(raw).forwarded if one.how == "attached"]
    return {f"signed/{message_id}-{place}.eml": octets for place, octets in enumerate((raw, *attached)) if octets}


def _json(value: Mapping[str, Any] | list[Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, default=_plain).encode()


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else sorted(value) if isinstance(value, frozenset) else str(value)
