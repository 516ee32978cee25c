"""The evidence of a case, in the hands of somebody who has nothing of ours but Python, and changes what he likes."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from supportbot.errors import UsageError
from supportbot.evidence import export_case, write_evidence
from tests.stories.attackers import RECORD, Target, chain, original, send_notices
from tests.stories.office import BUYER, ORDER, Office


def check(folder: Path) -> tuple[int, str]:
    done = subprocess.run([sys.executable, "check.py"], cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_a_third_party_checks_an_exported_case_and_sees_what_was_changed(office: Office, tmp_path: Path) -> None:
    office.keys["s1._domainkey.example.com"] = RECORD
    target = Target(ORDER, BUYER, "1Z999AA10123456784", office.user)
    send_notices(office, [target])
    office.dovecot.append(chain(target, original(target)), user=office.user)
    office.work()
    assert office.case_state() == "REBILL_REQUESTED"
    office.keys.clear()  # DNS forgets, the archive does not
    with office.app.store.snapshot() as tx:
        case_id = tx.cases()[0].id
        found = export_case(tx, case_id)
        with pytest.raises(UsageError, match="there is no case"):
            export_case(tx, "c-none")
    write_evidence(found, tmp_path / "evidence")
    write_evidence(found, tmp_path / "evidence.zip")
    folder = tmp_path / "evidence"

    code, said = check(folder)
    assert (code, "All that could be checked holds." in said) == (0, True), said
    assert "signed by example.com: holds" in said
    assert len(list((folder / "mails").iterdir())) == 2  # the report and the chain
    record = json.loads((folder / "case.json").read_text())
    assert (record["acceptances"][0]["grade"], record["memo"]["status"]) == ("B", "awaiting_rebill")

    def changed(name: str, old: str, new: str) -> str:
        """What the check says where a file was changed and the manifest made to fit."""
        file = folder / name
        kept, manifest = file.read_bytes(), (folder / "manifest.json").read_bytes()
        assert old.encode() in kept
        file.write_bytes(kept.replace(old.encode(), new.encode()))
        fitted = json.loads(manifest)
        fitted["files"][name] = hashlib.sha256(file.read_bytes()).hexdigest()
        (folder / "manifest.json").write_text(json.dumps(fitted))
        code, said = check(folder)
        file.write_bytes(kept)
        (folder / "manifest.json").write_bytes(manifest)
        assert code == 1, said
        return said

    signed = next(name for name in found if name.startswith("signed/") and name.endswith("-1.eml"))
    assert "PROBLEM: the signature of message" in changed(signed, "I accept", "I  do not accept")
    mail = next(name for name in found if name.startswith("mails/") and b"I accept" in found[name])
    assert "is not the mail that was kept" in changed(mail, "I accept", "We accept")
    assert "was changed" in changed("audit.json", '"grade": "B"', '"grade": "A"')
    (folder / "mails" / mail.rpartition("/")[2]).write_bytes(b"other")
    assert "was changed after the export" in check(folder)[1]
