"""Every mistake in an interface is one line that names the file and the entry."""

import shutil
from pathlib import Path

import pytest

from interface_host import CONTRACT, GOLDEN
from skerry import interfaces
from skerry.abi import ContractError

SCALARS = "u8, u16, u32, u64, i64"
TYPES = f"{SCALARS}, bool, string, bytes, cap, bulk, colour, mode"

# What is replaced in the sample, by what, and the error without the file.
CASES = {
    "unknown key": (
        "limit = 100",
        "limits = 100",
        "call add: argument d: unknown key `limits`; there are name, type, max, count, limit, doc",
    ),
    "unknown section": (
        "[[message]]",
        "[[massage]]",
        "unknown key `massage`; there are doc, version, service, channel_pages, bulk_pages, constant, enum, call, "
        "message",
    ),
    "version 0": ("version = 3", "version = 0", "`version` must be at least 1"),
    "bad service": (
        '"sample-service"',
        '"Sample Service"',
        "`service` must be a name of 1 to 16 characters, not 'Sample Service'",
    ),
    "unknown type": (
        'type = "u16" }',
        'type = "u17" }',
        f"call add: argument c: `type`: unknown type u17; there are {TYPES}",
    ),
    "unbounded string": (
        'type = "string", max = "TEXT_MAX" },\n    { name = "data",',
        'type = "string" },\n    { name = "data",',
        "call echo: argument text: needs `max`: a string has a bound",
    ),
    "unknown constant": (
        'max = "TEXT_MAX" },\n    { name = "data",',
        'max = "TEX_MAX" },\n    { name = "data",',
        "call echo: argument text: `max`: unknown constant TEX_MAX; there are TEXT_MAX",
    ),
    "bound of nothing": ("max = 30", "max = 0", "call echo: argument data: `max` must be from 1 to 32768, not 0"),
    "max and count": (
        "count = 4 },\n]\nresults",
        "count = 4, max = 4 },\n]\nresults",
        "call echo: argument four: has both `max`, of a list, and `count`, of an array",
    ),
    "list of booleans": (
        'type = "u16", max = 9',
        'type = "bool", max = 9',
        f"call echo: argument list: a list or an array of bool is not offered; there are those of {SCALARS}",
    ),
    "limit too high": (
        "limit = 100",
        "limit = 4294967296",
        "call add: argument d: `limit` must be from 0 to 0xffffffff, not 4294967296",
    ),
    "limit of a string": (
        'max = 30 },\n    { name = "list"',
        'max = 30, limit = 3 },\n    { name = "list"',
        "call echo: argument data: `limit`, the largest value, is for unsigned numbers",
    ),
    "two capabilities": (
        '{ name = "given", type = "cap" },',
        '{ name = "given", type = "cap" }, { name = "more", type = "cap" },',
        "call swap: argument more: is the second capability: a message carries one",
    ),
    "too long": (
        "max = 4096 }]\nresults",
        "max = 32768 }]\nresults",
        "call swap: argument page: makes the message longer than 4064 words",
    ),
    "same name twice": (
        'name = "b", type = "i64"',
        'name = "a", type = "i64"',
        "call add: argument a: the name a is used twice (also in {file})",
    ),
    "argument named as a result": (
        'name = "sum"',
        'name = "a"',
        "call add: the name a is both an argument's and a result's",
    ),
    "the stubs' own name": (
        'name = "n"',
        'name = "deadline"',
        "message tick: argument deadline: the name deadline is the stubs' own",
    ),
    "keyword": ('name = "n"', 'name = "while"', "message tick: argument while: name 'while' is a C keyword"),
    "unknown error": ('"NOT_FOUND"]', '"NOT_FUND"]', None),
    "number twice": ("number = 3", "number = 2", "message tick: the number 2 is echo's already"),
    "hole": (
        "number = 3",
        "number = 7",
        "call swap: the number 4 leaves a hole: use 3 first, or mark that in `reserved`",
    ),
    "library's number": ("number = 3", "number = 240", "message tick: `number` must be from 0 to 0xef, not 240"),
    "no room": ("version = 3", "version = 3\nchannel_pages = 0", "`channel_pages` is 0: a channel has two rings in it"),
    "a piece of nothing": (
        "bulk_pages = 4\n",
        "",
        "call fill: argument room: needs `bulk_pages`: the interface says how much memory a client shares",
    ),
    "bulk for nobody": (
        '{ name = "room", type = "bulk" }, { name = "least", type = "bulk", max = "TEXT_MAX" }',
        "",
        "has `bulk_pages`, and no call with an argument of type bulk",
    ),
    "too much bulk": ("bulk_pages = 4", "bulk_pages = 65", "`bulk_pages` must be from 0 to 0x40, not 65"),
    "a piece larger than the bulk": (
        'type = "bulk", max = "TEXT_MAX"',
        'type = "bulk", max = 16385',
        "call fill: argument least: `max` must be from 1 to 16384, what `bulk_pages` gives, not 16385",
    ),
    "a count of bulk": (
        'type = "bulk", max = "TEXT_MAX"',
        'type = "bulk", count = 3',
        "call fill: argument least: `count` is not for bulk: say `max`, or nothing",
    ),
    "bulk in a message": (
        'args = [{ name = "n",',
        'args = [{ name = "piece", type = "bulk" }, { name = "n",',
        "message tick: has an argument of type bulk: nobody would say when the piece is the sender's again; "
        "make it a call",
    ),
    "bulk as a result": (
        'results = [\n    { name = "sum",',
        'results = [\n    { name = "piece", type = "bulk" }, { name = "sum",',
        "call add: has a result of type bulk: make it an argument, which the server fills",
    ),
    "no deadline": ("deadline_ms = 1500", "deadline_ms = 0", "call add: `deadline_ms` is 0: whatever waits ends"),
    "quick and long": (
        "deadline_ms = 1500",
        "quick = true",
        "call add: `quick` is for calls of numbers, at most 6 each way",
    ),
    "results of a message": (
        'doc = "Is not answered."',
        'doc = "Is not answered."\nresults = []',
        "message tick: unknown key `results`; there are name, doc, number, args, deadline_ms, quick",
    ),
    "value and constant": (
        'name = "RED"',
        'name = "TEXT_MAX"',
        "enum colour: the name TEXT_MAX is used twice (also in {file})",
    ),
    "call and value": ('name = "FAST"', 'name = "ADD"', "enum mode: the name ADD is used twice (also in {file})"),
    "generator's own": ('name = "FAST"', 'name = "HASH"', "enum mode: the name HASH is the generator's own"),
    "flag of two bits": (
        'value = 2, doc = "without',
        'value = 3, doc = "without',
        "enum mode: value QUIET: the value 3 is not a single bit",
    ),
    "hole in an enumeration": (
        'value = 1, doc = "cold',
        'value = 2, doc = "cold',
        "enum colour: value BLUE: the number 2 leaves a hole: use 1 first, or mark that in `reserved`",
    ),
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the sample, named from the current folder as the real ones are."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(GOLDEN / "if", "userland/if")
    return Path("userland/if")


@pytest.mark.parametrize("case", CASES)
def test_mistake_is_refused_by_file_and_entry(folder: Path, case: str) -> None:
    old, new, message = CASES[case]
    file = folder / "sample.toml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))
    with pytest.raises(ContractError) as refusal:
        interfaces.load(folder, CONTRACT)
    assert "\n" not in str(refusal.value)
    if message is None:
        assert str(refusal.value).startswith(f"{file}: call add: `errors`: unknown error NOT_FUND; there are OK, ")
    else:
        assert str(refusal.value) == f"{file}: {message.format(file=file)}"


def test_file_with_a_bad_name_is_refused(folder: Path) -> None:
    (folder / "sample.toml").rename(folder / "Sample.toml")
    with pytest.raises(ContractError, match=r"Sample\.toml: the file's name must be lower-case"):
        interfaces.load(folder, CONTRACT)
