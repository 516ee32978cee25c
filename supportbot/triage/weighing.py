"""Rules and model weighed together: a share for each kind, and how far the likeliest is to be believed.

    the rules' scores --\\                        likeliest kind
                          pool -> shares of kinds -> signs of doubt -> confidence -> sure, or an abstention
    the model's shares --/

Weights are found by `supportbot train` on hands that neither rules nor model have seen, and kept in the model's manifest.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from supportbot.casework.facts import Kind

POOL = ("weight_of_rules", "weight_of_model")
"""Their names in the manifest."""
BELIEF, BELIEF_KNOWN = "belief", "belief_of_known_senders"
"""Of strangers and of known senders: the weights of the signs, in their order."""
LEAST, LEAST_KNOWN = "least_confidence", "least_confidence_of_known_senders"
"""A lesser confidence is an abstention."""

_MOST_SCORE = 8.0  # what the rules give a kind beyond it makes no difference
_LEAST_SHARE = 1e-4
_SAID = 2.5  # a score from which on the rules say a kind
_MOST_WORDS = 200


@dataclass(frozen=True, slots=True)
class Weighed:
    """The likeliest kind first, each with its share, and the confidence in the first."""

    ranked: tuple[tuple[Kind, float], ...]
    confidence: float


def weighed(scores: Mapping[Kind, float], sounds: Mapping[Kind, float], of_rules: float, of_model: float) -> dict[Kind, float]:
    """A log-linear pool: each kind's score and the logarithm of its share, each by its weight, as shares that add up to one."""
    totals = {
        kind: of_rules * min(scores.get(kind, 0.0), _MOST_SCORE) + of_model * math.log(max(sounds.get(kind, 0.0), _LEAST_SHARE))
        for kind in dict.fromkeys((*scores, *sounds))
    }
    most = max(totals.values())
    raised = {kind: math.exp(total - most) for kind, total in totals.items()}
    return {kind: value / sum(raised.values()) for kind, value in raised.items()}


def ranking(shares: Mapping[Kind, float]) -> tuple[tuple[Kind, float], ...]:
    """The likeliest first."""
    return tuple(sorted(shares.items(), key=lambda item: item[1], reverse=True))


def signs(
    scores: Mapping[Kind, float], sounds: Mapping[Kind, float], ranked: Sequence[tuple[Kind, float]], words: int
) -> tuple[float, ...]:
    """What speaks for the likeliest kind and against it, the constant first. `words`: how many the writer used."""
    (kind, share), *others = ranked
    second = others[0][1] if others else _LEAST_SHARE
    by_rules = ranking(scores) or ((kind, 0.0),)
    said, score = by_rules[0]
    lead = min(max(score - (by_rules[1][1] if len(by_rules) > 1 else 0.0), 0.0), _MOST_SCORE)
    heard = ranking(sounds)
    doubt = -sum(one * math.log(one) for _, one in ranked if one > 0.0)
    return (
        1.0,
        math.log(max(share, _LEAST_SHARE) / max(1.0 - share, _LEAST_SHARE)),
        math.log(share / max(second, _LEAST_SHARE)),
        doubt,
        float(said is kind and score >= _SAID),
        float(said is not kind and score >= _SAID),
        lead if said is kind else -lead,
        float(heard[0][0] is kind),
        sounds.get(kind, 0.0) / (sum(sounds.values()) or 1.0),
        math.log1p(min(words, _MOST_WORDS)),
    )


def believed(weights: Sequence[float], told: Sequence[float]) -> float:
    """The confidence, 0 to 1, that signs give."""
    total = sum(weight * sign for weight, sign in zip(weights, told, strict=True))
    return 1.0 / (1.0 + math.exp(-max(min(total, 40.0), -40.0)))
