"""Checks one case's evidence, exported by `supportbot cases export`: python3 check.py [FOLDER]

Needs nothing but Python 3.11; with dkimpy installed (pip install dkimpy pynacl) it checks the signatures of the mails, too.
Exit code 0: all that could be checked holds; 1: something does not.
"""

import hashlib
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

try:
    import dkim  # type: ignore[import-untyped]
except ImportError:
    dkim = None


def say(sentence: str) -> None:
    """One line for whoever checks."""
    sys.stdout.write(f"{sentence}\n")


def check(folder: Path) -> "list[str]":
    """Every problem, in a sentence; what was checked is printed."""
    problems: list[str] = []
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    for name, sha256 in manifest["files"].items():
        file = folder / name
        if not file.is_file():
            problems.append(f"{name} is missing")
        elif hashlib.sha256(file.read_bytes()).hexdigest() != sha256:
            problems.append(f"{name} was changed after the export")
    say(f"{len(manifest['files'])} files, each compared with the manifest")
    problems += check_mails(folder)
    problems += check_audit(folder)
    problems += check_signatures(folder)
    return problems


def check_mails(folder: Path) -> "list[str]":
    """Each mail is named by its SHA-256, as the records name it."""
    problems, count = [], 0
    for row in json.loads((folder / "messages.json").read_text("utf-8")):
        file = folder / "mails" / f"{row['sha256']}.eml"
        if not file.is_file():
            say(f"message {row['id']}: its octets were erased, or their time was over")
            continue
        count += 1
        if hashlib.sha256(file.read_bytes()).hexdigest() != row["sha256"]:
            problems.append(f"message {row['id']} is not the mail that was kept")
    say(f"{count} mails, each compared with its record")
    return problems


def check_audit(folder: Path) -> "list[str]":
    """Rows of this case by their whole content; those between them by their place in the chain."""
    problems: list[str] = []
    previous, number, whole = "", -1, 0
    for row in json.loads((folder / "audit.json").read_text("utf-8")):
        if number >= 0 and (row["previous"] != previous or row["number"] != number + 1):
            problems.append(f"audit row {row['number']} does not follow the row before it")
        if "data" in row:
            whole += 1
            stamp = datetime.fromisoformat(row["at"]).astimezone(UTC).isoformat(timespec="microseconds")
            link = [row["number"], stamp, row["actor"], row["action"], row["subject"], row["data"], row["previous"]]
            if hashlib.sha256(canonical_json(link).encode()).hexdigest() != row["hash"]:
                problems.append(f"audit row {row['number']} was changed")
        previous, number = row["hash"], row["number"]
    say(f"{whole} audit rows of this case recomputed; the chain between them followed")
    return problems


def canonical_json(value: Any) -> str:
    """As supportbot writes what it hashes."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def check_signatures(folder: Path) -> "list[str]":
    """Signatures that counted, with the keys of the archive. Times are not judged: those were, at receipt."""
    keys = json.loads((folder / "keys.json").read_text("utf-8"))
    checks = [one for one in json.loads((folder / "checks.json").read_text("utf-8")) if one["result"] == "pass"]
    if dkim is None:
        say(f"dkimpy is not installed: {len(checks)} signatures were not checked")
        return []
    problems = []
    for one in checks:
        file = folder / "signed" / f"{one['message_id']}-{one['place']}.eml"
        if not file.is_file():
            continue

        def key_of(name: bytes, **_options: Any) -> bytes:
            return str(keys.get(name.decode("ascii", "replace").rstrip(".").lower(), "")).encode()

        try:
            good = any_signature_holds(file.read_bytes(), key_of)
        except Exception as error:  # whatever it is, the signature does not hold here
            good, reason = False, str(error)
        else:
            reason = "no signature holds"
        say(f"message {one['message_id']}, place {one['place']}, signed by {one['domain']}: {'holds' if good else reason}")
        if not good:
            problems.append(f"the signature of message {one['message_id']}, place {one['place']}: {reason}")
    return problems


def any_signature_holds(raw: bytes, key_of: Any) -> bool:
    """Whether one of the mail's signatures verifies."""
    count = raw.partition(b"\r\n\r\n")[0].lower().count(b"dkim-signature:") or 1
    return any(dkim.DKIM(raw).verify(idx=number, dnsfunc=key_of) for number in range(count))


if __name__ == "__main__":
    found = check(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
    for sentence in found:
        say(f"PROBLEM: {sentence}")
    say("Something does not hold." if found else "All that could be checked holds.")
    sys.exit(1 if found else 0)
