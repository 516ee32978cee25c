"""The trained part of triage: two spaCy text classifiers that say how a mail sounds. They propose, and decide nothing.

    mail -> Sounding: subject, new text, what is known of the sender -> hashed n-grams -> a linear layer -> a share a kind
                                                                                       -> another one   -> a share an answer

A linear layer over word and character n-grams did best of what was measured on unseen voices (docs/decisions/0012). Kinds and
answers to the re-billing notice have a layer each: one for both told kinds apart less well. The n-grams are hashed and the
weights kept in half precision, so the model is one small file beside this module; training again from the same corpus gives the
same octets.
"""

import hashlib
import json
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import spacy
from spacy.language import Language
from spacy.strings import get_string_id
from spacy.tokens import Doc
from spacy.training import Example
from spacy.util import registry
from spacy.vocab import Vocab
from thinc.api import SGD, Model, SparseLinear_v2, chain, concatenate, fix_random_seed, softmax_activation

from supportbot.casework.facts import Kind
from supportbot.errors import ModelError

FOLDER = Path(__file__).with_name("kinds")
"""Where the shipped model stands: `MODEL` and `MANIFEST`."""
MODEL = "model.bin"
MANIFEST = "manifest.json"

_MOST_CHARACTERS = 4_000  # of the new text; what a mail is, it says early
_DETAIL = "/"
_ANSWERED = f"{Kind.REBILL_REPLY}{_DETAIL}"
_WEIGHTS = ("W", "b")
_WORDS = (1, 2)
_CHARACTERS = (3, 4, 5)
_MIX = np.uint64(0x9E3779B97F4A7C15)
_PRIME = np.uint64(0x100000001B3)
_SHIFT = np.uint64(29)

_ADDRESS = re.compile(r"\S{1,200}@\S{1,200}")
_LINK = re.compile(r"(?:https?://|www\.)\S{1,500}")
_NUMBER = re.compile(r"\b(?:\d{3}-\d{7}-\d{7}|[a-z]{0,4}-?\d{5,}\w*)\b")
_DIGITS = re.compile(r"\d+")
_WORD = re.compile(r"<\w+>|[^\W_]+(?:'[^\W_]+)?|[^\s\w]")


@dataclass(frozen=True, slots=True)
class _Course:
    """How a layer is trained: its hashed slots, how often it sees each mail, how many at once, how fast it learns."""

    slots: int
    epochs: int
    batch: int
    rate: float


_PLACES = 2**20  # in which n-grams are told apart that occur often enough to be learned from
_FEWEST = 8  # soundings that an n-gram must occur in; each mail is two. Rarer ones teach a voice by heart, not a kind
_KINDS = _Course(
    slots=2**16, epochs=15, batch=128, rate=0.3
)  # smaller batches, more epochs or slots gain nothing on unseen mail
_ANSWERS = _Course(slots=2**15, epochs=60, batch=32, rate=0.1)  # fewer mails: larger batches leave it half learned

Hashes = npt.NDArray[np.uint64]
Ngrams = tuple[Hashes, npt.NDArray[np.float32]]
Kept = npt.NDArray[np.bool_]
_FIRST, _LAST = np.array([1], dtype=np.uint64), np.array([2], dtype=np.uint64)  # the edges of a zone


@dataclass(frozen=True, slots=True)
class Sounding:
    """What the model is given of a mail. `clues` are short words for what is known beside the text."""

    subject: str
    text: str
    clues: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sounds:
    """What the model makes of a mail. The shares of `kinds` add up to one; of a mail without a word it makes nothing."""

    kinds: dict[Kind, float]
    details: dict[Kind, dict[str, float]]  # of a kind, by detail: how a cancellation ended, "partial", "yes/no"; "" for none

    def detail(self, kind: Kind) -> str:
        """The likeliest detail of a kind; "" for none."""
        shares = self.details.get(kind, {})
        return max(shares, key=lambda one: shares[one], default="")

    def share_of_detail(self, kind: Kind) -> float:
        """What the likeliest detail has of its kind's share, 0 to 1."""
        shares = self.details.get(kind, {})
        return max(shares.values(), default=0.0) / (sum(shares.values()) or 1.0)


def label(kind: Kind, detail: str | None = None) -> str:
    """What the model is told that a mail is: its kind, and a detail where there is one."""
    return f"{kind}{_DETAIL}{detail}" if detail else str(kind)


def _words(text: str) -> list[str]:
    """Words and signs with numbers, addresses and links made alike."""
    even = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    for pattern, name in ((_ADDRESS, " <address> "), (_LINK, " <link> "), (_NUMBER, " <number> "), (_DIGITS, "0")):
        even = pattern.sub(name, even)
    return _WORD.findall(even)


def _zones(given: Sounding) -> tuple[Sequence[str], Sequence[str], Sequence[str]]:
    """The clues, and the words of the subject and of the text."""
    return given.clues, _words(given.subject[:500]), _words(given.text[:_MOST_CHARACTERS])


def _document(given: Sounding, kept: Kept, vocab: Vocab) -> Doc:
    """The zones as one document, with its n-grams."""
    zones = _zones(given)
    doc = Doc(vocab, words=[word for zone in zones for word in zone])
    doc.user_data["ngrams"] = _only(kept, _ngrams(zones))
    return doc


def _kept(mails: Iterable[Sounding]) -> Kept:
    """Which n-grams occur often enough, by their places."""
    often = np.zeros(_PLACES, dtype=np.int64)
    for given in mails:
        keys, _ = _ngrams(_zones(given))
        often[np.unique(keys % np.uint64(_PLACES)).astype(np.int64)] += 1
    return often >= _FEWEST


def _only(kept: Kept, ngrams: Ngrams) -> Ngrams:
    keys, values = ngrams
    chosen = kept[(keys % np.uint64(_PLACES)).astype(np.int64)]
    return keys[chosen], values[chosen]


def _rolled(mixed: Hashes, size: int, salt: int) -> Hashes:
    """One hash a run of `size` values, each multiplied by `_MIX` already."""
    runs = len(mixed) - size + 1
    if runs < 1:
        return np.empty(0, dtype=np.uint64)
    hashed = np.full(runs, salt, dtype=np.uint64)
    shifted = np.empty(runs, dtype=np.uint64)
    for step in range(size):
        np.right_shift(hashed, _SHIFT, out=shifted)
        shifted += mixed[step : step + runs]
        hashed *= _PRIME
        hashed ^= shifted
    return hashed


def _families(zones: Sequence[Sequence[str]]) -> Iterator[Hashes]:
    """The n-grams of a mail, a family of them at a time: each counts as much as any other."""
    clues, *written = zones
    yield _ids(clues) * _MIX
    for zone, words in enumerate(written, start=1):
        if not words:
            continue
        edged = np.concatenate((_FIRST, _ids(words), _LAST)) * _MIX
        for size in _WORDS:
            yield _rolled(edged, size, zone * 100 + size)
        spelled = f" {' '.join(words)} "
        letters = np.frombuffer(spelled.encode("utf-32-le"), dtype=np.uint32).astype(np.uint64) * _MIX
        for size in _CHARACTERS:
            yield _rolled(letters, size, zone * 100 + 50 + size)


def _ids(words: Sequence[str]) -> Hashes:
    """spaCy's number of each word."""
    return np.array([get_string_id(word) for word in words], dtype=np.uint64)


def _ngrams(zones: Sequence[Sequence[str]]) -> Ngrams:
    """Each n-gram once and its weight."""
    keys, values = [np.empty(0, dtype=np.uint64)], [np.empty(0, dtype=np.float32)]
    for family in _families(zones):
        if len(family):
            found, counts = _counted(family)
            weights = np.log(counts)
            weights += 1.0
            weights /= np.sqrt(np.square(weights).sum())
            keys.append(found)
            values.append(weights.astype(np.float32))
    return np.concatenate(keys), np.concatenate(values)


def _counted(family: Hashes) -> tuple[Hashes, npt.NDArray[np.intp]]:
    """Each value once, in order, and how often it stands: what `numpy.unique` answers, without what it asks first."""
    family.sort()
    begins = np.empty(len(family) + 1, dtype=np.bool_)
    begins[0] = begins[-1] = True
    np.not_equal(family[1:], family[:-1], out=begins[1:-1])
    (places,) = begins.nonzero()
    return family[places[:-1]], places[1:] - places[:-1]


def _gathered(pairs: Sequence[Ngrams]) -> tuple[Hashes, npt.NDArray[np.float32], npt.NDArray[np.int32]]:
    """The n-grams of some mails as thinc's sparse linear layer takes them."""
    lengths = np.array([len(keys) for keys, _ in pairs], dtype=np.int32)
    keys = np.concatenate([keys for keys, _ in pairs]) if pairs else np.empty(0, dtype=np.uint64)
    values = np.concatenate([values for _, values in pairs]) if pairs else np.empty(0, dtype=np.float32)
    return keys, values, lengths


@registry.layers("supportbot.HashedNgrams.v1")
def hashed_ngrams() -> Model[list[Doc], Any]:
    """Documents to the keys, values and lengths that thinc's sparse linear layer takes."""

    def forward(_: Model[list[Doc], Any], docs: list[Doc], is_train: bool) -> tuple[Any, Callable[[Any], list[Doc]]]:
        return _gathered([doc.user_data["ngrams"] for doc in docs]), lambda _gradient: []

    return Model("hashed_ngrams", forward)


@registry.architectures("supportbot.HashedLinear.v1")  # type: ignore[untyped-decorator]  # spaCy's registry is untyped
def hashed_linear(slots: int, nO: int | None = None) -> Model[list[Doc], Any]:  # noqa: N803 - spaCy's name
    """One linear layer over hashed n-grams, then shares that add up to one."""
    linear: Model[Any, Any] = SparseLinear_v2(nO=nO, length=slots)
    model: Model[list[Doc], Any] = chain(hashed_ngrams(), linear, softmax_activation())
    model.set_ref("output_layer", linear)
    return model


def _pipeline(labels: Sequence[str], slots: int) -> Language:
    nlp = spacy.blank("xx")
    nlp.vocab.lex_attr_getters = {}  # type: ignore[attr-defined]  # nothing but the words themselves is asked of it
    architecture = {"@architectures": "supportbot.HashedLinear.v1", "slots": slots}
    categorizer: Any = nlp.add_pipe("textcat", config={"model": architecture, "threshold": 0.0})
    for one in labels:
        categorizer.add_label(one)
    return nlp


class KindModel:
    """The trained classifiers; safe to share between threads."""

    def __init__(self, kept: Kept, layers: Sequence[Model[Any, Any]], manifest: Mapping[str, Any]) -> None:
        """`kept`: the n-grams it knows. `layers`: of kinds and of answers, whose labels the manifest tells in their order."""
        self._kept = kept
        self._of_kinds, self._of_answers = layers
        self._shares = softmax_activation()
        self._kinds = tuple((Kind(name), detail) for name, _, detail in (kind.partition(_DETAIL) for kind in manifest["kinds"]))
        self._answers = tuple(manifest["answers"])
        self.manifest = manifest

    @classmethod
    def train(cls, mails: Sequence[tuple[Sounding, str]], seed: int = 0, *, answers: bool = True) -> Self:
        """A model of mails and their labels (`label`); the same mails and seed give the same octets.

        `answers`: whether it learns to tell answers apart, too.
        """
        kinds = [(given, _kind_of(told)) for given, told in mails]
        answered = [(given, detail) for given, told in mails if answers and (detail := _answer_of(told))]
        kept = _kept(given for given, _ in mails)
        layers = (_trained(kinds, kept, _KINDS, seed), _trained(answered, kept, _ANSWERS, seed))
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

    def least_share(self, *, known: bool) -> float:
        """A lesser share of the likeliest kind is an abstention. `known`: whether the sender's role is."""
        return float(self.manifest.get(LEAST_KNOWN if known else LEAST, 0.5))

    def weighed(self, scores: Mapping[Kind, float], sounds: Mapping[Kind, float]) -> dict[Kind, float]:
        """The rules' scores and the model's shares together, as shares that add up to one."""
        return weighed(scores, sounds, *(float(self.manifest.get(name, 1.0)) for name in WEIGHTS))

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
        zones = _zones(given)
        if not any(zones):
            return Sounds({}, {})
        ngrams = _gathered([_only(self._kept, _ngrams(zones))])
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


def _trained(mails: Sequence[tuple[Sounding, str]], kept: Kept, course: _Course, seed: int) -> Model[Any, Any]:
    """A linear layer that tells these labels apart, in the order of their names."""
    counts = Counter(told for _, told in mails)
    labels = sorted(counts)
    if not labels:
        return _layer(0, course.slots)
    whole = Counter(told.partition(_DETAIL)[0] for _, told in mails)
    most = max(whole.values())
    fix_random_seed(seed)
    order = np.random.default_rng(seed)
    nlp = _pipeline(labels, course.slots)
    # Rare kinds are shown more often, by the root of how rare they are.
    examples = [
        example
        for given, told in mails
        for example in [_example(_document(given, kept, nlp.vocab), told, labels)]
        * round(math.sqrt(most / whole[told.partition(_DETAIL)[0]]))
    ]
    optimizer = SGD(course.rate, L2=0.0, grad_clip=0.0, use_averages=True)
    nlp.initialize(lambda: examples, sgd=optimizer)
    categorizer = _categorizer(nlp)
    for _ in range(course.epochs):
        shuffled = [examples[index] for index in order.permutation(len(examples))]
        for first in range(0, len(shuffled), course.batch):
            # Not by nlp.update, which copies every document before each step: as long as the step itself.
            categorizer.update(shuffled[first : first + course.batch], sgd=optimizer)
    layer = _layer(len(labels), course.slots)
    with nlp.use_params(optimizer.averages):
        trained: Any = categorizer.model.get_ref("output_layer")
        for name in _WEIGHTS:
            layer.set_param(name, trained.get_param(name).astype(np.float16).astype(np.float32))
    return layer


def _layer(outputs: int, slots: int) -> Model[Any, Any]:
    layer: Any = SparseLinear_v2(nO=outputs, length=slots)
    layer.set_param("W", np.zeros(outputs * slots, dtype=np.float32))
    layer.set_param("b", np.zeros(outputs, dtype=np.float32))
    found: Model[Any, Any] = layer
    return found


def _chooser(kept: Kept) -> Model[Any, Any]:
    """The places of the kept n-grams as a thinc model, so that one file holds everything."""
    places: dict[str, Any] = {"places": np.packbits(kept)}
    return Model("kept", lambda model, ngrams, is_train: (ngrams, lambda gradient: gradient), params=places)


def _cast(layer: Any, precision: type[np.floating[Any]]) -> None:
    for name in _WEIGHTS:
        layer.set_param(name, layer.get_param(name).astype(precision))


def _to_bytes(kept: Kept, layers: Sequence[Model[Any, Any]]) -> bytes:
    """Both layers in half precision, which tells kinds apart as well."""
    halves = [layer.copy() for layer in layers]
    for half in halves:
        _cast(half, np.float16)
    return concatenate(_chooser(kept), *halves).to_bytes()


def _from_bytes(weights: bytes, kinds: int, answers: int) -> tuple[Kept, tuple[Model[Any, Any], Model[Any, Any]]]:
    chooser: Any = _chooser(np.zeros(_PLACES, dtype=np.bool_))
    layers = _layer(kinds, _KINDS.slots), _layer(answers, _ANSWERS.slots)
    concatenate(chooser, *layers).from_bytes(weights)
    for layer in layers:
        _cast(layer, np.float32)
    return np.unpackbits(chooser.get_param("places")).astype(np.bool_), layers


LEAST, LEAST_KNOWN = "least_share", "least_share_of_known_senders"
WEIGHTS = ("weight_of_rules", "weight_of_model")
_MOST_SCORE = 8.0  # what the rules give a kind beyond it makes no difference
_LEAST_SHARE = 1e-4


def weighed(scores: Mapping[Kind, float], sounds: Mapping[Kind, float], of_rules: float, of_model: float) -> dict[Kind, float]:
    """A log-linear pool: each kind's score and the logarithm of its share, each by its weight, as shares that add up to one."""
    totals = {
        kind: of_rules * min(scores.get(kind, 0.0), _MOST_SCORE) + of_model * math.log(max(sounds.get(kind, 0.0), _LEAST_SHARE))
        for kind in dict.fromkeys((*scores, *sounds))
    }
    most = max(totals.values())
    raised = {kind: math.exp(total - most) for kind, total in totals.items()}
    return {kind: value / sum(raised.values()) for kind, value in raised.items()}


def read_manifest(folder: Path) -> dict[str, Any]:
    """What is known of the model in `folder`; empty where there is none."""
    try:
        return dict(json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def _categorizer(nlp: Language) -> Any:
    return nlp.get_pipe("textcat")


def _example(doc: Doc, kind: str, kinds: Sequence[str]) -> Example:
    told = doc.copy()
    told.cats = {one: float(one == kind) for one in kinds}
    return Example(doc, told)
