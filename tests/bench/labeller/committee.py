"""Trains the network of `bot.articles.network` with PyTorch: a tool of this bench alone (`pip install torch==2.13.0`).

The loss is that of the linear weights: minus the logarithm of the probability of the true division among all there
are. One thread and fixed seeds, so that the same articles give the same members on the same kind of machine.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from bot.articles.decoding import _STATES
from bot.articles.features import BEGINNINGS, HASHED
from bot.articles.labeller import KINDS
from bot.articles.network import HEAD, MAXIMUM, MEAN, MEANING, WORDS
from tests.bench.labeller.data import Array, Example, look_alikes, outside_of, scaling, shapes_of, shuffled

K = len(KINDS)
PIECES = 256
"""Directions, of 512, in which pieces of words differ most."""
DETECTORS, CUES, SENSES, ROWS, HIDDEN = 48, 16, 64, 48, 16
DROPPED, PIECES_DROPPED = 0.4, 0.2
DECAY, WORDS_DECAY = 0.1, 0.5
RATE, BATCH, EPOCHS, WARM = 3e-3, 16, 12, 0.15
SHUFFLES = 3
"""Of each article, in every epoch beside the article itself."""
LOOK_ALIKES = 20
ORDINARY_WEIGHT = 2.0
NEVER = -1e4

_LAST = torch.tensor([last for _, last in _STATES])
_FIRST = torch.tensor([_STATES.index((1 << kind, kind)) for kind in range(K)])


def _sources() -> tuple[Tensor, Tensor]:
    """For each state, the up to four states that come before it, and their kinds; one past the end for none."""
    source = torch.full((len(_STATES), K - 1), len(_STATES))
    kind = torch.zeros((len(_STATES), K - 1), dtype=torch.long)
    for index, (used, last) in enumerate(_STATES):
        before = [(used & ~(1 << last), other) for other in range(K) if other != last and used >> other & 1]
        for column, state in enumerate(before):
            source[index, column] = _STATES.index(state)
            kind[index, column] = state[1]
    return source, kind


_SOURCE, _BEFORE = _sources()


@dataclass(frozen=True, slots=True)
class Basis:
    """How pieces and cues are turned and scaled before a network sees them: learnt from the training articles."""

    shift: Array
    turn: Array
    mean: Array
    scale: Array

    @classmethod
    def of(cls, examples: Sequence[Example]) -> "Basis":
        pieces = np.concatenate([example.meaning.pieces for example in examples[::5] if example.meaning is not None])
        shift = pieces.mean(0)
        variance, directions = np.linalg.eigh(np.cov((pieces - shift).T))
        order = np.argsort(variance)[::-1][:PIECES]
        spread = np.sqrt(variance[order])
        turn = directions[:, order] / (spread + np.median(spread) / 2)
        mean, scale = scaling(list(examples))
        return cls(shift, turn, mean, scale)


@dataclass(slots=True)
class Item:
    """An example in tensors."""

    example: Example
    pieces: Tensor
    meaning: Tensor
    lengths: list[int]
    cues: Tensor
    boundaries: Tensor
    shapes: Tensor
    whole: Tensor


def items(examples: Sequence[Example], basis: Basis) -> list[Item]:
    return [_item(example, basis) for example in examples]


def _item(example: Example, basis: Basis) -> Item:
    meaning = example.meaning
    assert meaning is not None
    rows, count = example.features, len(example.features)
    outside = outside_of(example)
    dense = np.array([row.dense for row in rows])
    words = sum(row.words for row in rows)

    def single(values: Any) -> Tensor:
        return torch.from_numpy(np.asarray(values, dtype=np.float32))

    return Item(
        example,
        single((meaning.pieces - basis.shift) @ basis.turn).half(),
        single(np.hstack([meaning.paragraphs, meaning.paragraphs - meaning.paragraphs.mean(0)]) * MEANING),
        list(meaning.lengths),
        single(np.clip((dense - basis.mean) / basis.scale, -3, 3)),
        single(np.array(outside.boundaries)[:, 1:]),
        single(shapes_of(outside)),
        single([(count - 9) / 4, math.log(max(1, words) / 500)]),
    )


class Member(nn.Module):
    def __init__(self, pieces: int, meaning: int, cues: int, boundaries: int, shapes: int) -> None:
        super().__init__()
        self.det = nn.Linear(pieces, DETECTORS)
        self.conv = nn.Conv1d(DETECTORS, DETECTORS, 3, padding=1)
        self.cue = nn.Linear(cues, CUES)
        self.sense = nn.Linear(meaning, SENSES)
        self.par = nn.Linear(3 * DETECTORS + CUES + SENSES, ROWS)
        self.near = nn.Conv1d(ROWS, ROWS, 3, padding=1)
        self.hash = nn.EmbeddingBag(HASHED, K, mode="sum")
        self.begin = nn.EmbeddingBag(BEGINNINGS, K, mode="sum")
        self.lin = nn.Linear(ROWS, K)
        self.shape = nn.Linear(shapes, K)
        self.seg = _judge(2 * ROWS + shapes, K)
        self.bound = _judge(2 * ROWS + boundaries, 1)
        self.ordi = _judge(2 * ROWS + 2, 1)
        self.first = nn.Parameter(torch.zeros(K))
        self.follows = nn.Parameter(torch.zeros(K, K))
        self.dropped = nn.Dropout(DROPPED)
        nn.init.zeros_(self.hash.weight)
        nn.init.zeros_(self.begin.weight)

    def forward(self, batch: Sequence[Item]) -> tuple[Tensor, Tensor]:
        """Scores of runs (article, start, end, kind), and of each article being ordinary."""
        counts = [len(item.lengths) for item in batch]
        size, longest = len(batch), max(counts)
        article = torch.repeat_interleave(torch.arange(size), torch.tensor(counts))
        place = torch.cat([torch.arange(count) for count in counts])
        present = torch.zeros(size, longest, 1)
        present[article, place] = 1.0

        def spread(rows: Tensor) -> Tensor:
            return torch.zeros(size, longest, rows.shape[1]).index_put((article, place), rows)

        rows = spread(self._paragraphs(batch))
        rows = rows + torch.relu(self.near(self.dropped(rows).transpose(1, 2)).transpose(1, 2))
        rows = self.dropped(rows) * present
        mean = rows.sum(1) / torch.tensor(counts)[:, None]
        features = [row for item in batch for row in item.example.features]
        words = spread(_bag(self.hash, [row.hashed for row in features], WORDS))
        emitted = (self.lin(rows - mean[:, None]) + words) * present
        spans = (
            (torch.arange(longest + 1)[None] - torch.arange(longest)[:, None]).clamp(min=1).float()[None, :, :, None]
        )
        shapes = torch.zeros(size, longest, longest + 1, batch[0].shapes.shape[2])
        valid = torch.zeros(size, longest, longest + 1, dtype=torch.bool)
        boundaries = torch.zeros(size, longest, batch[0].boundaries.shape[1])
        for number, (item, count) in enumerate(zip(batch, counts, strict=True)):
            shapes[number, :count, : count + 1] = item.shapes
            valid[number, :count, : count + 1] = torch.ones(count, count + 1).triu(1).bool()
            boundaries[number, :count] = item.boundaries
        inside = _between(rows) / spans
        judged = torch.cat([inside, mean[:, None, None] - inside, shapes], 3)
        at = valid.nonzero(as_tuple=True)
        scores = _between(emitted) / spans.sqrt() + self.shape(shapes)
        scores = scores + torch.zeros_like(scores).index_put(at, self.seg(judged[at]))
        before = torch.cat([torch.zeros(size, 1, ROWS), rows[:, :-1]], 1)
        begins = self.bound(torch.cat([rows - before, before, boundaries], 2))
        begins = begins * (torch.arange(longest) > 0)[None, :, None]
        begins = begins + spread(_bag(self.begin, [row.begins for row in features], 1.0))
        strongest = rows.masked_fill(present == 0, NEVER).amax(1)
        whole = torch.stack([item.whole for item in batch])
        return scores + begins[:, :, None], self.ordi(torch.cat([mean, strongest, whole], 1))[:, 0]

    def _paragraphs(self, batch: Sequence[Item]) -> Tensor:
        lengths = torch.tensor([length for item in batch for length in item.lengths])
        pieces = torch.cat([item.pieces for item in batch]).float()
        if self.training:
            pieces = pieces * (torch.rand(len(pieces), 1) > PIECES_DROPPED) / (1 - PIECES_DROPPED)
        detected = self.det(pieces)
        detected = detected + torch.relu(self.conv(torch.relu(detected).T[None])[0].T)
        of = torch.repeat_interleave(torch.arange(len(lengths)), lengths)
        starts = torch.cumsum(lengths, 0) - lengths
        heads = (torch.arange(len(of)) - starts[of] < HEAD).float()[:, None]

        def total(values: Tensor) -> Tensor:
            return torch.zeros(len(lengths), DETECTORS).index_add(0, of, values)

        most = torch.full((len(lengths), DETECTORS), NEVER).scatter_reduce(
            0, of[:, None].expand(-1, DETECTORS), detected, "amax"
        )
        parts = [
            total(detected) / lengths[:, None] * MEAN,
            most * MAXIMUM,
            total(detected * heads) / lengths.clamp(max=HEAD)[:, None],
            self.cue(self.dropped(torch.cat([item.cues for item in batch]))),
            self.sense(self.dropped(torch.cat([item.meaning for item in batch]))),
        ]
        rows: Tensor = torch.relu(self.par(self.dropped(torch.cat(parts, 1))))
        return rows


def _judge(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(inputs, HIDDEN), nn.ReLU(), nn.Dropout(DROPPED), nn.Linear(HIDDEN, outputs))


def _between(rows: Tensor) -> Tensor:
    """Sums over the rows from each start to each end."""
    sums = torch.cat([torch.zeros_like(rows[:, :1]), rows.cumsum(1)], 1)
    return sums[:, None] - sums[:, :-1, None]


def _bag(table: nn.EmbeddingBag, buckets: Sequence[Sequence[int]], strength: float) -> Tensor:
    lengths = [len(each) for each in buckets]
    offsets = torch.tensor([0, *lengths[:-1]]).cumsum(0)
    weights = torch.tensor([strength / math.sqrt(max(1, length)) for length in lengths for _ in range(length)])
    flat = torch.tensor([bucket for each in buckets for bucket in each], dtype=torch.long)
    found: Tensor = table(flat, offsets, per_sample_weights=weights)
    return found


def partition(scores: Tensor, first: Tensor, follows: Tensor, counts: Tensor) -> Tensor:
    """The logarithm of the sum over all divisions of each article."""
    size, longest = scores.shape[:2]
    by_state = scores[..., _LAST]
    steps = follows[_BEFORE, _LAST[:, None]]
    entries = [torch.full((size, len(_STATES)), NEVER).index_copy(1, _FIRST, first.expand(size, K))]
    totals = []
    for end in range(1, longest + 1):
        reached = torch.logsumexp(torch.stack(entries, 1) + by_state[:, :end, end], 1)
        totals.append(torch.logsumexp(reached, 1))
        padded = torch.cat([reached, torch.full((size, 1), NEVER)], 1)
        entries.append(torch.logsumexp(padded[:, _SOURCE] + steps, 2).clamp(min=NEVER))
    return torch.stack(totals, 1).gather(1, counts[:, None] - 1)[:, 0]


def loss_of(member: Member, batch: Sequence[Item], *, ordered: bool) -> Tensor:
    """`ordered` is whether the order of sections says anything: it does not where chance made it."""
    scores, ordinary = member(batch)
    first = member.first if ordered else torch.zeros(K)
    follows = member.follows if ordered else torch.zeros(K, K)
    total = partition(scores, first, follows, torch.tensor([len(item.lengths) for item in batch]))
    losses = []
    for number, item in enumerate(batch):
        true, last = ordinary[number], None
        if not item.example.ordinary:
            true = torch.zeros(())
            for kind, start, end in item.example.runs:
                order = first[kind] if last is None else follows[last, kind]
                true, last = true + scores[number, start, end, kind] + order, kind
        weight = ORDINARY_WEIGHT if item.example.ordinary else 1.0
        losses.append(weight * (torch.logaddexp(total[number], ordinary[number]) - true))
    return torch.stack(losses).mean()


def fit(written: Sequence[Item], shuffled: Sequence[Item], seed: int) -> Member:
    """Articles in the order of their writers, from which the member learns orders too, and in any other."""
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    one = written[0]
    widths = (one.pieces, one.meaning, one.cues, one.boundaries)
    member = Member(*(each.shape[1] for each in widths), one.shapes.shape[2])
    words = [member.hash.weight, member.begin.weight]
    rest = [value for name, value in member.named_parameters() if name not in ("hash.weight", "begin.weight")]
    optimiser = torch.optim.AdamW(
        [{"params": rest, "weight_decay": DECAY}, {"params": words, "weight_decay": WORDS_DECAY}], lr=RATE
    )
    steps = EPOCHS * sum(math.ceil(len(each) / BATCH) for each in (written, shuffled))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps, pct_start=WARM)
    member.train()
    for _ in range(EPOCHS):
        for batch, ordered in _batches(written, shuffled, random):
            loss = loss_of(member, batch, ordered=ordered)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(member.parameters(), 5.0)
            optimiser.step()
            schedule.step()
    return member.eval()


def _batches(
    written: Sequence[Item], shuffled: Sequence[Item], random: np.random.Generator
) -> list[tuple[list[Item], bool]]:
    made = []
    for group, ordered in ((written, True), (shuffled, False)):
        order = random.permutation(len(group))
        made += [([group[at] for at in order[start : start + BATCH]], ordered) for start in range(0, len(group), BATCH)]
    return [made[at] for at in random.permutation(len(made))]


def train_network(examples: Sequence[Example], seeds: Sequence[int]) -> dict[str, Array]:
    """Arrays in the form that `bot.articles.network.Network` reads."""
    basis = Basis.of(examples)
    return exported(basis, [train_member(examples, basis, seed) for seed in seeds])


def train_member(examples: Sequence[Example], basis: Basis, seed: int) -> Member:
    written = [*examples, *look_alikes(list(examples), LOOK_ALIKES, seed=7 + seed)]
    others = [item for turn in range(SHUFFLES) for item in items(shuffled(examples, 70 + seed + 1_000 * turn), basis)]
    return fit(items(written, basis), others, seed)


def exported(basis: Basis, members: Sequence[Member]) -> dict[str, Array]:
    states = [member.state_dict() for member in members]
    arrays = {name: np.stack([state[name].numpy() for state in states]) for name in states[0]}
    shared = {"shift": basis.shift, "turn": basis.turn, "mean": basis.mean, "scale": basis.scale}
    return {name: values.astype(np.float16) for name, values in (arrays | shared).items()}
