"""A folder of files as a source: `.txt`, `.md` and `.html`, each one article.

Following folders is the operator's privilege: whoever lets a person name one lets that person read files.
"""

import os
import re
import stat
from dataclasses import replace
from pathlib import Path, PurePath, PureWindowsPath
from urllib.parse import unquote, urlsplit

from bot.errors import FailureReason, NotReadable
from bot.models import BodyFormat, Entry, Image, Snapshot, SourceKind
from bot.sources.dates import read_date
from bot.sources.draft import MAX_ENTRIES, clean_author, clean_language, clean_title
from bot.sources.encoding import decode_text, is_text
from bot.sources.markup import alt_text
from bot.sources.page import read_page
from bot.sources.urls import is_http

MAX_FILE_BYTES = 5 * 1024 * 1024
MAX_DEPTH = 2
"""A folder and the folders in it."""

_SUFFIXES = {
    ".txt": BodyFormat.TEXT,
    ".text": BodyFormat.TEXT,
    ".md": BodyFormat.MARKDOWN,
    ".markdown": BodyFormat.MARKDOWN,
    ".html": BodyFormat.HTML,
    ".htm": BodyFormat.HTML,
    ".xhtml": BodyFormat.HTML,
}
_FRONT_MATTER = re.compile(r"\A(?:---|\+\+\+)[ \t]*\n(.{0,20000}?)\n(?:---|\+\+\+|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FIELD = re.compile(r"^([A-Za-z_][\w-]{0,40})\s*[:=]\s*(.*)$")
_TITLE = re.compile(r"\A\s*(?:#[ \t]+([^\n]+?)[ \t#]*(?:\n|\Z)|([^\n#>*\s-][^\n]*)\n=+[ \t]*(?:\n|\Z))")


def folder_path(url: str) -> Path | None:
    """The path that an address names when it is one of this machine: an absolute path or a file:// address."""
    text = url.strip()
    if text.lower().startswith("file:"):
        parts = urlsplit(text)
        if parts.netloc not in ("", "localhost"):
            return None
        name = unquote(parts.path)
        if re.match(r"/[A-Za-z]:", name):
            name = name[1:]
        return Path(name) if name.startswith("/") or PureWindowsPath(name).is_absolute() else None
    if "\x00" in text or not text:
        return None
    path = Path(text).expanduser() if text.startswith("~") else Path(text)
    return path if path.is_absolute() else None


def is_article_file(path: Path) -> bool:
    """By its name alone, whether or not it exists."""
    return path.suffix.lower() in _SUFFIXES


def read_folder(path: Path) -> Snapshot:
    """The files of a folder and of the folders directly in it, newest first.

    Hidden files, links that lead outside, whatever is not a regular file or not text, and files that are too large are
    left out; so are files without a word in them, which somebody may be about to write.
    Raises NotReadable when there is no such folder.
    """
    try:
        root = path.resolve(strict=True)
        found = sorted(_walk(root, root, 1), key=lambda pair: (-pair[0], pair[1].as_posix()))
    except (OSError, RuntimeError) as error:
        raise NotReadable(FailureReason.NO_FOLDER, str(path), type(error).__name__) from error
    entries = []
    for _, file in found[:MAX_ENTRIES]:
        try:
            entry = _read(file, file.relative_to(root).as_posix())
        except (OSError, NotReadable):
            continue  # it went away, or it may not be read: the others are still there
        if entry.body.strip():
            entries.append(entry)
    return Snapshot(kind=SourceKind.FOLDER, title=root.name or str(root), entries=tuple(entries))


def read_file(path: Path) -> Entry:
    """One file as an entry. Raises NotReadable when it cannot be read, or is of another kind."""
    if not is_article_file(path):
        raise NotReadable(FailureReason.NOT_A_FEED, str(path), "not a .txt, .md or .html file")
    try:
        return _read(path, path.name)
    except OSError as error:
        raise NotReadable(FailureReason.NO_FOLDER, str(path), type(error).__name__) from error


def read_document(path: Path) -> bytes:
    """The bytes of a file of any name. Raises NotReadable when it is none, or is too large."""
    try:
        return _bytes_of(path)
    except OSError as error:
        raise NotReadable(FailureReason.NO_FOLDER, str(path), type(error).__name__) from error


def _walk(folder: Path, root: Path, depth: int) -> list[tuple[float, Path]]:
    found: list[tuple[float, Path]] = []
    with os.scandir(folder) as items:
        for item in items:
            if item.name.startswith((".", "~", "#")) or item.name.endswith("~"):
                continue
            path = folder / item.name
            if item.is_symlink() and not _is_inside(path, root):
                continue
            if item.is_dir() and not item.is_symlink():
                if depth < MAX_DEPTH and item.name not in ("node_modules", "__pycache__"):
                    found += _walk(path, root, depth + 1)
            elif path.suffix.lower() in _SUFFIXES and item.is_file() and item.stat().st_size <= MAX_FILE_BYTES:
                found.append((item.stat().st_mtime, path))
            if len(found) > 4 * MAX_ENTRIES:
                break
    return found


def _is_inside(path: Path, root: Path) -> bool:
    try:
        return path.resolve(strict=True).is_relative_to(root)
    except (OSError, RuntimeError):
        return False


def _read(path: Path, identity: str) -> Entry:
    body = _bytes_of(path)
    if not is_text(body):
        raise NotReadable(FailureReason.NOT_A_FEED, str(path), "not text")
    return read_text(body, identity)


def _bytes_of(path: Path) -> bytes:
    # Opened first and asked second, so that what is checked is what is read; non-blocking, since a pipe would wait.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(descriptor, "rb") as stream:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise NotReadable(FailureReason.NOT_A_FEED, str(path), "not a regular file")
        body = stream.read(MAX_FILE_BYTES + 1)
    if len(body) > MAX_FILE_BYTES:
        raise NotReadable(FailureReason.TOO_LARGE, str(path), f"more than {MAX_FILE_BYTES} bytes")
    return body


def read_text(body: bytes, name: str) -> Entry:
    """The entry of a file's content; `name` is its path within its folder, its identity, and tells its format.

    It is dated only where it says so: when a file was written says nothing about when its article appeared.
    """
    kind = _SUFFIXES.get(PurePath(name).suffix.lower(), BodyFormat.TEXT)
    if kind is BodyFormat.HTML:
        entry = read_page(body, url="", charset=None)
        url = entry.url if is_http(entry.url) else None
        return replace(entry, identity=name, url=url)
    text = decode_text(body).replace("\r\n", "\n").replace("\r", "\n")
    fields, text = _split_front_matter(text)
    title = clean_title(fields.get("title"))
    if kind is BodyFormat.MARKDOWN and (match := _TITLE.match(text)):
        heading = clean_title(re.sub(r"[*_`]+|\[([^\]]*)\]\([^)]*\)", r"\1", match[1] or match[2]))
        if title is None or title == heading:
            title, text = heading, text[match.end() :]
    url = fields.get("url") or fields.get("link") or fields.get("canonical_url") or ""
    image = fields.get("image") or fields.get("cover") or ""
    tags = re.split(r"\s*,\s*", (fields.get("tags") or fields.get("categories") or "").strip("[]"))
    return Entry(
        identity=name,
        title=title,
        url=url if is_http(url) else None,
        author=clean_author(fields.get("author") or fields.get("authors") or fields.get("auteur") or ""),
        published_at=read_date(fields.get("date") or fields.get("published")),
        updated_at=read_date(fields.get("updated") or fields.get("lastmod")),
        body=text.strip("\n"),
        body_format=kind,
        language=clean_language(fields.get("lang") or fields.get("language") or fields.get("langue")),
        image=Image(url=image, alt=alt_text(fields.get("image_alt") or fields.get("alt"))) if is_http(image) else None,
        categories=tuple(tag for one in tags if (tag := clean_title(one.strip("\"'")))),
    )


def _split_front_matter(text: str) -> tuple[dict[str, str], str]:
    """The fields before a Markdown text, between `---` lines, and the text after them.

    Only plain `name: value` lines and lists are read: a text that merely begins with a rule keeps it.
    """
    match = _FRONT_MATTER.match(text)
    if match is None:
        return {}, text
    fields: dict[str, str] = {}
    name = ""
    for line in match[1].split("\n"):
        if field := _FIELD.match(line):
            name = field[1].lower()
            fields[name] = field[2].strip().strip("\"'").strip("[]" if name in ("author", "authors") else "")
        elif name and (item := line.strip()).startswith("- "):
            fields[name] = ", ".join(filter(None, (fields[name], item[2:].strip().strip("\"'"))))
        elif line.strip() and not line.startswith((" ", "\t", "#")):
            return {}, text
    return fields, text[match.end() :]
