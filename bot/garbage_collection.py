"""The garbage collector, kept from holding everybody up.

A full collection looks at every object there is, and Python does nothing else meanwhile: 60 ms in a bot that has just
started, three times that while a source of thousands of items is being stored. By itself it comes in the middle of such
work, when there is most to look at. So what came with the program is left out for good, full collections come in rounds
of their own, and only what was just made is looked at in between, which is where nearly all garbage is.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

ROUND = timedelta(minutes=10)

_YOUNG = 2_000
"""Objects made before those made since the last look are looked at: under a millisecond."""
_MIDDLE_AGED = 10
"""Such looks before what survived them is looked at once more: some milliseconds."""
_NEVER = 1_000_000


@contextmanager
def collected_in_rounds() -> Iterator[None]:
    """Enter it once everything is loaded that will stay; call `collect` every `ROUND`."""
    usual = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE_AGED, _NEVER)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()


async def collect() -> None:
    gc.collect()
