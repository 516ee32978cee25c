"""The auditor by hand."""

import argparse
import sys
from pathlib import Path

from tests.auditor.audit import audit
from tests.auditor.facts import World, host_and_port, read_mailbox, read_sink


def main() -> int:
    """Print every violation; 1 where there is one."""
    options = argparse.ArgumentParser(description="Proves the invariants of docs/spec/safety.md from outside.")
    options.add_argument("--database", required=True, help="sqlite:///PATH or postgresql://USER@HOST/NAME")
    options.add_argument("--sink", type=Path, help="what the mail server took over, a JSON object a line")
    options.add_argument("--imap", help="HOST:PORT of the mailbox")
    options.add_argument("--user", default="")
    options.add_argument("--password", default="")
    options.add_argument("--folder", action="append", help="default: INBOX")
    options.add_argument("--address", default="support@example.test", help="the mailbox's own address")
    options.add_argument(
        "--correspondent", action="append", default=[], help="an address that may be written to beside parties"
    )
    options.add_argument("--automatic", action="append", default=[], help="template/rule that may go out without a person")
    options.add_argument("--provider", default="", help="the authserv-id that the mailbox's provider writes")
    options.add_argument("--at-work", action="store_true", help="supportbot runs: what is half done is no violation")
    given = options.parse_args()
    host = host_and_port(given.imap) if given.imap else None
    folders = given.folder or ["INBOX"]
    world = World(
        address=given.address,
        taken=read_sink(given.sink) if given.sink else None,
        mailbox=read_mailbox(*host, given.user, given.password, folders) if host else None,
        correspondents=frozenset(given.correspondent),
        automatic=frozenset(given.automatic),
        provider=given.provider,
        at_rest=not given.at_work,
    )
    violations = audit(given.database, world)
    for one in violations:
        sys.stdout.write(f"{one}\n")
    sys.stdout.write(f"{len(violations)} violation(s)\n")
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
