"""Fixtures that every test may use, and how property tests run."""

from hypothesis import HealthCheck, settings

from tests.fakes.simcord_env import wire, world

__all__ = ("wire", "world")

# A busy machine makes single examples slow; whole tests are bounded by pytest's own time-out.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
# The check that a change must pass tries the same examples each time; looking for new ones is asked for:
# `pytest --hypothesis-profile=explore`.
settings.register_profile("explore", settings.get_profile("house"), derandomize=False, max_examples=1000)
settings.load_profile("house")
