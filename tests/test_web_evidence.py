"""How the console marks the words that carry a fact."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from supportbot.casework.facts import Evidence
from supportbot.store.rows import MessageRow
from supportbot.web.evidence import mark_text, visible, visible_line
from supportbot.web.mailview import view_message
from supportbot.web.words import age, money, said

ANY_JSON: st.SearchStrategy[object] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["passed", "address", "start", "quotes"]), inner)
    ),
)
TEXT = "Yes, keep it and charge me."


def test_the_words_of_a_fact_are_marked_and_numbered() -> None:
    marked = mark_text(TEXT, [Evidence("accepts_item", "keep it", 5, 12, "C-1")])

    assert [(s.text, s.tone, s.ends) for s in marked.stretches] == [
        ("Yes, ", None, ()),
        ("keep it", 1, (1,)),
        (" and charge me.", None, ()),
    ]
    assert [(m.number, m.name, m.placed) for m in marked.legend] == [(1, "Accepts the item", True)]


def test_words_that_carry_two_facts_are_cut_where_the_facts_part() -> None:
    evidence = [Evidence("accepts_item", "Yes, keep", 0, 9, "a"), Evidence("accepts_rebill", "keep it", 5, 12, "b")]

    marked = mark_text(TEXT, evidence)

    assert [(s.text, s.facts) for s in marked.stretches[:3]] == [
        ("Yes, ", ("Accepts the item",)),
        ("keep", ("Accepts the item", "Accepts the re-billing")),
        (" it", ("Accepts the re-billing",)),
    ]


def test_evidence_whose_span_holds_other_words_is_listed_but_never_marked() -> None:
    marked = mark_text(TEXT, [Evidence("accepts_item", "keep it", 0, 7, "a"), Evidence("order_ids", "1", 900, 901, "b")])

    assert [s.tone for s in marked.stretches] == [None]
    assert [m.placed for m in marked.legend] == [False, False]


def test_words_that_no_rule_explains_are_marked_as_such() -> None:
    marked = mark_text(TEXT, [], [(17, 26)])

    assert [(s.text, s.unexplained) for s in marked.stretches] == [
        ("Yes, keep it and ", False),
        ("charge me", True),
        (".", False),
    ]


@given(st.text(), st.lists(st.tuples(st.integers(-3, 40), st.integers(-3, 40), st.text(max_size=3))))
def test_marking_never_changes_the_text(text: str, spans: list[tuple[int, int, str]]) -> None:
    evidence = [Evidence("scope", words or text[start:end], start, end, "r") for start, end, words in spans]

    marked = mark_text(text, evidence, [(start, end) for start, end, _ in spans])

    assert "".join(stretch.text for stretch in marked.stretches) == text


def test_characters_that_hide_or_turn_text_around_are_written_out() -> None:
    assert visible("pay\u202egnihton\u200b\n") == "pay⟨U+202E⟩gnihton⟨U+200B⟩\n"
    assert visible_line("a\nb\u0000") == "a b⟨U+0000⟩"


@given(ANY_JSON)
def test_any_json_of_the_desk_can_be_shown(value: object) -> None:
    keys = ("new_text", "quoted_text", "facts", "evidence", "authentication", "decision", "screening", "from", "defects")

    view = view_message(MessageRow(1, "0", "m", datetime.now(UTC), "done", 0, details=dict.fromkeys(keys, value)))

    assert view.subject == ""


def test_what_the_desk_has_not_said_is_unknown() -> None:
    view = view_message(MessageRow(1, "0", "m", datetime.now(UTC), "new", 0, kind="rebill_reply"))

    assert (view.text, view.authentication.passed, view.address) == (None, None, None)
    assert [(fact.name, fact.value) for fact in view.facts] == [("Accepts the item", None), ("Accepts the re-billing", None)]


def test_a_sender_who_imitates_another_one_is_warned_of() -> None:
    details = {"from": {"name": "support@club.example", "address": "x@evil.example"}}

    view = view_message(MessageRow(1, "0", "m", datetime.now(UTC), "done", 0, details=details))

    assert view.warnings == ("The name holds another address than the real one.",)


def test_false_is_not_unknown() -> None:
    values: tuple[object, ...] = (None, "", [], False, True, 0)

    assert [said(value) for value in values] == [None, None, None, "no", "yes", "0"]


def test_ages_and_amounts_are_short_and_exact() -> None:
    now = datetime(2026, 3, 4, 12, tzinfo=UTC)

    assert [age(now - timedelta(minutes=m), now) for m in (0, 5, 200, 60 * 47, 60 * 49)] == [
        "now",
        "5 min",
        "3 h",
        "47 h",
        "2 d",
    ]
    assert (money(Decimal("1234.5"), "USD"), money(None, "USD")) == ("1,234.50 USD", "unknown")
