"""Reading inputs of every kind, recognition of formats, and one paper from several listings."""

from __future__ import annotations

import gzip
import importlib
import io
import json
import os
import pkgutil
import random
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg import sources
from kg.errors import InputError
from kg.model import Entry, Listing, Paper
from kg.sources import READERS, read_papers
from kg.sources.merge import merge_papers

ROOT = Path(__file__).parents[1]
SEEDS = ROOT / "seeds"
LONG = "We propose a loss. " * 20 + "End."
PAGE = f"Daily Papers\n\nAug 25\n\nA Title\n\n{LONG}\n"
RECORD = json.dumps({"title": "Another Title", "abstract": "An abstract."}) + "\n"


def test_the_seed_folder_is_191_papers_on_four_listings() -> None:
    reading = read_papers(SEEDS)

    assert len(reading) == len(reading.papers) == 191
    assert sum(len(paper.entries) for paper in reading) == 249
    assert [listing.day for listing in reading.listings] == ["--08-25", "--04-17", "--09-18", "--09-09"]
    assert [paper.key for paper in reading] == sorted({paper.key for paper in reading})
    assert reading.problems == ()


def test_a_paper_on_several_pages_keeps_every_listing_and_the_facts_of_each() -> None:
    papers = {paper.title: paper for paper in read_papers(SEEDS)}
    paper = papers["A Method on Searching Better Activation Functions"]

    assert [(entry.listing.name[:3], entry.line) for entry in paper.entries] == [
        ("000", 13),
        ("001", 13),
        ("002", 13),
        ("003", 105),
    ]
    assert (paper.author_count, paper.date, paper.year) == (8, "2024-05-18", 2024)


def test_a_given_year_completes_days_and_dates() -> None:
    reading = read_papers(SEEDS, year=2026)

    assert [listing.day for listing in reading.listings] == ["2026-08-25", "2026-04-17", "2026-09-18", "2026-09-09"]
    assert sum(paper.date is not None for paper in reading) == 47
    assert not [paper.date for paper in reading if (paper.date or "").startswith("--")]


def test_the_order_and_the_kind_of_inputs_do_not_matter() -> None:
    files = sorted(SEEDS.glob("*.txt"))
    shuffled = random.Random(7).sample(files, len(files))  # noqa: S311

    expected = read_papers(SEEDS)
    assert read_papers(*files) == read_papers(*map(str, shuffled)) == expected
    assert read_papers(str(SEEDS / "*.txt")) == read_papers(SEEDS, *files) == expected


def test_folders_are_read_with_subfolders_but_without_hidden_files_and_readme(tmp_path: Path) -> None:
    for name, text in {
        "b/page.txt": PAGE,
        "a.jsonl": RECORD,
        ".hidden.jsonl": RECORD.replace("Another", "Hidden"),
        ".git/x.jsonl": RECORD.replace("Another", "Hidden"),
        "README.md": "# About",
        "LICENSE": "MIT",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")

    reading = read_papers(tmp_path)

    assert [paper.title for paper in reading] == ["Another Title", "A Title"]
    assert [(listing.name, listing.format) for listing in reading.listings] == [
        ("a.jsonl", "jsonl"),
        ("page.txt", "listing"),
    ]
    assert reading.problems == ()


@pytest.mark.parametrize(
    ("name", "is_read"),
    [
        ("Licensed_models.jsonl", True),
        ("README-of-papers.jsonl", True),
        ("licence.jsonl", True),
        ("readme", False),
        ("Readme.rst", False),
        ("LICENCE", False),
        ("LICENSE.TXT", False),
    ],
)
def test_only_a_readme_or_license_as_such_is_passed_over_in_a_folder(tmp_path: Path, name: str, is_read: bool) -> None:
    (tmp_path / name).write_text(RECORD, encoding="utf-8")
    (tmp_path / "page.txt").write_text(PAGE, encoding="utf-8")

    reading = read_papers(tmp_path)

    assert (name in [listing.name for listing in reading.listings]) is is_read
    assert reading.problems == ()


def test_a_link_to_itself_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    (tmp_path / "loop.txt").symlink_to("loop.txt")
    (tmp_path / "folder").symlink_to(".")
    (tmp_path / "page.txt").write_text(PAGE, encoding="utf-8")

    for place in (tmp_path, str(tmp_path / "*.txt")):
        reading = read_papers(place)

        assert [paper.title for paper in reading] == ["A Title"]
        assert [problem.place for problem in reading.problems] == [str(tmp_path / "loop.txt")]
        assert reading.problems[0].message.startswith("cannot be read: ")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_in_a_folder_is_named_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    (tmp_path / "page.txt").write_text(PAGE, encoding="utf-8")

    reading = read_papers(tmp_path)

    assert [paper.title for paper in reading] == ["A Title"]
    assert [str(problem) for problem in reading.problems] == [
        f"{tmp_path / name}: not a regular file; in folders only these are read" for name in ("link", "pipe")
    ]


def test_standard_input_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(PAGE.encode())))

    reading = read_papers("-")

    assert [(paper.title, paper.entries[0].listing.name) for paper in reading] == [("A Title", "stdin")]


def test_closed_standard_input_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)

    with pytest.raises(InputError, match="standard input is closed"):
        read_papers(SEEDS, "-")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = Thread(target=pipe.write_text, args=[RECORD], kwargs={"encoding": "utf-8"})
    writer.start()

    assert [paper.title for paper in read_papers(pipe)] == ["Another Title"]
    writer.join()


@pytest.mark.parametrize(("text", "name"), [(PAGE, "listing"), (RECORD, "jsonl")])
def test_gzip_is_unpacked_whatever_the_format_and_file_name(tmp_path: Path, text: str, name: str) -> None:
    (tmp_path / "file").write_bytes(gzip.compress(text.encode(), mtime=0))

    reading = read_papers(tmp_path / "file")

    assert (len(reading), reading.listings[0].format) == (1, name)


def test_a_small_file_that_unpacks_to_a_page_of_any_size_is_named(tmp_path: Path) -> None:
    (tmp_path / "page.txt.gz").write_bytes(gzip.compress(PAGE.encode() + b"\n" * 2**25))
    (tmp_path / "papers.jsonl").write_text(RECORD, encoding="utf-8")

    reading = read_papers(tmp_path)

    assert [paper.title for paper in reading] == ["Another Title"]
    assert [problem.place for problem in reading.problems] == [str(tmp_path / "page.txt.gz")]
    assert "more than 16,777,216 bytes (unpacked)" in reading.problems[0].message


@pytest.mark.parametrize("before", ["\n" * 2**17, "\ufeff" + "\r\n" * 2**17, " " * (2**16 - 3) + "\n"])
@pytest.mark.parametrize(("text", "name"), [(PAGE, "listing"), (RECORD, "jsonl")])
@pytest.mark.parametrize("packed", [False, True])
def test_blank_lines_before_the_first_paper_cost_nothing_but_count(
    tmp_path: Path, before: str, text: str, name: str, packed: bool
) -> None:
    content = (before + text).encode()
    (tmp_path / "file").write_bytes(gzip.compress(content) if packed else content)

    reading = read_papers(tmp_path)

    (paper,) = reading
    assert reading.problems == ()
    assert reading.listings[0].format == name
    assert paper.entries[0].line == before.count("\n") + 1 + text.split("\n").index(
        "A Title" if text == PAGE else RECORD[:-1]
    )


def test_a_damaged_gzip_file_is_read_up_to_the_damage(tmp_path: Path) -> None:
    noise = random.Random(7)  # noqa: S311
    records = [{"title": f"Title {number}", "abstract": noise.randbytes(500).hex()} for number in range(400)]
    packed = gzip.compress("\n".join(map(json.dumps, records)).encode())
    (tmp_path / "papers.jsonl.gz").write_bytes(packed[: len(packed) // 2])

    reading = read_papers(tmp_path)

    assert 100 < len(reading) < 300
    assert len(reading.problems) == 1
    assert "reading stopped here" in reading.problems[0].message


def test_a_format_can_be_forced(tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text(f"A Title\n\n{LONG}\n", encoding="utf-8")

    assert [paper.title for paper in read_papers(tmp_path, format="listing")] == ["A Title"]
    with pytest.raises(InputError, match="of no known format, begins 'A Title"):
        read_papers(tmp_path)


BROKEN = {
    "empty": (b"", "an empty file"),
    "blank": (b" \n\n", "an empty file"),
    "binary": (bytes(range(256)) * 9, "a binary file, not UTF-8 text"),
    "pdf": (b"%PDF-1.7\nx", "a PDF document, not UTF-8 text"),
    "zip": (b"PK\x03\x04xyz", "a ZIP archive, not UTF-8 text"),
    "utf16": (PAGE.encode("utf-16"), "UTF-16 text, not UTF-8 text"),
    "note.txt": (b"one line", "of no known format, begins 'one"),
    "array.json": (b'[{"title": "x"}]', "of no known format, begins '[{"),
    "long line": (b"x" * 10_000_000, "of no known format, begins 'xxx"),
    "gzip of nothing": (gzip.compress(b""), "an empty file"),
    "gzip magic only": (b"\x1f\x8b", "an empty file"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_named_and_the_others_are_read(tmp_path: Path, name: str) -> None:
    content, message = BROKEN[name]
    (tmp_path / name).write_bytes(content)
    (tmp_path / "page.txt").write_text(PAGE, encoding="utf-8")

    reading = read_papers(tmp_path)

    assert [paper.title for paper in reading] == ["A Title"]
    assert [problem.place for problem in reading.problems] == [str(tmp_path / name)]
    assert reading.problems[0].message.startswith(message)


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("format", [None, *READERS])
def test_nothing_readable_at_all_is_an_error(tmp_path: Path, name: str, format: str | None) -> None:  # noqa: A002
    (tmp_path / name).write_bytes(BROKEN[name][0])

    with pytest.raises(InputError, match="no paper could be read:\n  ") as caught:
        read_papers(tmp_path / name, format=format)
    assert caught.value.place == str(tmp_path / name)


@pytest.mark.parametrize(
    ("inputs", "options", "message"),
    [
        (["no/such/file"], {}, r"no/such/file: no such file or folder; give a file"),
        ([str(SEEDS), "no/such/file"], {}, r"no/such/file: no such file or folder"),
        (["no/such/*.txt"], {}, r"no/such/\*.txt: no file matches the pattern"),
        ([], {}, "input: nothing given; name a file"),
        ([SEEDS], {"format": "bibtex"}, "format 'bibtex': no format of this name; known are listing, jsonl"),
        ([SEEDS], {"year": 26}, "year 26: a year has four digits"),
    ],
)
def test_wrong_use_is_an_error(inputs: list[str | Path], options: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_papers(*inputs, **options)  # type: ignore[arg-type]


def test_a_folder_without_papers_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a folder without files"):
        read_papers(tmp_path)


def test_a_copy_of_a_file_is_read_once_and_named(tmp_path: Path) -> None:
    for name in ("b.txt", "a.txt"):
        (tmp_path / name).write_text(PAGE, encoding="utf-8")

    reading = read_papers(tmp_path / "b.txt", tmp_path)

    assert [listing.name for listing in reading.listings] == ["a.txt"]
    assert [str(problem) for problem in reading.problems] == [
        f"{tmp_path / 'b.txt'}: the same bytes as {tmp_path / 'a.txt'}; read once"
    ]


def test_every_module_that_reads_is_a_reader_with_a_name_and_a_description() -> None:
    modules = [importlib.import_module(f"kg.sources.{found.name}") for found in pkgutil.iter_modules(sources.__path__)]
    assert {module.read for module in modules if hasattr(module, "recognise")} == {
        reader.read for reader in READERS.values()
    }
    assert len(READERS) >= 2
    assert all(reader.name == name and reader.description for name, reader in READERS.items())


RECORDS = (
    Paper(
        title="A Title",
        abstract="We propose a loss.",
        identifier="a",
        year=2024,
        url="https://a.org/1",
        authors=("Ada", "Grace"),
        venue="V",
    ),
    Paper(title="A title!", abstract="We propose a loss", date="--05-18", author_count=2, organisation="O"),
    Paper(
        title="A Title",
        abstract="Something else, and longer.",
        identifier="b",
        year=2021,
        url="https://b.org/1",
        authors=("Alan",),
    ),
)


def listed(*records: Paper) -> list[Paper]:
    return [
        replace(record, entries=(Entry(listing=Listing(name=f"{name}.txt", sha256=name, format="f"), line=3),))
        for name, record in zip("abc", records, strict=False)
    ]


def test_gaps_of_one_record_are_filled_from_the_others() -> None:
    base, other, _ = records = listed(*RECORDS)
    merged, problems = merge_papers(records[:2])
    wanted = replace(base, date="--05-18", author_count=2, organisation="O", entries=(*base.entries, *other.entries))
    assert (merged, problems) == ((wanted,), ())


def test_records_that_differ_make_no_chimera_and_are_named_with_both_places() -> None:
    base, other, different = records = listed(*RECORDS)
    merged, problems = merge_papers(records)
    assert merged == tuple(
        replace(paper, entries=tuple(record.entries[0] for record in records))
        for paper in merge_papers([base, other])[0]
    )
    assert [str(problem) for problem in problems] == [
        "c.txt:3: 'A Title' is told not as at a.txt:3: id ('b', not 'a'), year ('2021', not '2024'), "
        "address ('https://b.org/1', not 'https://a.org/1'), authors ('Alan', not 'Ada, Grace'), "
        "abstract ('Something else, and longer.', not 'We propose a loss.'); the latter was kept, since papers of one "
        "title are one; if they are two, give them different titles"
    ]
    assert different.identifier


NOT_FILLED = {
    # base, other: what stays a gap, since it would not fit
    "the day of another year": ({"year": 2024, "identifier": "a"}, {"date": "2021-05-18"}, "date"),
    "the year of another day": ({"date": "--05-18", "identifier": "a"}, {"date": "2021-06-01"}, "year"),
    "names beside another number": ({"author_count": 3, "identifier": "a"}, {"authors": ("Ada",)}, "authors"),
    "a number beside other names": ({"authors": ("Ada",), "identifier": "a"}, {"author_count": 3}, "author_count"),
}


@pytest.mark.parametrize("case", NOT_FILLED)
def test_a_gap_is_not_filled_with_what_does_not_fit(case: str) -> None:
    base, other, name = NOT_FILLED[case]
    records = listed(*(replace(Paper(title="T", abstract="A"), **given) for given in (base, other)))  # type: ignore[arg-type]
    ((merged,), _) = merge_papers(records)
    assert not getattr(merged, name)


ENTRIES = tuple(
    Entry(listing=Listing(name=name, sha256=name, format="listing"), line=line)
    for name in ("a.txt", "b.txt")
    for line in (1, 5)
)
TEXTS = st.text("ab é", min_size=1, max_size=3)
PAPERS = st.builds(
    Paper,
    title=st.sampled_from(["A Title", "A title", "A Titles", "Else"]),
    abstract=TEXTS,
    identifier=st.none() | TEXTS,
    year=st.none() | st.integers(2020, 2023),
    date=st.none() | st.sampled_from(["--05-18", "2021-05-18", "2022-01-01"]),
    url=st.none() | TEXTS,
    authors=st.lists(TEXTS, max_size=2).map(tuple),
    author_count=st.none() | st.integers(0, 3),
    organisation=st.none() | TEXTS,
    venue=st.none() | TEXTS,
    entries=st.sampled_from(ENTRIES).map(lambda entry: (entry,)),
)


@given(st.lists(PAPERS, min_size=1), st.randoms())
def test_merging_does_not_depend_on_order_or_repetition(papers: list[Paper], rng: random.Random) -> None:
    merged = merge_papers(papers)
    again = [*papers, rng.choice(papers)]
    rng.shuffle(again)

    assert merge_papers(again)[0] == merged[0]
    assert merge_papers(merged[0])[0] == merged[0]
    assert {str(problem)[:8] for problem in merge_papers(again)[1]} == {str(problem)[:8] for problem in merged[1]}


@given(st.lists(PAPERS, min_size=1))
def test_merging_takes_every_field_from_one_record_and_invents_none(papers: list[Paper]) -> None:
    for merged in merge_papers(papers)[0]:
        same = [paper for paper in papers if paper.key == merged.key]
        assert set(merged.entries) == {entry for paper in same for entry in paper.entries}
        assert (merged.title, merged.abstract) in {(paper.title, paper.abstract) for paper in same}
        for name in ("identifier", "url", "organisation", "venue"):
            given_values = {getattr(paper, name) for paper in same} - {None}
            assert getattr(merged, name) in (given_values or {None})
        for name in ("date", "authors", "author_count"):
            assert getattr(merged, name) in {getattr(paper, name) for paper in same} | {None, ()}


def test_characters_that_show_nothing_are_no_part_of_a_title(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(
        json.dumps({"title": "\ufeffAuto\u00adEncoder\u200bs", "abstract": "We use\u2060 GANs."}) + "\n"
    )
    ((paper,), problems) = (read_papers(tmp_path / "a.jsonl").papers, read_papers(tmp_path / "a.jsonl").problems)
    assert (paper.title, paper.abstract, problems) == ("AutoEncoders", "We use GANs.", ())
