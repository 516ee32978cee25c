"""A template file's mistakes are found when it is loaded, all at once, each with its place."""

from pathlib import Path

import pytest

from supportbot.drafting import load_templates
from supportbot.errors import TemplateError

GOOD = """\
---
audience: buyer
subject: "Order {{ order_id }}"
needs: [order_id, team_name]
forbids: [links]
sample:
  order_id: "5"
  team_name: Support
---
Hello,

your order {{ order_id }}.

{{ team_name }}
"""


def findings(folder: Path, **files: str) -> list[str]:
    for name, text in files.items():
        (folder / f"{name.replace('__', '.')}.txt").write_text(text)
    with pytest.raises(TemplateError) as caught:
        load_templates(folder)
    return [f"{Path(f.file).name}:{f.line} {f.key}: {f.found}" for f in caught.value.findings]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("your order {{ order_id }}", "{{ order_idd }}",
         "t.txt:12 body: the variable 'order_idd'; did you mean 'order_id'?"),
        ("Order {{ order_id }}", "{{ amount }}", "t.txt:3 subject: the variable 'amount'"),
        ("your order {{ order_id }}", "{{ order_id",
         "t.txt:14 body: expected name or number"),
        ("your order", "{% for x in order_id %}{{ x }}{% endfor %}", "t.txt:12 body: 'for'"),
        ("your order", "{{ order_id.__class__ }}", "t.txt:12 body: 'getattr'"),
        ("your order", "{{ order_id() }}", "t.txt:12 body: 'call'"),
        ("your order", "{{ 'a' * 9 }}", "t.txt:12 body: 'mul'"),
        ("your order", "{% include 'x' %}", "t.txt:12 body: 'include'"),
        ("your order", "{% set x = 1 %}", "t.txt:12 body: 'assign'"),
        ("your order", "{{ order_id | upper }}", "t.txt:12 body: the filter 'upper'"),
        ("audience: buyer", "audience: byuer", "t.txt:2 audience: 'byuer'"),
        ("audience: buyer", "audiance: buyer", "t.txt:2 audiance: an unknown key; did you mean 'audience'?"),
        ("[order_id, team_name]", "[order, team_name]", "t.txt:4 needs: 'order', which is not known; did you mean 'order_id'?"),
        ("[links]", "[link]", "t.txt:5 forbids: 'link', which is not known; did you mean 'links'?"),
        ('  order_id: "5"\n', "", "t.txt:6 sample.order_id: nothing"),
        ("needs: [order_id", "needs: [[order_id", "t.txt:4 : while parsing a flow sequence did not find expected ',' or ']'"),
        ("needs: [order_id, team_name]", "needs: order_id", "t.txt:4 needs: 'order_id'"),
        ("needs:", "audience: buyer\nneeds:", "t.txt:4 : the key 'audience' again"),
    ],
)  # fmt: skip
def test_a_mistake_is_placed(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert old in GOOD
    found = findings(tmp_path, t=GOOD.replace(old, new, 1))

    assert expected in found


def test_all_mistakes_of_all_files_come_at_once(tmp_path: Path) -> None:
    found = findings(
        tmp_path,
        one=GOOD.replace("buyer", "nobody").replace("{{ team_name }}", "{{ team }}"),
        two="no front matter\n",
        three=GOOD.split("---\nHello")[0] + "---\n",
        one__de="---\nlanguage: de\nsubject: x\n---\nHallo\n",
    )

    assert {line.split(":")[0] for line in found} == {"one.txt", "one.de.txt", "two.txt", "three.txt"}
    assert len(found) == 5


def test_a_translation_states_only_what_differs(tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text(GOOD)
    found = findings(tmp_path, t__de="---\nlanguage: fr\nsubject: Bestellung\nforbids: []\n---\n{{ order_id }} {{ amount }}\n")

    assert found == [
        "t.de.txt:2 language: 'fr'",
        "t.de.txt:4 forbids: an unknown key; a translation takes it from the English file",
        "t.de.txt:6 body: the variable 'amount'",
    ]


def test_a_translation_is_checked_as_the_english_mail_is(tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text(GOOD)
    (tmp_path / "t.pl.txt").write_text("---\nlanguage: pl\nsubject: Zamówienie\n---\n{{ order_id }} ups.com\n")
    rendered = load_templates(tmp_path).render("t", {"order_id": "5", "team_name": "x"}, language="pl")

    assert rendered.findings == ("no_links: 'ups.com' is a link; take it out",)


def test_a_lint_that_reads_words_needs_a_language_it_knows(tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text(GOOD.replace("[links]", "[links, cancel_request]"))
    found = findings(tmp_path, t__pl="---\nlanguage: pl\nsubject: Zamówienie\n---\n{{ order_id }}\n")

    assert found == ["t.pl.txt:None language: 'pl'"]


def test_an_empty_folder_has_no_templates(tmp_path: Path) -> None:
    assert findings(tmp_path) == [f"{tmp_path.name}:None : no mail templates"]


def test_a_file_that_is_not_text_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_bytes(b"---\n\xff\xfe\n---\n")

    assert findings(tmp_path)[0].startswith("t.txt:None : 'utf-8' codec can't decode")
