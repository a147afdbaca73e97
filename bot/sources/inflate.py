"""Content codings of RFC 9110, 8.4, undone piece by piece, so that a bomb is noticed before it fills memory."""

import sys
import zlib
from collections.abc import Iterator
from typing import Protocol

import brotli  # type: ignore[import-untyped]

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ACCEPTED = "gzip, deflate, br, zstd"
PIECE_BYTES = 256 * 1024
"""The most that one step may produce; the caller counts between steps."""

MAX_MEMBERS = 1_000
"""Of gzip, or frames of zstd, in one body: each costs a decompressor, however little is in it."""

ERRORS: tuple[type[Exception], ...] = (zlib.error, brotli.error, zstd.ZstdError, EOFError)
"""What a damaged body raises."""


class Inflater(Protocol):
    def feed(self, data: bytes) -> Iterator[bytes]:
        """The bytes that `data` adds, in pieces of at most about PIECE_BYTES."""
        ...

    @property
    def complete(self) -> bool:
        """False when the body stopped in the middle of its stream."""
        ...


class _Members:
    """Counts them."""

    def __init__(self) -> None:
        self._count = 0

    def begin(self) -> None:
        self._count += 1
        if self._count > MAX_MEMBERS:
            raise EOFError("too many compressed members")


class Identity:
    complete = True

    def feed(self, data: bytes) -> Iterator[bytes]:
        yield data


class Zlib:
    """gzip (several members too) and deflate, which servers send with or without its zlib wrapper."""

    def __init__(self, *, gzip: bool) -> None:
        self._gzip = gzip
        self._members = _Members()
        self._stream: zlib._Decompress | None = None
        self._plain = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        if self._stream is None and not self._plain:
            self._begin(data)
        while data:
            if self._plain or self._stream is None:
                yield data
                return
            if self._stream.eof:
                if not (self._gzip and data.startswith(b"\x1f\x8b")):
                    return  # padding after the last member
                self._members.begin()
                self._stream = zlib.decompressobj(31)
            piece = self._stream.decompress(data, PIECE_BYTES)
            data = self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail
            if piece:
                yield piece

    @property
    def complete(self) -> bool:
        return self._plain or (self._stream is not None and self._stream.eof)

    def _begin(self, data: bytes) -> None:
        if self._gzip:
            # Some servers announce gzip and send the plain document.
            self._plain = not data.startswith(b"\x1f"[: len(data)])
            self._stream = None if self._plain else zlib.decompressobj(31)
        else:
            wrapped = len(data) > 1 and data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0
            self._stream = zlib.decompressobj(15 if wrapped else -15)


class Brotli:
    def __init__(self) -> None:
        self._stream = brotli.Decompressor()

    def feed(self, data: bytes) -> Iterator[bytes]:
        piece = self._stream.process(data, output_buffer_limit=PIECE_BYTES)
        while piece or not self._stream.can_accept_more_data():
            yield piece
            piece = self._stream.process(b"", output_buffer_limit=PIECE_BYTES)

    @property
    def complete(self) -> bool:
        return bool(self._stream.is_finished())


class Zstandard:
    def __init__(self) -> None:
        self._members = _Members()
        self._stream = zstd.ZstdDecompressor()

    def feed(self, data: bytes) -> Iterator[bytes]:
        while data or not (self._stream.needs_input or self._stream.eof):
            if self._stream.eof:  # frames may follow each other (RFC 8878, 3.1)
                self._members.begin()
                self._stream = zstd.ZstdDecompressor()
            piece = self._stream.decompress(data, PIECE_BYTES)
            data = self._stream.unused_data if self._stream.eof else b""
            if piece:
                yield piece

    @property
    def complete(self) -> bool:
        return bool(self._stream.eof)


def inflater(coding: str) -> Inflater | None:
    """What undoes one `Content-Encoding`, or None when we never said that we understand it."""
    match coding.strip().lower():
        case "" | "identity" | "none" | "utf-8":
            return Identity()
        case "gzip" | "x-gzip":
            return Zlib(gzip=True)
        case "deflate":
            return Zlib(gzip=False)
        case "br":
            return Brotli()
        case "zstd":
            return Zstandard()
        case _:
            return None
