"""How the trained part of triage learns: a linear layer over hashed features, by the surprise at each label.

thinc, spaCy's own library of models, holds the layer and takes the steps. The same mails, order and seed give the same weights.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from thinc.api import SGD, Model, SparseLinear_v2, fix_random_seed

from supportbot.triage.sounding import Features, gathered

WEIGHTS = ("W", "b")
"""The names of a layer's weights."""
DETAIL = "/"
"""Between a kind and its detail, in a label."""

Layer = Model[Any, Any]


@dataclass(frozen=True, slots=True)
class Course:
    """How a layer is trained: its hashed slots, how often it sees each mail, how many at once, how fast it learns.

    `evened`: 1 shows rare kinds as often as common ones, 0 as often as there are mails of them.
    """

    slots: int
    epochs: int
    batch: int
    rate: float
    evened: float


def blank_layer(outputs: int, slots: int) -> Layer:
    """A layer that has learned nothing yet."""
    layer: Any = SparseLinear_v2(nO=outputs, length=slots)
    layer.set_param("W", np.zeros(outputs * slots, dtype=np.float32))
    layer.set_param("b", np.zeros(outputs, dtype=np.float32))
    found: Layer = layer
    return found


def learned(mails: Sequence[tuple[Features, str]], course: Course, seed: int) -> Layer:
    """A layer that tells these labels apart, in the order of their names, with weights of half precision."""
    labels = sorted({told for _, told in mails})
    layer = blank_layer(len(labels), course.slots)
    if not labels:
        return layer
    fix_random_seed(seed)
    order = np.random.default_rng(seed)
    shown = _shown([told for _, told in mails], course.evened)
    truths = np.array([labels.index(told) for _, told in mails])
    optimizer = SGD(course.rate, L2=0.0, grad_clip=0.0, use_averages=True)
    for _ in range(course.epochs):
        shuffled = shown[order.permutation(len(shown))]
        for first in range(0, len(shuffled), course.batch):
            batch = shuffled[first : first + course.batch]
            scores, backward = layer.begin_update(gathered([mails[one][0] for one in batch]))
            wrong = _shares(scores)
            wrong[np.arange(len(batch)), truths[batch]] -= 1.0
            backward(wrong / np.float32(len(batch)))
            layer.finish_update(optimizer)
    kept = blank_layer(len(labels), course.slots)
    with layer.use_params(optimizer.averages):
        for name in WEIGHTS:
            trained: Any = layer.get_param(name)
            kept.set_param(name, trained.astype(np.float16).astype(np.float32))
    return kept


def _shown(labels: Sequence[str], evened: float) -> npt.NDArray[np.int64]:
    """Each mail's number, of rare kinds more often."""
    whole = Counter(told.partition(DETAIL)[0] for told in labels)
    most = max(whole.values())
    times = [max(1, round((most / whole[told.partition(DETAIL)[0]]) ** evened)) for told in labels]
    return np.repeat(np.arange(len(labels)), times)


def _shares(scores: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: npt.NDArray[np.float32] = raised / raised.sum(axis=1, keepdims=True)
    return shares
