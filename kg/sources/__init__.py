"""Read papers from files, folders and standard input, whatever the format.

A new format is a module with `recognise` and `read`, and a line in `READERS`.
"""

from __future__ import annotations

import glob
import gzip
import hashlib
import os
import re
import stat
import sys
import tempfile
import zlib
from codecs import BOM_UTF8
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, cast

from kg.errors import InputError
from kg.model import Listing, Paper
from kg.sources import jsonl, listing
from kg.sources.merge import merge_papers
from kg.sources.reader import Problem, Reader, Source, shorten, tidy

__all__ = ["READERS", "Problem", "Reader", "Reading", "read_papers"]

READERS: dict[str, Reader] = {
    reader.name: reader
    for reader in (
        Reader("listing", "Hugging Face Daily Papers, a page saved as text", listing.recognise, listing.read),
        Reader("jsonl", "JSON lines with title and abstract, one object a paper", jsonl.recognise, jsonl.read),
    )
}
"""The formats by name, in the order in which they are tried."""

_HEAD = 2**16
_GZIP = b"\x1f\x8b"
_KNOWN_BINARY = {
    b"PK\x03\x04": "a ZIP archive",
    b"%PDF": "a PDF document",
    b"BZh": "bzip2-compressed data",
    b"\xfd7zXZ\x00": "xz-compressed data",
    b"\x28\xb5\x2f\xfd": "Zstandard-compressed data",
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
}
_CONTROL = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1b"))
_NOT_PAPERS = re.compile(r"(readme|license|licence)(\.(md|txt|rst))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read from all inputs together; iterates over the papers."""

    papers: tuple[Paper, ...]
    """One value a paper however often it is listed, sorted by key."""
    listings: tuple[Listing, ...]
    """The files that gave papers, sorted by name."""
    problems: tuple[Problem, ...]
    """What could not be taken, by file and line."""

    def __iter__(self) -> Iterator[Paper]:
        return iter(self.papers)

    def __len__(self) -> int:
        return len(self.papers)


def read_papers(*inputs: str | Path, format: str | None = None, year: int | None = None) -> Reading:  # noqa: A002
    """Read all papers of the inputs; each is a file, a folder, a glob pattern, or `-` for standard input.

    Folders are read with their subfolders, without hidden files and without README and LICENSE (bare or as .md, .txt,
    .rst); in them only regular files are read. Files may be gzip-compressed. The format is recognised from the content,
    or `format`, a key of `READERS`, forces it. `year` is that of the days of listing pages and of their dates that have
    none.

    Raises InputError when an input does not exist, when `format` or `year` is none, or when no input gives a paper.
    """
    if format is not None and format not in READERS:
        raise InputError(f"no format of this name; known are {', '.join(READERS)}", place=f"format {format!r}")
    if year is not None and not 1000 <= year <= 9999:
        raise InputError("a year has four digits", place=f"year {year}")
    if not inputs:
        raise InputError("nothing given; name a file, a folder, a pattern, or - for standard input", place="input")
    papers: list[Paper] = []
    problems: list[Problem] = []
    first_place: dict[str, str] = {}
    for file in _find_files(inputs, problems):
        try:
            with _opened(file) as (stream, digest):
                if digest in first_place:
                    problems.append(Problem(file.place, f"the same bytes as {first_place[digest]}; read once"))
                    continue
                first_place[digest] = file.place
                for item in _read_file(stream, file, digest, READERS.get(format or ""), year):
                    if isinstance(item, Paper):
                        papers.append(item)
                    else:
                        problems.append(item)
        except OSError as error:
            problems.append(Problem(file.place, f"cannot be read: {error.strerror or error}"))
    if not papers:
        raise InputError(_nothing_read(problems), place=", ".join(str(given) for given in inputs))
    merged, conflicts = merge_papers(papers)
    listings = {entry.listing for paper in merged for entry in paper.entries}
    return Reading(
        papers=merged,
        listings=tuple(sorted(listings, key=lambda item: (item.name, item.sha256))),
        problems=(*problems, *conflicts),
    )


@dataclass(frozen=True, slots=True, order=True)
class _File:
    name: str
    place: str
    path: Path | None
    """None is standard input."""


def _find_files(inputs: tuple[str | Path, ...], problems: list[Problem]) -> list[_File]:
    """Give every file once, sorted by name and then place, so that the order of the inputs does not matter."""
    files: dict[Path | None, _File] = {}
    for given in inputs:
        if str(given) == "-":
            if sys.stdin is None:
                raise InputError("standard input is closed; give it a file or a pipe", place="-")
            files[None] = _File("stdin", "<stdin>", None)
            continue
        for path in _expand(given):
            found = list(_walk(path, problems)) if path.is_dir() else [path]
            if not found:
                problems.append(Problem(str(path), "a folder without files; hidden files and README are not read"))
            for each in found:
                file = _File(_readable(each.name), _readable(str(each)), each)
                if each != path and _is_special(each):
                    problems.append(Problem(file.place, "not a regular file; in folders only these are read"))
                    continue
                real = Path(os.path.realpath(each))  # unlike Path.resolve, also of a link to itself
                files[real] = min(file, files.get(real, file), key=lambda file: file.place)
    return sorted(files.values(), key=lambda file: (file.name, file.place))


def _is_special(path: Path) -> bool:
    """Tell a pipe, socket or device, which may never end; what cannot be looked at is left to the reading."""
    try:
        return not stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False


def _expand(given: str | Path) -> list[Path]:
    path = Path(given)
    if path.exists():
        return [path]
    if glob.has_magic(str(given)):
        if matches := sorted(glob.glob(str(given), recursive=True)):  # noqa: PTH207 - patterns may be absolute
            return [Path(match) for match in matches]
        raise InputError("no file matches the pattern; check it, and quote it for the shell", place=str(given))
    raise InputError(
        "no such file or folder; give a file, a folder, a pattern, or - for standard input", place=str(given)
    )


def _readable(name: str) -> str:
    """Give a file name that can be printed and written, even where it is not UTF-8."""
    return tidy(os.fsencode(name).decode("utf-8", "replace"))[0]


def _walk(folder: Path, problems: list[Problem]) -> Iterator[Path]:
    def note(error: OSError) -> None:
        problems.append(Problem(str(error.filename), f"folder cannot be read: {error.strerror}"))

    for root, folders, names in os.walk(folder, onerror=note):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith(".") and not _NOT_PAPERS.fullmatch(name):
                yield Path(root, name)


@contextmanager
def _opened(file: _File) -> Iterator[tuple[BinaryIO, str]]:
    """Open a file at its first byte and give its digest; what cannot be rewound goes through a temporary file."""
    if file.path is not None and file.path.is_file():
        with file.path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
            stream.seek(0)
            yield stream, digest
        return
    with tempfile.SpooledTemporaryFile(max_size=2**24) as spool:
        if file.path is None:
            _copy(sys.stdin.buffer, spool)
        else:
            with file.path.open("rb") as stream:
                _copy(stream, spool)
        spool.seek(0)
        hashed = hashlib.sha256()
        while chunk := spool.read(_HEAD):
            hashed.update(chunk)
        spool.seek(0)
        yield cast(BinaryIO, spool), hashed.hexdigest()


def _copy(stream: IO[bytes], spool: IO[bytes]) -> None:
    while chunk := stream.read(_HEAD):
        spool.write(chunk)


def _read_file(
    stream: BinaryIO, file: _File, digest: str, forced: Reader | None, year: int | None
) -> Iterator[Paper | Problem]:
    if stream.read(len(_GZIP)) == _GZIP:
        stream.seek(0)
        stream = cast(BinaryIO, gzip.GzipFile(fileobj=stream, mode="rb"))
    else:
        stream.seek(0)
    head = _read_head(stream)
    stream.seek(0)
    if (refusal := _refuse(head)) is not None:
        yield Problem(file.place, refusal)
        return
    reader = forced or next((reader for reader in READERS.values() if reader.recognise(head, file.name)), None)
    if reader is None:
        known = "; ".join(f"{reader.name} ({reader.description})" for reader in READERS.values())
        begin = shorten(head.decode("utf-8-sig", "replace").strip())
        yield Problem(
            file.place, f"of no known format, begins {begin}; known are {known}; force one with format (--format)"
        )
        return
    yield from reader.read(Source(stream, file.place, Listing(name=file.name, sha256=digest, format=reader.name)), year)


def _read_head(stream: BinaryIO) -> bytes:
    """Give the first bytes after blank lines, fewer where a compressed file is damaged: reading its lines says so."""
    head = b""
    blank = 0
    with suppress(EOFError, zlib.error, OSError):
        while chunk := stream.read(_HEAD):
            rest = (chunk if blank else chunk.removeprefix(BOM_UTF8)).lstrip()
            blank += len(chunk) - len(rest)
            if rest:
                break
    with suppress(EOFError, zlib.error, OSError):
        stream.seek(blank)
        while len(head) < _HEAD and (byte := stream.read(1)):
            head += byte + stream.readline(_HEAD)
    return head[:_HEAD]


def _refuse(head: bytes) -> str | None:
    """Say why the content is no text that a reader could take, if it is none."""
    if not head.strip():
        return "an empty file; nothing to read"
    kind = next((kind for magic, kind in _KNOWN_BINARY.items() if head.startswith(magic)), None)
    controls = len(head) - len(head.translate(None, _CONTROL))
    if kind is None and b"\x00" not in head and controls <= len(head) * 0.05:
        return None
    return f"{kind or 'a binary file'}, not UTF-8 text; convert or unpack it first (gzip is unpacked as it is)"


def _nothing_read(problems: list[Problem]) -> str:
    shown = "".join(f"\n  {problem}" for problem in problems[:10])
    more = f"\n  and {len(problems) - 10} more" if len(problems) > 10 else ""
    return f"no paper could be read{':' if shown else ''}{shown}{more}"
