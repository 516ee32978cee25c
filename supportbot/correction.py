"""What a person says that a mail is, laid over the program's own reading of it. Pure.

It decides which rule is asked and which mail is drafted; it never proves consent. The chain of proof is checked against the
words as the program reads them, and where a person reads them otherwise, nothing is proved (docs/spec/safety.md I2).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import TypeAdapter, ValidationError

from supportbot.casework.facts import Answer, Kind, MessageFacts, Reading
from supportbot.casework.linking import Candidate, Considered, Linking, LinkOutcome, Mark, Refusal, Thread
from supportbot.errors import UsageError

CONSENT = ("accepts_item", "accepts_rebill")
CORRECTED = ("accepts_item", "accepts_rebill", "outcome", "scope", "order_ids")
"""The facts that a person may say otherwise."""
_FACTS: TypeAdapter[MessageFacts] = TypeAdapter(MessageFacts)


@dataclass(frozen=True, slots=True)
class Said:
    """What a person has said of one mail. `kind` None: nothing of what it is. `thread`: where they have put it."""

    by: str
    kind: Kind | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)  # by the names of `CORRECTED`
    thread: Thread | None = None

    def over(self, heard: Reading) -> Reading:
        """The reading with the person's word in place of the program's."""
        if self.kind is None:
            return heard
        said = {name: tuple(value) if isinstance(value, list) else value for name, value in self.facts.items()}
        facts = replace(heard.facts, **checked(said))
        same = self.keeps_consent(heard)
        dropped = {"kind", *said}
        accepts = facts.accepts_item is Answer.YES and facts.accepts_rebill is Answer.YES
        return replace(
            heard,
            kind=self.kind,
            confidence=1.0,
            abstained=False,
            needs_person=heard.needs_person if same else accepts,
            facts=facts,
            evidence=tuple(one for one in heard.evidence if one.fact not in dropped),
            tier=heard.tier if same else None,
            derivation=heard.derivation if same else (),
            why=f"{self.by} says what this mail is.",
        )

    def keeps_consent(self, heard: Reading) -> bool:
        """Whether the person reads the buyer's consent as the program does; else nothing is proved by it."""
        if self.kind is None:
            return True
        said = checked({name: self.facts[name] for name in CONSENT if name in self.facts})
        return self.kind is heard.kind and all(getattr(heard.facts, name) == value for name, value in said.items())

    def placed(self, found: Linking) -> Linking:
        """The linking with the thread that the person has chosen, where they have."""
        if self.thread is None:
            return found
        thread = self.thread
        chosen = Candidate(
            thread_id=thread.thread_id,
            title=thread.title,
            mark=Mark.THEIR_MESSAGE_ID,
            latest=thread.latest,
            case_id=thread.case_id,
            order_ids=thread.order_ids,
            open=thread.open,
        )
        why = f"{self.by} says that it belongs to this thread."
        others = tuple(one for one in found.considered if one.candidate.thread_id != thread.thread_id)
        refused = tuple(
            replace(one, refusal=one.refusal or Refusal.WEAKER, why="A person has chosen another thread.") for one in others
        )
        return Linking(LinkOutcome.JOINED, why, (Considered(chosen, None, why), *refused), "certain")


def checked(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts of a form as the values of `MessageFacts`. Raises `UsageError` for one that cannot be."""
    unknown = [name for name in facts if name not in CORRECTED]
    if unknown:
        raise UsageError(f"{unknown[0]} is no fact that a person corrects")
    try:
        whole = _FACTS.validate_python(dict(facts))
    except ValidationError as fault:
        first = fault.errors()[0]
        raise UsageError(f"{'.'.join(map(str, first['loc'][:1]))}: {first['msg']}") from None
    return {name: getattr(whole, name) for name in facts}
