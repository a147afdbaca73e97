"""Fixtures that every test may use."""

from tests.fakes.simcord_env import wire, world

__all__ = ("wire", "world")
