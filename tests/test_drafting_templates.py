"""Every mail we write: its sample is golden, and with any needed value missing there is no mail."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportbot.drafting import ANSWERS, NAMES, Template, Templates, load_templates

FOLDER = Path(__file__).parent.parent / "templates" / "emails"
TEMPLATES = load_templates(FOLDER)
ALL = [(name, language) for name in TEMPLATES.names for language in TEMPLATES.languages(name)]
FOR_SELLERS = ("answer_generic", "ask_for_fact")  # to whoever wrote; no rule sends them to a buyer without a person's words
TRANSLATED = [
    name for name in TEMPLATES.names if TEMPLATES.get(name).audience in ("buyer", "sender") and name not in FOR_SELLERS
]
NOTICE = TEMPLATES.get("m_rebill_notice").sample
HOSTILE = (
    "{{ 7*7 }}",
    "{{ cycler.__init__.__globals__ }}",
    "{% for x in ().__class__ %}x{% endfor %}",
    "{# note #}",
    "${7*7}",
    "%s%n",
)


def words(**changed: object) -> dict[str, object]:
    return {**NOTICE, **changed}


@pytest.mark.parametrize(("name", "language"), ALL)
def test_a_sample_renders_to_its_golden_mail_without_findings(
    name: str, language: str, golden: Callable[[str, str], None]
) -> None:
    template = TEMPLATES.get(name, language)
    rendered = TEMPLATES.render(name, template.sample, language=language)

    assert (rendered.language, rendered.audience, rendered.findings) == (language, template.audience, ())
    file = f"{name}.txt" if language == "en" else f"{name}.{language}.txt"
    golden(f"emails/{file}", f"Subject: {rendered.subject}\n\n{rendered.body}")


@pytest.mark.parametrize(("name", "language"), ALL)
@pytest.mark.parametrize("nothing", [None, "", "  ", [], "\u200b\n"])
def test_without_a_needed_value_there_is_no_text(name: str, language: str, nothing: object) -> None:
    template = TEMPLATES.get(name, language)
    facts = {one.name: one.fact for one in NAMES}
    for need in template.needs:
        first = need.partition(".")[0]
        rendered = TEMPLATES.render(name, {**template.sample, first: nothing}, language=language)

        assert (rendered.subject, rendered.body) == ("", "")
        assert f"missing: {facts[first]}" in rendered.findings

        without = {key: value for key, value in template.sample.items() if key != first}
        assert TEMPLATES.render(name, without, language=language).findings == rendered.findings


@pytest.mark.parametrize(("name", "language"), ALL)
def test_a_value_that_may_be_unknown_leaves_no_gap(name: str, language: str) -> None:
    template = TEMPLATES.get(name, language)
    rendered = TEMPLATES.render(
        name, {key: value for key, value in template.sample.items() if key not in template.may}, language=language
    )

    assert rendered.findings == ()
    assert "None" not in rendered.body
    assert not any(bad in rendered.subject + rendered.body for bad in (" ,", "  ", " .\n", "()", "\n\n\n"))


def test_the_fba_mail_needs_the_asin_and_the_quantity_of_every_item() -> None:
    sample = TEMPLATES.get("a_fba_contact").sample
    whole = {"title": "Brass desk lamp", "asin": "B0CX23V2ZK", "quantity": 1}
    for key in ("asin", "quantity"):
        items = [whole, {k: v for k, v in whole.items() if k != key}]

        assert TEMPLATES.render("a_fba_contact", {**sample, "items": items}).findings == (f"missing: order.lines.{key}",)


def test_an_item_without_title_and_sku_is_missing() -> None:
    rendered = TEMPLATES.render("m_rebill_notice", words(cancelled_items=[{"quantity": 2}]))

    assert rendered.findings == ("missing: order.cancelled_lines.title",)


@pytest.mark.parametrize("name", TRANSLATED)
def test_what_buyers_read_is_in_five_languages(name: str) -> None:
    assert TEMPLATES.languages(name) == ("en", "de", "es", "fr", "it")


@pytest.mark.parametrize(("asked", "given_language"), [("de", "de"), ("de-AT", "de"), ("FR", "fr"), ("nl", "en"), ("", "en")])
def test_a_language_falls_back_to_english(asked: str, given_language: str) -> None:
    assert TEMPLATES.render("m_rebill_notice", NOTICE, language=asked).language == given_language


@pytest.mark.parametrize("language", ANSWERS)
def test_the_notice_gives_the_sentence_to_answer_with_on_a_line_of_its_own(language: str) -> None:
    assert ANSWERS[language] in TEMPLATES.render("m_rebill_notice", NOTICE, language=language).body.splitlines()


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("name", ["recipient_name", "marketplace_name"])
def test_template_syntax_from_mail_stays_as_written(name: str, hostile: str) -> None:
    rendered = TEMPLATES.render("m_rebill_notice", words(**{name: hostile}))

    assert hostile in rendered.body
    assert any(finding.startswith("no_unfilled_braces") for finding in rendered.findings) == (
        "{" in hostile and "$" not in hostile
    )


@pytest.mark.parametrize("name", ["Nora\r\nBcc: everyone@shop.test", "visit evil.com", "http://x", "<a href='x'>Nora</a>"])
def test_a_link_or_a_line_break_in_a_name_does_not_get_out(name: str) -> None:
    rendered = TEMPLATES.render("m_rebill_notice", words(recipient_name=name))
    elsewhere = TEMPLATES.render("m_rebill_notice", words(marketplace_name=name))

    assert (rendered.body.splitlines()[0], rendered.findings) == ("Hello,", ())
    assert [finding.split(":")[0] for finding in elsewhere.findings] == ["no_links"] * len(elsewhere.findings) != []


def test_a_long_name_is_cut_and_a_long_order_id_is_refused() -> None:
    assert f"Hello {'n' * 79}…,\n" in TEMPLATES.render("m_rebill_notice", words(recipient_name="n" * 500)).body
    assert TEMPLATES.render("m_rebill_notice", words(order_id="1" * 61)).findings == (
        "too long: order.order_id has 61 characters, at most 60 are right",
    )


def test_days_are_written_out_in_the_language_of_the_mail() -> None:
    days = {
        language: TEMPLATES.render("m_rebill_notice", NOTICE, language=language).body.splitlines()[2] for language in ANSWERS
    }

    expected = {
        "en": "12 March 2026",
        "de": "12. März 2026",
        "fr": "12 mars 2026",
        "es": "12 de marzo de 2026",
        "it": "12 marzo 2026",
    }
    assert {language: expected[language] in line for language, line in days.items()} == dict.fromkeys(expected, True)


@pytest.mark.parametrize(
    ("item", "line"),
    [
        ({"title": "Lamp", "sku": "L-1", "quantity": 2}, "- 2 x Lamp (SKU L-1)"),
        ({"title": "L-1", "sku": "L-1", "quantity": 0}, "- L-1"),
        ({"sku": "L-1", "quantity": "3"}, "- 3 x SKU L-1"),
        ({"title": "Lamp", "sku": "", "quantity": None}, "- Lamp"),
        ({"title": "Lamp\nCarrier: none", "quantity": True}, "- Lamp Carrier: none"),
    ],
)
def test_an_item_is_one_line(item: dict[str, object], line: str) -> None:
    body = TEMPLATES.render("m_rebill_notice", words(cancelled_items=[item])).body

    assert [one for one in body.splitlines() if one.startswith("- ")] == [line]


@pytest.mark.parametrize("day", ["2026-03-12", date(2026, 3, 12), datetime(2026, 3, 12, 23, tzinfo=UTC)])
def test_a_day_may_be_a_date_or_its_iso_form(day: object) -> None:
    assert " on 12 March 2026 and " in TEMPLATES.render("m_rebill_notice", words(shipped_on=day)).body


def test_every_sample_could_be_approved() -> None:
    assert TEMPLATES.check_samples() == ()


def test_the_guide_lists_every_value() -> None:
    guide = (FOLDER.parent.parent / "docs" / "howto" / "add-a-template.md").read_text()

    assert [name.name for name in NAMES if f"| `{name.name}` | `{name.fact}` | {name.meaning} |" not in guide] == []


TEXT = st.text(max_size=200)


@given(recipient=TEXT, marketplace=TEXT, title=TEXT, amount=TEXT)
def test_whatever_a_mail_says_the_draft_is_plain_text_and_one_subject_line(
    recipient: str, marketplace: str, title: str, amount: str
) -> None:
    values = words(
        recipient_name=recipient, marketplace_name=marketplace, amount=amount, cancelled_items=[{"title": title, "sku": "X-1"}]
    )
    rendered = TEMPLATES.render("m_rebill_notice", values)

    assert rendered.subject.count("\n") == rendered.subject.count("\r") == 0
    assert not any(ord(c) < 32 and c != "\n" for c in rendered.body)
    assert len(rendered.body) < 20_000
    if rendered.body:
        # Nothing that came from mail may begin a line of its own.
        template_lines = TEMPLATES.render("m_rebill_notice", words(recipient_name=None, marketplace_name=None)).body.count("\n")
        assert rendered.body.count("\n") == template_lines


@given(
    st.dictionaries(st.sampled_from([name.name for name in NAMES]), st.one_of(TEXT, st.integers(), st.lists(TEXT), st.none()))
)
def test_any_values_at_all_give_a_draft_or_findings(values: dict[str, object]) -> None:
    for name in ("m_rebill_notice", "a_fba_contact", "order_status", "m_reject_chain"):
        rendered = TEMPLATES.render(name, values)

        assert bool(rendered.body) or bool(rendered.findings)


def test_a_mail_cannot_grow_past_its_limit(tmp_path: Path) -> None:
    template = Template(
        "big", "en", "buyer", "s", "{{ reason }}" * 100, ("reason",), (), (), (), {"reason": "x"}, tmp_path / "big.txt"
    )

    rendered = Templates([template]).render("big", {"reason": "x" * 600})
    assert rendered.findings == ("body: the mail is longer than 20000 characters",)
    assert len(rendered.body) < 30_000


@pytest.mark.parametrize("shown", ["nora@hale.test", "NORA@hale.test", "no\u200bra@hale.test"])
def test_what_belongs_to_another_party_does_not_get_out(shown: str) -> None:
    sample = TEMPLATES.get("answer_generic").sample
    rendered = TEMPLATES.render("answer_generic", {**sample, "reason": f"Ask {shown}"}, private=["nora@hale.test"])

    assert any(finding.startswith("no_other_partys_data") for finding in rendered.findings)
    assert TEMPLATES.render("answer_generic", sample, private=["nora@hale.test"]).findings == ()
