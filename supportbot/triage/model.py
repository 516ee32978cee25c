"""The trained part of triage: two text classifiers that say how a mail sounds. They propose, and decide nothing.

    mail -> Sounding: subject, new text, what is known of the sender -> hashed features -> a linear layer -> a share a kind
                                                                                        -> another one   -> a share an answer

A linear layer over n-grams of words and letters did best of what was measured on unseen voices (docs/decisions/0012),
better still beside what the words are about. Kinds and answers to the re-billing notice have a layer each: one for both
told kinds apart less well. Features are hashed (`sounding.py`) and the weights kept in half precision, so the model is
one small file beside this module; training again from the same corpus gives the same octets.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from thinc.api import Model, concatenate, softmax_activation

from supportbot.casework.facts import Kind
from supportbot.errors import ModelError
from supportbot.triage.learning import DETAIL, Course, blank_layer, learned
from supportbot.triage.learning import WEIGHTS as OF_A_LAYER
from supportbot.triage.sounding import PLACES, Kept, Sounding, features_of, gathered, often_enough, only
from supportbot.triage.weighing import (
    BELIEF,
    BELIEF_KNOWN,
    LEAST,
    LEAST_KNOWN,
    POOL,
    Weighed,
    believed,
    ranking,
    signs,
    weighed,
)

FOLDER = Path(__file__).with_name("kinds")
"""Where the shipped model stands: `MODEL` and `MANIFEST`."""
MODEL = "model.bin"
MANIFEST = "manifest.json"

_ANSWERED = f"{Kind.REBILL_REPLY}{DETAIL}"
_KINDS = Course(slots=2**16, epochs=10, batch=128, rate=10.0, evened=0.8)  # strangers' mail is of all kinds
_ANSWERS = Course(slots=2**15, epochs=40, batch=32, rate=10.0, evened=0.5)  # fewer mails: larger batches leave it half learned


@dataclass(frozen=True, slots=True)
class Sounds:
    """What the model makes of a mail. The shares of `kinds` add up to one; of a mail without a word it makes nothing."""

    kinds: dict[Kind, float]
    details: dict[Kind, dict[str, float]]  # of a kind, by detail: how a cancellation ended, "partial", "yes/no"; "" for none

    def detail(self, kind: Kind) -> str:
        """The likeliest detail of a kind; "" for none."""
        shares = self.details.get(kind, {})
        return max(shares, key=lambda one: shares[one], default="")

    def parts(self, kind: Kind) -> dict[str, float]:
        """What each detail has of its kind's share, 0 to 1."""
        shares = self.details.get(kind, {})
        whole = sum(shares.values()) or 1.0
        return {detail: share / whole for detail, share in shares.items()}


def label(kind: Kind, detail: str | None = None) -> str:
    """What the model is told that a mail is: its kind, and a detail where there is one."""
    return f"{kind}{DETAIL}{detail}" if detail else str(kind)


class KindModel:
    """The trained classifiers; safe to share between threads."""

    def __init__(self, kept: Kept, layers: Sequence[Model[Any, Any]], manifest: Mapping[str, Any]) -> None:
        """`kept`: the n-grams it knows. `layers`: of kinds and of answers, whose labels the manifest tells in their order."""
        self._kept = kept
        self._of_kinds, self._of_answers = layers
        self._shares = softmax_activation()
        self._kinds = tuple((Kind(name), detail) for name, _, detail in (kind.partition(DETAIL) for kind in manifest["kinds"]))
        self._answers = tuple(manifest["answers"])
        self.manifest = manifest

    @classmethod
    def train(cls, mails: Sequence[tuple[Sounding, str]], seed: int = 0, *, answers: bool = True) -> Self:
        """A model of mails and their labels (`label`); the same mails and seed give the same octets.

        `answers`: whether it learns to tell answers apart, too.
        """
        everything = [(features_of(given), told) for given, told in mails]
        kept = often_enough(features for features, _ in everything)
        kinds = [(only(kept, features), _kind_of(told)) for features, told in everything]
        answered = [(only(kept, features), detail) for features, told in everything if answers and (detail := _answer_of(told))]
        layers = (learned(kinds, _KINDS, seed), learned(answered, _ANSWERS, seed))
        manifest = {
            "seed": seed,
            "mails": len(mails),
            "kinds": dict(sorted(Counter(told for _, told in kinds).items())),
            "answers": dict(sorted(Counter(told for _, told in answered).items())),
        }
        return cls.of(_to_bytes(kept, layers), manifest)

    @classmethod
    def load(cls, folder: Path = FOLDER) -> Self:
        """The model in `folder`. Raises `ModelError` where there is none, or not the one that its manifest names."""
        manifest = read_manifest(folder)
        try:
            weights = (folder / MODEL).read_bytes()
        except OSError as error:
            raise ModelError(f"{folder / MODEL}: {error.strerror}; `supportbot train` writes it") from error
        found = hashlib.sha256(weights).hexdigest()
        if found != manifest.get("sha256") or not {"kinds", "answers"} <= manifest.keys():
            raise ModelError(f"{folder / MODEL} is not the model of {MANIFEST}; `supportbot train` writes both anew")
        try:
            return cls.of(weights, manifest)
        except ValueError as error:
            raise ModelError(f"{folder / MODEL} is of another version; `supportbot train` writes it anew") from error

    @classmethod
    def of(cls, weights: bytes, manifest: Mapping[str, Any]) -> Self:
        """The model that `to_bytes` gave."""
        kept, layers = _from_bytes(weights, len(manifest["kinds"]), len(manifest["answers"]))
        return cls(kept, layers, {**manifest, "sha256": hashlib.sha256(weights).hexdigest()})

    def weighed(self, scores: Mapping[Kind, float], sounds: Mapping[Kind, float], words: int, *, known: bool) -> Weighed:
        """The rules' scores and the model's shares together. `known`: whether the sender's role is. `words`: of the writer."""
        ranked = ranking(weighed(scores, sounds, *(float(self.manifest.get(name, 1.0)) for name in POOL)))
        weights = self.manifest.get(BELIEF_KNOWN if known else BELIEF, ())
        confidence = believed(weights, signs(scores, sounds, ranked, words)) if weights else ranked[0][1]
        return Weighed(ranked, confidence)

    def least_confidence(self, *, known: bool) -> float:
        """A lesser confidence in the likeliest kind is an abstention."""
        return float(self.manifest.get(LEAST_KNOWN if known else LEAST, 0.5))

    def described(self, about: Mapping[str, Any]) -> Self:
        """The same model with more said of it in its manifest."""
        self.manifest = {**self.manifest, **about}
        return self

    def to_bytes(self) -> tuple[bytes, Mapping[str, Any]]:
        """The weights, and the manifest."""
        return _to_bytes(self._kept, (self._of_kinds, self._of_answers)), self.manifest

    def save(self, folder: Path) -> None:
        """Writes the model and its manifest."""
        folder.mkdir(parents=True, exist_ok=True)
        weights, manifest = self.to_bytes()
        (folder / MODEL).write_bytes(weights)
        (folder / MANIFEST).write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

    def hear(self, given: Sounding) -> Sounds:
        """How much each kind, and each kind with a detail, sounds like it."""
        features = features_of(given)
        if not len(features[0]):
            return Sounds({}, {})
        ngrams = gathered([only(self._kept, features)])
        kinds: dict[Kind, float] = {}
        details: dict[Kind, dict[str, float]] = {}
        for (kind, detail), share in zip(self._kinds, self._heard(self._of_kinds, ngrams), strict=True):
            kinds[kind] = kinds.get(kind, 0.0) + share
            details.setdefault(kind, {})[detail] = share
        if self._answers and Kind.REBILL_REPLY in kinds:
            told = zip(self._answers, self._heard(self._of_answers, ngrams), strict=True)
            details[Kind.REBILL_REPLY] = {answer: share * kinds[Kind.REBILL_REPLY] for answer, share in told}
        return Sounds(kinds, details)

    def _heard(self, layer: Model[Any, Any], ngrams: Any) -> list[float]:
        shares: list[float] = self._shares.predict(layer.predict(ngrams))[0].tolist()
        return shares


def _kind_of(told: str) -> str:
    """What the layer of kinds is told of a mail: its label, less the answers, which have a layer of their own."""
    return str(Kind.REBILL_REPLY) if told.startswith(_ANSWERED) else told


def _answer_of(told: str) -> str | None:
    return told.removeprefix(_ANSWERED) if told.startswith(_ANSWERED) else None


def _chooser(kept: Kept) -> Model[Any, Any]:
    """The places of the kept n-grams as a thinc model, so that one file holds everything."""
    places: dict[str, Any] = {"places": np.packbits(kept)}
    return Model("kept", lambda model, ngrams, is_train: (ngrams, lambda gradient: gradient), params=places)


def _cast(layer: Any, precision: type[np.floating[Any]]) -> None:
    for name in OF_A_LAYER:
        layer.set_param(name, layer.get_param(name).astype(precision))


def _to_bytes(kept: Kept, layers: Sequence[Model[Any, Any]]) -> bytes:
    """Both layers in half precision, which tells kinds apart as well."""
    halves = [layer.copy() for layer in layers]
    for half in halves:
        _cast(half, np.float16)
    return concatenate(_chooser(kept), *halves).to_bytes()


def _from_bytes(weights: bytes, kinds: int, answers: int) -> tuple[Kept, tuple[Model[Any, Any], Model[Any, Any]]]:
    chooser: Any = _chooser(np.zeros(PLACES, dtype=np.bool_))
    layers = blank_layer(kinds, _KINDS.slots), blank_layer(answers, _ANSWERS.slots)
    concatenate(chooser, *layers).from_bytes(weights)
    for layer in layers:
        _cast(layer, np.float32)
    return np.unpackbits(chooser.get_param("places")).astype(np.bool_), layers


def read_manifest(folder: Path) -> dict[str, Any]:
    """What is known of the model in `folder`; empty where there is none."""
    try:
        return dict(json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}
