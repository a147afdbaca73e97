"""A wire-level Discord on loopback, strict about what a bot sends, and a driver for the people in it."""

from tests.fakes.discord_wire.commands import CannotSend
from tests.fakes.discord_wire.faults import Fault, statuses
from tests.fakes.discord_wire.feeds import FeedServer
from tests.fakes.discord_wire.interactions import Answer
from tests.fakes.discord_wire.manners import Manners
from tests.fakes.discord_wire.messages import Message
from tests.fakes.discord_wire.people import NoAnswer, Person
from tests.fakes.discord_wire.permissions import Can
from tests.fakes.discord_wire.process import BotProcess, run_bot, wait_connected
from tests.fakes.discord_wire.wire import DiscordWire

__all__ = (
    "Answer",
    "BotProcess",
    "Can",
    "CannotSend",
    "DiscordWire",
    "Fault",
    "FeedServer",
    "Manners",
    "Message",
    "NoAnswer",
    "Person",
    "run_bot",
    "statuses",
    "wait_connected",
)
