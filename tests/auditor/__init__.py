"""Proves I1 to I17 of docs/spec/safety.md after anything that happened, from outside.

    python -m tests.auditor --database URL --sink FILE [--imap HOST:PORT --user NAME]

Independent of the product: nothing of `supportbot` is imported (a test sees to it), every question is SQL or a reckoning of its
own, the mailbox is read by the standard library's client, and the mail server's own record is the truth of what went out.
"""
