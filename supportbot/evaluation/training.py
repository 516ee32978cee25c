"""Training: a model of labelled mail, and how much rules and model weigh beside each other, found on folds of whole hands.

    CorpusFile --heard--> Heard a mail and sender --learn, a fold a process--> shares of what no fold saw --weights--> manifest

The models of the folds and the one that is kept do not wait for each other: they are trained in as many processes as there are
cores, and read back in the order in which they were given, so that the same mail gives the same octets on any machine's cores.
"""

import hashlib
import itertools
import math
import multiprocessing
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from supportbot.casework.facts import Kind, ThreadContext
from supportbot.errors import UsageError
from supportbot.evaluation.understanding import SENDERS, CorpusFile, LabelledMail
from supportbot.triage.classify import Triage, answers
from supportbot.triage.model import KindModel, label
from supportbot.triage.sounding import Sounding
from supportbot.triage.weighing import BELIEF, BELIEF_KNOWN, LEAST, LEAST_KNOWN, POOL, believed, ranking, signs, weighed

_FOLDS = 4
_SURE, _SURE_OF_KNOWN = 0.98, 0.96  # of the mails not abstained on, in the folds, that must be right; a person approves either
_HELD, _STEPS = 3.0, 25  # how far beliefs are kept small; steps until they stand
_OF_RULES = tuple(round(0.1 * step, 1) for step in range(1, 9))
_OF_MODEL = tuple(round(0.1 * step, 1) for step in range(5, 15))


@dataclass(frozen=True, slots=True)
class _Weighable:
    """A mail that neither the rules nor the model of its fold have seen, and what each makes of it."""

    scores: dict[Kind, float]
    sounds: dict[Kind, float]
    truth: Kind
    known: bool
    words: int
    hand: Path


@dataclass(frozen=True, slots=True)
class _Heard:
    """A mail as from one sender, before the model: what it is given, and what the rules make of it."""

    mail: LabelledMail
    hand: Path
    context: ThreadContext
    known: bool
    sounding: Sounding
    scores: dict[Kind, float] | None  # None where the rules are certain by more than words

    @property
    def told(self) -> tuple[Sounding, str]:
        return self.sounding, label(self.mail.kind, _detail(self.mail))


def train_on(
    files: Sequence[CorpusFile],
    triage: Triage,
    seed: int = 0,
    progress: Callable[[], None] = lambda: None,
    processes: int | None = None,
) -> KindModel:
    """A model trained on these files, with the weights of rules and model, and the share below which it abstains.

    `triage` is one of rules alone. The weights are found on folds of whole hands that neither the rules nor the model of
    their fold have seen. `progress` is called once a model trained. `processes`: how many train at once; one a core where it
    is left out.
    """
    if not any(file.mails for file in files):
        raise UsageError("no labelled mail to learn from: name a folder with --corpus")
    heard = {file.path: _hear(file, triage) for file in files}
    examples = [
        (triage.sounding(message, context), label(kind)) for message, context, kind in triage.examples()
    ]  # what the rule files say of themselves is labelled mail, too
    everything = [one.told for file in files for one in heard[file.path]] + examples
    folds: list[tuple[list[tuple[Sounding, str]], list[_Heard]]] = []
    for fold in _folds([file for file in files if not file.seen]):
        others = [one.told for file in files if file not in fold for one in heard[file.path]]
        # Mails in languages that the fold's model has not met are left out: it could only guess, as the shipped one need not.
        spoken = {mail.facts.language for file in files if file not in fold for mail in file.mails}
        kept = [
            one for file in fold for one in heard[file.path] if one.mail.facts.language in spoken and one.scores is not None
        ]
        if others:
            folds.append((others + examples, kept))
    tasks = [_Task(everything, seed), *(_Task(others, seed, [one.sounding for one in kept]) for others, kept in folds)]
    (weights, manifest, _), *learned = _learn_all(tasks, processes or os.cpu_count() or 1, progress)
    weighable = [
        _Weighable(
            one.scores, triage.sayable(kinds, one.context), one.mail.kind, one.known, len(one.sounding.text.split()), one.hand
        )
        for (_, kept), (_, _, sounds) in zip(folds, learned, strict=True)
        for one, kinds in zip(kept, sounds, strict=True)
        if one.scores is not None
    ]
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.path.read_bytes())
    about = {"corpus": digest.hexdigest(), "files": {file.path.name: len(file.mails) for file in files}} | _weights(weighable)
    return KindModel.of(weights, manifest).described(about)


@dataclass(frozen=True, slots=True)
class _Task:
    """One model to be trained; `held`: what it is then asked about, of a fold."""

    mails: list[tuple[Sounding, str]]
    seed: int
    held: list[Sounding] | None = None


_Learned = tuple[bytes, dict[str, object], list[dict[Kind, float]]]


def _learn_all(tasks: Sequence[_Task], processes: int, progress: Callable[[], None]) -> list[_Learned]:
    """The models of the tasks in their order, however many are trained at once."""
    learned = []
    if processes == 1 or len(tasks) == 1:
        for task in tasks:
            learned.append(_learn(task))
            progress()
        return learned
    spawning = multiprocessing.get_context("spawn")  # a fork would take the threads' locks of its parent with it
    with ProcessPoolExecutor(min(processes, len(tasks)), mp_context=spawning) as pool:
        for one in pool.map(_learn, tasks):
            learned.append(one)
            progress()
    return learned


def _learn(task: _Task) -> _Learned:
    model = KindModel.train(task.mails, task.seed, answers=task.held is None)  # the folds weigh kinds alone
    weights, manifest = model.to_bytes()
    return weights, dict(manifest), [model.hear(given).kinds for given in task.held or ()]


def _folds(files: Sequence[CorpusFile]) -> list[list[CorpusFile]]:
    """The files dealt out by size, so that the folds are about as large."""
    folds: list[list[CorpusFile]] = [[] for _ in range(min(_FOLDS, len(files)))]
    for file in sorted(files, key=lambda file: (-len(file.mails), file.path.name)):
        min(folds, key=lambda fold: sum(len(one.mails) for one in fold)).append(file)
    return folds


def _hear(file: CorpusFile, triage: Triage) -> list[_Heard]:
    """Each mail twice: as from a stranger, and as from a known sender."""
    heard = []
    for mail in file.mails:
        message = mail.message()
        for sender in SENDERS:
            context = mail.context(sender)
            heard.append(_Heard(mail, file.path, context, sender == "known", *triage.unweighed(message, context)))
    return heard


def _detail(mail: LabelledMail) -> str | None:
    facts = mail.facts
    if mail.kind is Kind.REBILL_REPLY and facts.accepts_item and facts.accepts_rebill:
        return answers(facts.accepts_item, facts.accepts_rebill)
    return facts.outcome or ("partial" if facts.scope == "partial" else None)


def _weights(rows: Sequence[_Weighable]) -> dict[str, object]:
    """The weights of the pool with the least surprise over the rows; those of belief; and the least confidence of the sure."""
    if not rows:
        return {}

    def surprise(of_rules: float, of_model: float) -> float:
        shares = (weighed(row.scores, row.sounds, of_rules, of_model).get(row.truth, 0.0) for row in rows)
        return -sum(math.log(max(share, 1e-6)) for share in shares)

    of_rules, of_model = min(itertools.product(_OF_RULES, _OF_MODEL), key=lambda pair: surprise(*pair))
    found: dict[str, object] = dict(zip(POOL, (of_rules, of_model), strict=True))
    for known, belief, least in ((False, BELIEF, LEAST), (True, BELIEF_KNOWN, LEAST_KNOWN)):
        told = [_told(row, of_rules, of_model) for row in rows if row.known is known]
        if told:
            found[belief] = _belief(told)
            found[least] = _least(_doubted(told), _SURE_OF_KNOWN if known else _SURE)
    return found


# The signs of a row, whether its likeliest kind is right, and whose hand it is.
_Told = tuple[tuple[float, ...], bool, Path]


def _told(row: _Weighable, of_rules: float, of_model: float) -> _Told:
    ranked = ranking(weighed(row.scores, row.sounds, of_rules, of_model))
    return signs(row.scores, row.sounds, ranked, row.words), ranked[0][0] is row.truth, row.hand


def _doubted(told: Sequence[_Told]) -> list[tuple[float, bool]]:
    """The confidence in each row by the beliefs of all other hands, and whether it is right."""
    read = []
    for hand in sorted({one for _, _, one in told}):
        others = [one for one in told if one[2] != hand]
        weights = _belief(others or told)
        read += [(believed(weights, spoken), right) for spoken, right, one in told if one == hand]
    return read


def _belief(told: Sequence[_Told]) -> list[float]:
    """Logistic regression by Newton's steps: the weights of the signs, rounded so that they are the same on any machine."""
    features = np.array([one for one, _, _ in told], dtype=np.float64)
    right = np.array([one for _, one, _ in told], dtype=np.float64)
    spread: npt.NDArray[np.float64] = features.std(axis=0)
    spread[spread < 1e-9] = 1.0
    features /= spread
    held = np.eye(features.shape[1]) * _HELD
    weights = np.zeros(features.shape[1])
    for _ in range(_STEPS):
        share = 1.0 / (1.0 + np.exp(-np.clip(features @ weights, -40.0, 40.0)))
        slope = features.T @ (share - right) + held @ weights
        curve = (features * (share * (1.0 - share))[:, None]).T @ features + held
        weights -= np.linalg.solve(curve, slope)
    return [round(float(one), 4) for one in weights / spread]


def _least(read: list[tuple[float, bool]], sure: float) -> float:
    """The least confidence from which on so many are right as must be; 1 where there is none."""
    read.sort()
    right = sum(good for _, good in read)
    for number, (share, good) in enumerate(read):
        if right >= sure * (len(read) - number):
            return round(share, 4)
        right -= good
    return 1.0
