"""The border between new words and others' where programs and people leave no mark that anybody listed.

Whatever is called new there is for a person: `boundary_certain` must be False, or the words not new. Ordinary letters that look
a little alike stay certain.
"""

from collections.abc import Sequence

import pytest

from supportbot.mail.message import Label
from supportbot.mail.quote import Split, Surroundings, split

SHOP = "help@oak-and-anvil.example"
ANSWER = "Leave the bellows with the porter, I shall fetch them on Friday."
LETTER = """the bellows you had cancelled went out with the morning van all the same.

Would keeping them suit you, and is a second charge of 48.00 EUR all right?

Oak & Anvil, buyers' desk"""
AROUND = Surroundings(
    replies=True,
    author="Ottmar Bechstein",
    address="ottmar@bechstein-orgeln.example",
    parties=frozenset({"ottmar@bechstein-orgeln.example", SHOP}),
)


def read(body: str, *, ours: Sequence[str] = (), subject: str = "Re: bellows", around: Surroundings = AROUND) -> Split:
    return split(body, ours=ours, subject=subject, around=around)


def new_text(body: str, result: Split) -> str:
    return "".join(body[part.start : part.end] for part in result.segments if part.label is Label.NEW).strip()


def marked(text: str, mark: str = "> ") -> str:
    return "\n".join(f"{mark}{line}".rstrip() for line in text.split("\n"))


# -- heads in unknown words --------------------------------------------------------------------------------------------

HEADS = [
    "Vào Th 3, 3 thg 11, 2026 lúc 09:12 Oak & Anvil <help@oak-and-anvil.example> đã viết:",
    "V út 3. 11. 2026 v 9:12 odesílatel Oak & Anvil\n<help@oak-and-anvil.example> doručil:",
    "Oak & Anvil <help@oak-and-anvil.example> 2026-11-03 09:12",
    "[Oak & Anvil, 03.11.2026 09:12]",
    "<help@oak-and-anvil.example> 3 Nov 2026 09:12:40 +0100",
    "On 3 Nov 2026 Oak & Anvil wrote",
    "Am 3.11.26 um 9:12 schrieb Oak & Anvil",
    "Quoting Oak & Anvil <help@oak-and-anvil.example>:",
    "Zitat von Oak & Anvil:",
    "help@oak-and-anvil.example wrote:",
    "help@oak-and-anvil.example, 3 Nov 2026 09:12",
    "support schrieb am 03.11.2026 um 09:12:",
    "03-11-2026 09:12 support:",
    "On 3 Nov 2026, at 09:12, <help@oak-and-anvil.example>\nreplied:",
    "wtorek, 3 listopada 2026 9:12\n<help@oak-and-anvil.example> napisał(a):",
    '"Oak & Anvil"\n<help@oak-and-anvil.example> schrieb:',
    # in pieces, as HTML that was made text has them
    "03.11.2026 9:12 Oak & Anvil, Inc.\n\n(help@oak-and-anvil.example) napisał(a):",
    "On Tue, Nov 3, 2026 at 9:12 AM Oak & Anvil\n\n<\nmailto:help@oak-and-anvil.example\n> wrote:",
    "*Onderwerp:* bellows\n\n*Verzonden:* 03-11-2026 09:12\n\n*Van:* help@oak-and-anvil.example\n\n*Aan:* me@b.example",
]


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("quote", [LETTER, marked(LETTER)])
def test_a_head_ends_what_is_new_in_whatever_language_and_order_it_names_who_and_when(head: str, quote: str) -> None:
    body = f"{ANSWER}\n\n{head}\n\n{quote}"

    assert new_text(body, read(body)) == ANSWER


@pytest.mark.parametrize("head", [*HEADS, "* * *", "~~~~~~~~~~", "Oak & Anvil, 3 Nov, 09:12", "Original message text:"])
def test_what_stands_above_our_own_words_heads_them(head: str) -> None:
    body = f"{ANSWER}\n\n{head}\n{LETTER}"

    assert new_text(body, read(body, ours=[LETTER])) == ANSWER


@pytest.mark.parametrize(
    "line",
    [
        "Oak & Anvil · 3 Nov",
        "Oak & Anvil, 03/11, 09:12",
        "Oak & Anvil <help@oak-and-anvil.example>",
        "Here is what the customer wrote:",
        "Der Käufer schreibt:",
        "Message reçu :",
        "--- Poruka ---",
        "Avsändare: help@oak-and-anvil.example\nDag: i går",
        "***",
        "- - - - - - - -",
    ],
)
def test_a_line_that_may_head_others_words_leaves_the_border_open(line: str) -> None:
    assert not read(f"{ANSWER}\n\n{line}\n\nPlease stop the order. My workshop has burnt down.").boundary_certain


@pytest.mark.parametrize(
    "body",
    [
        "03/11/2026 08:00 Out for delivery\n02/11/2026 19:40 Arrived (Passau)\n\nIt has not come.",
        "It was loaded on 03.11.2026 at 07:40 with the other two.\nThe van is gone.",
        "Carrier: Hermes\nHanded over: 03.11.2026 15:40\nNumber: H1002003004",
        "May we have 2 of them? We pay 48.00 for each.\nOne for the loft.",
        "Write to loft@bechstein-orgeln.example from 5 November on please\nbecause I am away.",
    ],
)
def test_a_sentence_with_a_date_or_an_address_is_no_head(body: str) -> None:
    assert new_text(body, read(body)) == body


def test_the_first_quoted_words_on_the_line_that_names_their_writer_are_not_new() -> None:
    body = f"{ANSWER}\n\nOn Tue, 3 Nov 2026 at 9:12, Oak & Anvil <{SHOP}> wrote:   Hello,\n\n{LETTER}"

    assert new_text(body, read(body)) == ANSWER
    assert new_text(body, read(body, ours=[f"Hello,\n\n{LETTER}"])) == ANSWER


def test_an_unknown_label_or_announcement_above_a_known_block_belongs_to_it() -> None:
    block = f"From: Oak & Anvil <{SHOP}>\nDate: Tue, 3 Nov 2026 09:12:00 +0100\nTo: {AROUND.address}\nSubject: bellows"
    for above in ("-----Mensahe-----\n", "Mailbox: inbox@bechstein-orgeln.example\n"):
        body = f"{ANSWER}\n\n{above}{block}\n\n{LETTER}"
        assert new_text(body, read(body)) == ANSWER


# -- one letter of one hand --------------------------------------------------------------------------------------------

SIGNED = f"Good day,\n\n{ANSWER}\n\nKind regards\nOttmar Bechstein"


@pytest.mark.parametrize(
    "body",
    [
        f"{SIGNED}\n\nI would rather not have them, my apprentice has bought some.",  # whose?
        f"{ANSWER} Ottmar\n\nno thanks, i have found others in the attic",
        f"{ANSWER}\nBeste Grüße, O. Bechstein\n\nGuten Morgen, bitte stornieren Sie meine Bestellung, die Bälge passen nicht.",
        f"Hello,\n\n{ANSWER}\n\nDear Ms Quarrie,\n\nplease leave mine out of the next van.",
        f"{ANSWER}\n\nThe parcel can still be refused at the door.\n\nOak & Anvil",
        f"{ANSWER}\n\nDo\nyou agree to be charged once more?",
        f"The buyer says\n\n“I will keep the bellows and you may take the money once more.”\n\n{ANSWER}",
        f"{ANSWER}\n\n" + "\n".join(f"    {line}" for line in LETTER.split("\n") if line),
        f"{ANSWER}\n\n| they went out with the morning van\n\nI know.",
        f"{ANSWER}\n\n" + marked("they went out with the van\nthough you had cancelled\nso we ask", "OA: "),
        f"{ANSWER}\n\n- the bellows that you had cancelled went out\n- with the morning van, for which we beg your\n- pardon",
    ],
)
def test_words_that_may_be_anothers_leave_the_border_open(body: str) -> None:
    assert not read(body).boundary_certain


@pytest.mark.parametrize(
    "body",
    [
        SIGNED,
        f"{SIGNED}\n\nP.S. The porter is called Veit.",
        f"{ANSWER}\n\nSaludos,\nOttmar\n\nP.D.: el portero se llama Veit.",
        f"Hello,\ndear colleagues at Oak & Anvil,\n\n{ANSWER}",
        f"Oak & Anvil\nbuyers' desk\n\n{ANSWER}\n\nThanks\nOttmar",
        f"Thanks!\n\n{ANSWER}",
        f"Two things:\n- the left strap is torn\n- the nozzle is bent\n- all else is fine\n\n{ANSWER}",
        "Yes\n\nand please ring twice, I am in the yard",
        f"{ANSWER}\n\nMany thanks for your patience.\n\nBest wishes\nOttmar",
        f"{ANSWER}\n\nMoved to:\nOttmar Bechstein\nHafnersteig 4\n94032 Passau",
    ],
)
@pytest.mark.parametrize("quote", ["", f"\n\nOn Tue, 3 Nov 2026 at 9:12, Oak & Anvil <{SHOP}> wrote:\n{marked(LETTER)}"])
def test_an_ordinary_letter_is_certain(body: str, quote: str) -> None:
    assert read(body + quote).boundary_certain


ATTRIBUTION = f"On Tue, 3 Nov 2026 at 9:12, Oak & Anvil <{SHOP}> wrote:"


@pytest.mark.parametrize(
    "quote",
    [
        "> the bellows you had cancelled went out\nwith the morning van all the same.",
        f"> Dear Mr Bechstein,\n{LETTER}",
        f"{marked(LETTER)}\n\nI would rather not have them.",  # the end of a quote that lost its marks?
    ],
)
def test_unmarked_words_at_the_end_of_a_quote_leave_the_border_open(quote: str) -> None:
    assert not read(f"{ANSWER}\n\n{ATTRIBUTION}\n{quote}").boundary_certain


def test_answers_between_and_below_marked_questions_are_certain() -> None:
    answers = "> Would keeping them suit you?\n\nIt would.\n\n> And a second charge?\n\nNot before Friday.\n\nOttmar"
    body = f"Good day,\n\n{ATTRIBUTION}\n{answers}"

    assert read(body).boundary_certain


def test_words_between_unmarked_words_of_ours_are_for_a_person() -> None:
    first, second, third = LETTER.split("\n\n")
    body = f"Good day,\n\n{first}\n\nI saw it.\n\n{second}\n\nIt would.\n\n{third}"

    assert not read(body, ours=[LETTER]).boundary_certain


# -- ticket desks ------------------------------------------------------------------------------------------------------

MARKERS = [
    "##- Please type your reply above this line -##",
    "Reply above this line.",
    "--- Bitte antworten Sie oberhalb dieser Zeile ---",
    "=== Répondez au-dessus de cette ligne ===",
    "-- Responda por encima de esta línea --",
    "--- Scrivi la risposta sopra questa riga ---",
    "--- Typ uw antwoord boven deze regel ---",
    "--- Responda acima desta linha ---",
    "--- Prosimy o odpowiedź powyżej tej linii ---",
]


@pytest.mark.parametrize("marker", MARKERS)
def test_a_desks_marker_is_no_word_and_what_stands_below_an_answer_to_it_is_quoted(marker: str) -> None:
    below = f"{marker}\n\nMira Olsen commented:\n\n{ANSWER}"
    above = f"{ANSWER}\n\n{marker}\n\nYour request 5512 has been updated.\n\n{LETTER}"

    assert new_text(below, read(below)) == ANSWER
    assert new_text(above, read(above)) == ANSWER
    assert not read(above).boundary_certain


def test_the_newest_entry_of_a_desk_that_indents_every_entry_is_new() -> None:
    body = (
        f"{MARKERS[0]}\n\nYour request (7710) has been updated. To add further comments, reply to this email.\n\n"
        f"Mira\n\nNov 4, 2026, 11:30 GMT\n\n{marked(ANSWER)}\n\nOak & Anvil\n\nNov 3, 2026, 09:12 GMT\n\n{marked(LETTER)}"
    )
    result = read(body, subject="[Bench] Re: bellows")

    assert new_text(body, result) == marked(ANSWER)
    assert not result.boundary_certain


@pytest.mark.parametrize(
    "reference", ["[RT ticket #5512, queue general]", "ref:_00D300000.500A:ref", "{#HS:771-209}", "##5512##"]
)
def test_the_mark_by_which_a_desk_knows_its_ticket_is_a_footer(reference: str) -> None:
    body = f"{ANSWER}\n\nThanks\nMira\n\n{reference}"

    assert new_text(body, read(body)) == f"{ANSWER}\n\nThanks\nMira"


# -- what is passed on, and who signs ----------------------------------------------------------------------------------

FORWARD = "From: Selma Vik <selma@vik.example>\nDate: Tue, 3 Nov 2026 18:00:00 +0100\nSubject: bellows\nTo: o@b.example"


@pytest.mark.parametrize("end", ["Selma", "________________________________"])
def test_words_below_a_message_passed_on_are_new_where_its_end_and_the_senders_name_show(end: str) -> None:
    theirs, own = f"Please do not send the bellows.\n{end}", "That is all she said. Ottmar"
    body = f"---------- Forwarded message ----------\n{FORWARD}\n\n{theirs}\n\n{own}"
    result = read(body, subject="Fwd: bellows")

    assert new_text(body, result) == own
    assert not result.boundary_certain


def test_an_older_mail_of_the_sender_inside_what_they_pass_on_is_not_new() -> None:
    older = (
        f"From: Ottmar Bechstein <{AROUND.address}>\nDate: Mon, 2 Nov 2026 08:00:00 +0100\nSubject: bellows\nTo: s@v.example"
    )
    chain = f"{FORWARD}\n\nI keep them.\nSelma\n\n{older}\n\nDo you keep them, Selma? Ottmar"
    body = f"{ANSWER}\n\n---------- Forwarded message ----------\n{chain}"
    result = read(body, subject="Fwd: bellows")

    assert new_text(body, result) == ANSWER
    assert [message.body for message in result.forwarded] == ["I keep them.\nSelma", "Do you keep them, Selma? Ottmar"]


def test_the_rules_of_a_forwarding_program_are_no_words_of_the_message() -> None:
    theirs = "> Please do not send the bellows.\n> Selma"
    body = (
        f'---- Forwarded message from "Selma Vik" <selma@vik.example> ----\n\n{FORWARD}\n\n{theirs}\n\n'
        f"---- End forwarded message ----\n\n{ANSWER}"
    )
    rule = "===8<==============Original message text==============="
    bat = f"This is a forwarded message\n{FORWARD}\n\n{rule}\nPlease do not send them.\n"

    result = read(body, subject="Fwd: bellows")
    assert new_text(body, result) == ANSWER
    assert [message.body for message in result.forwarded] == ["Please do not send the bellows.\nSelma"]
    assert [message.body for message in read(bat, subject="Fwd: bellows").forwarded] == ["Please do not send them."]


def test_whom_the_sender_signs_for_and_their_address_are_a_card() -> None:
    firm = f"{ANSWER}\n\nRegards,\nVeit Amsel\nBechstein Orgeln, workshop"
    address = f"{ANSWER}\n\n{AROUND.address}"

    assert new_text(firm, read(firm)) == f"{ANSWER}\n\nRegards,"
    assert new_text(address, read(address)) == ANSWER


@pytest.mark.parametrize(
    "head",
    [
        "5 November 2026",
        "Thu 16:15",
        "Re: bellows",
        "Subject: bellows",
        "Gesendet: 5.11.2026",
        "Previous message",
        "Your question:",
        "On Thursday you asked:",
        "Sie fragten:",
        "Vous demandez :",
        "Usted preguntó:",
        "Lei chiede:",
        "U vroeg:",
        "Pytanie:",
        "ご質問：",
        "Zitat:",
        "Citation :",
        "Cytat:",
    ],
)
def test_a_heading_that_stands_alone_makes_the_border_uncertain(head: str) -> None:
    body = f"{ANSWER}\n\n{head}\n\nThe bellows are packed."
    result = read(body)

    assert not result.boundary_certain or "packed" not in new_text(body, result)


@pytest.mark.parametrize(
    "body",
    [
        "My question:\n\nmay the porter sign for the bellows?",
        "I can be there on\n5 November 2026\nor on Friday.",
        "Re: the bellows, leave them with the porter.",
        "Leave the bellows with the porter.\n\n5 November 2026",
    ],
)
def test_a_date_or_a_question_of_the_senders_own_leaves_it_certain(body: str) -> None:
    assert read(body).boundary_certain


# -- lines that touch what is new --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "warning",
    [
        "[EXTERNAL]",
        "CAUTION: This email originated from outside of the organization. Do not click links or open attachments.",
        "You don't often get email from ottmar@bechstein-orgeln.example. Learn why this is important",
        "UWAGA: Ta wiadomość pochodzi spoza organizacji.",
    ],
)
@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_words_right_below_a_gateways_warning_are_the_senders(warning: str, gap: str) -> None:
    body = f"{warning}{gap}{ANSWER}"

    assert new_text(body, read(body)) == ANSWER


@pytest.mark.parametrize("line", ["[Quoted text]", "Older messages", "Mon 2 Nov 14:02", "External email", "OA-CASE-31"])
def test_a_lone_line_above_a_quote_without_a_head_is_never_surely_new(line: str) -> None:
    body = f"{ANSWER}\n\n{line}\n\n{marked(LETTER)}"
    result = read(body)

    assert new_text(body, result) == ANSWER or not result.boundary_certain


@pytest.mark.parametrize("head", ["Support:", "Earlier:", "[Support]", "*Support*", "Support wrote"])
def test_a_label_above_words_that_nothing_marks_makes_the_border_uncertain(head: str) -> None:
    body = f"{ANSWER}\n\n{head}\nThe bellows went out before your cancellation reached this house."

    assert not read(body).boundary_certain


def test_words_between_two_messages_passed_on_are_the_senders() -> None:
    def passed_on(name: str, words: str) -> str:
        address = f"{name.split()[0].lower()}@buyer.example"
        return f"---------- Forwarded message ---------\nFrom: {name} <{address}>\nDate: Thu, Nov 5, 2026 at 6:02 PM\n\n{words}"

    between = "That one had left already. The next is still on our shelf:"
    first, second = passed_on("Rory Kemp", "Cancel it please.\nRory"), passed_on("Dora Pett", "I withdraw it.\nDora")
    body = f"Two buyers:\n\n{first}\n\n{between}\n\n{second}"
    result = read(body, subject="Fwd: two", around=Surroundings(author="Bryony Tate", address="b@harlow.example"))

    assert new_text(body, result).split("\n\n") == ["Two buyers:", between]
    assert [message.body for message in result.forwarded] == ["Cancel it please.\nRory", "I withdraw it.\nDora"]
    assert not result.boundary_certain


@pytest.mark.parametrize("line", ["Oak & Anvil", "Oak & Anvil wrote on"])
def test_a_line_that_may_begin_the_head_below_it_leaves_the_border_open(line: str) -> None:
    body = f"{ANSWER}\n\n{line}\n\n<help@oak-and-anvil.example> schrieb am 03.11.2026 um 9:12:\n{marked(LETTER)}"

    assert not read(body).boundary_certain


@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_the_senders_name_above_a_head_stays_theirs(gap: str) -> None:
    head = "<help@oak-and-anvil.example> schrieb am 03.11.2026 um 9:12:"
    body = f"{ANSWER}\n\nRegards\nOttmar{gap}{head}\n{marked(LETTER)}"
    result = read(body)

    assert new_text(body, result) == f"{ANSWER}\n\nRegards\nOttmar"
    assert result.boundary_certain


def test_a_short_answer_right_below_a_quoted_question_leaves_the_border_certain() -> None:
    head = "On 3 Nov 2026 at 09:12, Oak & Anvil wrote:"
    questions = "> What is the tracking number?\n\nJJD0003330004455\n\n> Can it be stopped?\n\nno\n\n> Please answer today."
    body = f"{head}\n\n{questions}"
    result = read(body)

    assert new_text(body, result).split() == ["JJD0003330004455", "no"]
    assert result.boundary_certain


@pytest.mark.parametrize(("begin", "end"), [("Begin message", "End message"), ("Beginn der Nachricht", "Ende der Nachricht")])
def test_the_frame_of_a_relay_and_what_it_says_below_are_no_words_of_the_sender(begin: str, end: str) -> None:
    frame = "-------------"
    body = f"{frame} {begin} {frame}\n\n{ANSWER}\n\n{frame} {end} {frame}\n\nThe order: 40817\nKeep our house safe."

    assert new_text(body, read(body, subject="Inquiry")) == ANSWER


def test_words_below_a_telephones_footer_leave_the_border_open() -> None:
    assert not read(
        f"{ANSWER}\n\nSent from my iPhone\n\nWe are sorry that the bellows have left our house already."
    ).boundary_certain
