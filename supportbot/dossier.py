"""What is kept of a decision, beside the message: all that the console shows and a replay compares, as JSON."""

from dataclasses import asdict
from typing import Any

from supportbot.casework.linking import Linking
from supportbot.judgement import Judgement, OrderDecision
from supportbot.mail.message import Verdict


def needs_person(judgement: Judgement) -> bool:
    """Whether a person has to see to the message, whatever is drafted."""
    decision = judgement.main.decision
    return decision.action == "review" or decision.needs_person or judgement.reading.needs_person


def details_of(judgement: Judgement, rules_sha256: str) -> dict[str, Any]:
    """Everything the console shows about a decision, as JSON."""
    message, reading, verdict = judgement.message, judgement.reading, judgement.verdict
    details: dict[str, Any] = {
        "from": asdict(message.sender) if message.sender else None,
        "new_text": message.new_text,
        "quoted_text": message.quoted_text,
        "facts": {name: _plain(value) for name, value in asdict(reading.facts).items()}
        | {"near_misses": [str(miss) for miss in reading.facts.near_misses]},
        "evidence": [asdict(e) for e in reading.evidence],
        "unexplained": [list(span) for span in reading.unexplained],
        "derivation": [asdict(clause) for clause in reading.derivation],
        "tier": reading.tier,
        "needs_person": needs_person(judgement),
        "authentication": asdict(judgement.letter.sender),
        "screening": {"verdict": judgement.screening.verdict, "reason": judgement.screening.reason},
        "defects": list(message.defects),
        "attachments": [a.name for a in message.attachments],
        "boundary_certain": message.boundary_certain,
        "link": _link(judgement.linking),
        "decision": _decision(judgement.main),
        "rules_sha256": rules_sha256,
    }
    if judgement.several_orders:
        details["orders"] = [_decision(found) for found in judgement.decisions]
    if verdict:
        details["chain"] = {
            "verdict": verdict.verdict,
            "grade": verdict.grade,
            "defects": [asdict(d) for d in verdict.defects],
            "answer": verdict.answer.text if verdict.answer else None,
            "notice": verdict.notice.text if verdict.notice else None,
        }
    if judgement.screening.verdict is not Verdict.PROCESS:
        details["silent"] = judgement.screening.reason
    return details


def _link(linking: Linking) -> dict[str, Any]:
    """Where the message was joined, and every thread that it names with the reason why it was not."""
    return {
        "outcome": linking.outcome,
        "certainty": linking.certainty,
        "doubtful": linking.doubtful,
        "why": linking.why,
        "candidates": [
            {
                "thread": one.candidate.thread_id,
                "title": one.candidate.title,
                "mark": one.candidate.mark,
                "case": one.candidate.case_id,
                "orders": list(one.candidate.order_ids),
                "refusal": one.refusal,
                "why": one.why,
            }
            for one in linking.considered
        ],
    }


def _decision(found: OrderDecision) -> dict[str, Any]:
    decision = found.decision
    return {
        "order_id": found.order.order_id if found.order else None,
        "marketplace": found.marketplace,
        "action": decision.action,
        "rule": decision.rule,
        "fired": list(decision.fired),
        "blocked": list(decision.blocked),
        "missing": list(decision.missing),
        "metric_effect": decision.metric_effect,
        "why": decision.why,
        "quotes": [asdict(q) for q in decision.quotes],
    }


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
