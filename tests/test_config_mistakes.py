"""Every mistake in config.yaml is reported at once, placed, in plain words, and without a secret."""

import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportbot.config import describe_settings, load_settings
from supportbot.errors import ConfigError

TOKENS = "smtp: {user: u, auth: xoauth2, oauth:"
ENDPOINT, CLIENT = "token_url: 'https://x.example/t'", "client_id: c, client_secret: 'env:HOME'"
REAL = "{name: a, address: a@b.example, host: imap.b.example, user: u, password: 'env:HOME'"


def mistakes(folder: Path, text: str) -> list[tuple[int | None, str, str, str]]:
    """(line, key, found, expected) of each finding."""
    file = folder / "config.yaml"
    file.write_text(text, "utf-8")
    with pytest.raises(ConfigError) as caught:
        load_settings(file)
    assert {finding.file for finding in caught.value.findings} == {file}
    return [(finding.line, finding.key, finding.found, finding.expected) for finding in caught.value.findings]


def places(folder: Path, text: str) -> list[tuple[int | None, str]]:
    return [(line, key) for line, key, _, _ in mistakes(folder, text)]


def test_all_mistakes_of_all_kinds_are_reported_together(tmp_path: Path) -> None:
    text = """\
databse: x
team_name: 12
team_name: twice
mailboxes:
  - name: a
    address: nope
    host: imap.b.example
    port: "993"
    security: none
    user: u
    password: hunter2
    folders: []
  - name: a
    address: a@b.example
    host: imap.b.example
    idle: yes
    password: env:SUPPORTBOT_NEVER_SET
retention:
  raw_days: -1
timers: {remind_after_days: [7, x], close_after_days: 20}
autopilot: [all]
"""
    assert places(tmp_path, text) == [
        (1, "databse"),
        (2, "team_name"),
        (3, "team_name"),
        (6, "mailboxes[0].address"),
        (8, "mailboxes[0].port"),
        (9, "mailboxes[0].security"),
        (11, "mailboxes[0].password"),
        (12, "mailboxes[0].folders"),
        (13, "mailboxes[1].name"),
        (13, "mailboxes[1].user"),
        (16, "mailboxes[1].idle"),
        (17, "mailboxes[1].password"),
        (19, "retention.raw_days"),
        (20, "timers.remind_after_days[1]"),
        (21, "autopilot[0]"),
    ]


@pytest.mark.parametrize(
    ("text", "key", "found", "expected"),
    [
        ("console: {port: 70000}", "console.port", "70000", "a whole number from 0 to 65535"),
        ("console: {port: true}", "console.port", "true", "a whole number from 0 to 65535"),
        ("smtp: {security: ssl}", "smtp.security", '"ssl"', "one of `tls`, `starttls`, `none`"),
        ("schedule: {poll_seconds: 0}", "schedule.poll_seconds", "0", "a number above 0"),
        ("schedule: {poll_seconds: .inf}", "schedule.poll_seconds", "a number without end", "a finite number"),
        ("autopilot: notice/M1", "autopilot", '"notice/M1"', "a list, each text"),
        ("smtp: localhost", "smtp", "one plain value", "a section of `key: value` lines"),
        ("limits:", "limits", "nothing", "a section of `key: value` lines"),
        ("team_name: !!python/name:os.system x", "team_name", "a YAML tag", "a plain value"),
        ("sellers: [{name: x}]", "sellers[0].id", "nothing", "text: seller id, as in the orders"),
        ("console: {prot: 1}", "console.prot", "an unknown key", "a known one; did you mean `port`?"),
        (
            "console: {zzz: 1}",
            "console.zzz",
            "an unknown key",
            "a known one; known here: host, port, address, secret, second_factor_roles, openid",
        ),
        ("- a", "", "a list", "`key: value` lines, one for each setting"),
        ("a: [1\nb: 2", "", "text that is not YAML at column 4", None),
        ("? [a, b]\n: 1", "", "a key that is not a word", "a setting's name"),
        ("sellers: &s [*s]", "sellers[0]", "an alias to the value it is part of", "a plain value"),
        ("rules: nowhere", "rules", None, None),
        ("smtp: {host: 'imap://h'}", "smtp.host", "text that is no host name (not shown)", None),
        ("smtp: {user: u}", "smtp.password", "nothing beside `user`", None),
        (f"smtp: {{auth: xoauth2, oauth: {{{ENDPOINT}, {CLIENT}}}}}", "smtp.user", "nothing beside `auth: xoauth2`", None),
        (
            f"{TOKENS} {{{CLIENT}}}}}",
            "smtp.oauth.token_url",
            "nothing beside `auth: xoauth2`",
            None,
        ),
        (
            f"{TOKENS} {{token_url: 'http://x.example/t', {CLIENT}}}}}",
            "smtp.oauth.token_url",
            None,
            None,
        ),
        (f"{TOKENS} {{token_url: 'https://[/', {CLIENT}}}}}", "smtp.oauth.token_url", None, None),
        (
            f"smtp: {{user: u, auth: oauthbearer, oauth: {{{ENDPOINT}, client_id: c}}}}",
            "smtp.oauth.refresh_token",
            "nothing beside `auth: oauthbearer`",
            None,
        ),
        ("sellers: [{id: a}, {id: a}]", "sellers[1].id", "'a' a second time", "each once"),
        ("timers: {remind_after_days: [7, 3]}", "timers.remind_after_days", "[7, 3]", "days in rising order, each once"),
        ("timers: {close_after_days: 5}", "timers.close_after_days", "5", "more than 7, the day of the last reminder"),
        ("timers: {ship_warning_days: [9]}", "timers.ship_warning_days", "[9]", None),
        (f"mailboxes: [{REAL}, security: none}}]", "mailboxes[0].security", "`none` for imap.b.example", None),
        (
            f"mailboxes: [{REAL}, folders: [INBOX, INBOX]}}]",
            "mailboxes[0].folders[1]",
            "'INBOX' a second time",
            "each folder once",
        ),
        (f'mailboxes: [{REAL}, folders: ["a\\r\\nb"]}}]', "mailboxes[0].folders[0]", '"a\\r\\nb"', "a folder's name"),
        (
            f"mailboxes: [{REAL}, done: move, done_folder: INBOX}}]",
            "mailboxes[0].done_folder",
            "'INBOX', which is polled",
            None,
        ),
        (f"mailboxes: [{REAL}, ca_file: none.pem}}]", "mailboxes[0].ca_file", None, "a file of certificates (PEM)"),
        ("mailboxes: [{name: a, address: a@b.example, host: demo}]", "smtp.host", None, None),
        ("database: mysql://h/n", "database", "another kind of text (not shown)", None),
        ("database: 'sqlite:///:memory:'", "database", "a database in memory", "the path of a file that outlives the program"),
    ],
)
def test_a_mistake_is_told_in_plain_words(tmp_path: Path, text: str, key: str, found: str | None, expected: str | None) -> None:
    [(_, got_key, got_found, got_expected)] = mistakes(tmp_path, text)
    assert (got_key, got_found, got_expected) == (key, found or got_found, expected or got_expected)


def test_every_wrong_item_of_a_list_is_reported(tmp_path: Path) -> None:
    assert places(tmp_path, "autopilot: [a/b, null, 3]\n") == [(1, "autopilot[1]"), (1, "autopilot[2]")]


def test_the_form_of_a_text_is_told(tmp_path: Path) -> None:
    text = 'business: {opens: 9am}\nmarketplaces: [{id: Member Club, business: {closes: "25:00"}}]\n'
    assert [(key, expected) for _, key, _, expected in mistakes(tmp_path, text)] == [
        ("business.opens", "a time such as `09:00`, in quotes"),
        ("marketplaces[0].id", "a name such as `member_club`"),
        ("marketplaces[0].business.closes", "a time such as `09:00`, in quotes"),
    ]


def test_security_none_is_right_on_this_machine(tmp_path: Path) -> None:
    for host in ("localhost", "127.0.0.1", "'::1'"):
        (tmp_path / "config.yaml").write_text(f"smtp: {{host: {host}, security: none}}")
        assert load_settings(tmp_path / "config.yaml").smtp.security == "none"


@pytest.mark.parametrize(
    "text",
    [
        "mailboxes: [{name: a, address: a@b.example, host: h.example, user: u, password: hunter2}]",
        "mailboxes: [{name: a, address: a@b.example, host: h.example, user: u, password: [hunter2]}]",
        "mailboxes: [{name: a, address: a@b.example, host: h.example, user: u, pasword: hunter2}]",
        "mailboxes: [{name: a, address: a@b.example, host: h.example, user: u, password: *hunter2}]",
        "mailboxes: [{name: a, address: a@b.example, host: h.example, user: u, password: !hunter2 x}]",
        "mailboxes: [{name: a, address: a@b.example, host: h.example, user: u, password: !hunter2!x y}]",
        "mailboxes: [{name: a, address: a@b.example, host: h.example, user: u, password: 'env:hunter2-x'}]",
        "mailboxes: [hunter2]",
        "smtp: 'imap://u:hunter2@h'",
        "smtp: {host: 'u:hunter2@h'}",
        "smtp: {user: u, password: hunter2}",
        "smtp: {password: hunter2, password: hunter2}",
        "database: postgresql://u:hunter2@h/db",
        "database: postgresql://u@h/db?password=hunter2",
        "database: hunter2",
        "password: hunter2",
        "password: @hunter2",
        "password: %hunter2",
        "password: 'hunter2\nx: [",
        "hunter2",
    ],
)
def test_a_secret_written_into_the_file_is_refused_and_never_repeated(tmp_path: Path, text: str) -> None:
    found = mistakes(tmp_path, text)
    assert "hunter2" not in str(found)


def test_a_secret_that_is_not_there_is_named_by_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOT_SET", raising=False)
    monkeypatch.setenv("EMPTY", "")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    (tmp_path / "empty").write_text("\n")
    found = {
        source: mistakes(tmp_path, f"smtp: {{user: u, password: '{source}'}}")[0][2]
        for source in ("env:NOT_SET", "env:EMPTY", "file:absent", "file:binary", "file:empty", "file:.")
    }
    assert found == {
        "env:NOT_SET": "the environment variable NOT_SET, which is not set",
        "env:EMPTY": "the environment variable EMPTY, which is empty",
        "file:absent": f"the file {tmp_path / 'absent'}, which cannot be read (No such file or directory)",
        "file:binary": f"the file {tmp_path / 'binary'}, which is not text in UTF-8",
        "file:empty": f"the file {tmp_path / 'empty'}, which is empty",
        "file:.": f"the file {tmp_path}, which cannot be read (Is a directory)",
    }


def test_a_file_that_is_no_text_is_a_finding(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    for content in (b"\xff\xfe\x00", b"team_name: \x00", b"a\x07: 1"):
        file.write_bytes(content)
        with pytest.raises(ConfigError):
            load_settings(file)
    with pytest.raises(ConfigError, match="cannot be read"):
        load_settings(tmp_path)


KEYS = sorted({part.removesuffix("[]") for setting in describe_settings() for part in setting.key.split(".")})
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 70000)
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["env:X", "a@b.example"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*KEYS, "other"]), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_whatever_the_file_holds_it_loads_or_is_refused_as_a_whole(
    tmp_path_factory: pytest.TempPathFactory, values: object
) -> None:
    file = tmp_path_factory.getbasetemp() / "any.yaml"
    file.write_text(json.dumps(values).replace("Infinity", ".inf").replace("NaN", ".nan"), "utf-8")
    with contextlib.suppress(ConfigError):
        load_settings(file)
