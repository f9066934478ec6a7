"""kernel/boot/archive.c and crc32.c: what the build packs is found, and nothing damaged is believed."""

import zlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boot_files import File, archive, entry, manifest
from boot_host import OP_ARCHIVE, OP_CRC32, OP_FIND, Answer, Err, Host

NO_CORE = 0xFFFFFFFF
BUILD_ID = "0123456789abcdef" * 2 + "01234567"
PATHS = st.text(st.characters(codec="ascii", exclude_characters=" \n\0", exclude_categories=["Cc"]), min_size=1)
FILES = st.builds(
    File,
    path=PATHS.filter(lambda path: path != "TRAILER!!!"),
    data=st.binary(max_size=300),
    build_id=st.sampled_from(["", BUILD_ID]),
    core=st.one_of(st.none(), st.integers(0, 254)),
)
ARCHIVES = st.lists(FILES, max_size=6, unique_by=lambda file: file.path)
SAMPLE = [File("core/0", b"\x7fELF image", BUILD_ID, 0), File("bin/monitor", b"monitor!"), File("bin/x", b"")]


def read_file(answer: Answer) -> tuple[File, int, int]:
    """A file, its checksum in the manifest, and what the check says."""
    path, size, crc, core = answer.text(), answer.word(), answer.word(), answer.word()
    build_id, check = answer.text(), answer.word()
    return File(path, answer.take(size), build_id, None if core == NO_CORE else core), crc, check


def error_of(boot: Host, data: bytes) -> int:
    return boot.ask(OP_ARCHIVE, data).word()


@given(data=st.binary(max_size=5000))
def test_crc32_is_that_of_zlib(boot: Host, data: bytes) -> None:
    assert boot.ask(OP_CRC32, data).word() == zlib.crc32(data)


@given(files=ARCHIVES, run=st.integers(0, 2**64 - 1), contract=st.integers(0, 2**64 - 1))
def test_all_that_was_packed_is_listed_in_order(boot: Host, files: list[File], run: int, contract: int) -> None:
    answer = boot.ask(OP_ARCHIVE, archive(files, run, contract))
    assert answer.words(5) == [Err["OK"], 0, run, contract, len(files)]
    for file in files:
        assert read_file(answer) == (file, zlib.crc32(file.data), Err["OK"])
    assert answer.left == 0


@given(files=ARCHIVES)
def test_each_file_is_found_by_its_path(boot: Host, files: list[File]) -> None:
    for file in files:
        answer = boot.ask(OP_FIND, archive(files), file.path.encode() + b"\0")
        assert answer.word() == Err["OK"]
        assert read_file(answer)[0] == file


@pytest.mark.parametrize("path", ["core/1", "core/", "core/00", "", "manifest", "TRAILER!!!"])
def test_what_was_not_packed_is_not_found(boot: Host, path: str) -> None:
    assert boot.ask(OP_FIND, archive(SAMPLE), path.encode() + b"\0").word() == Err["NOT_FOUND"]


def test_an_archive_cut_short_anywhere_is_refused(boot: Host) -> None:
    whole = archive(SAMPLE)
    for size in range(len(whole)):
        assert error_of(boot, whole[:size]) == Err["FORMAT"], size


@given(files=ARCHIVES, data=st.data())
def test_flipped_bits_never_lead_outside(boot: Host, files: list[File], data: st.DataObject) -> None:
    damaged = bytearray(archive(files))
    for bit in data.draw(st.lists(st.integers(0, len(damaged) * 8 - 1), min_size=1, max_size=4)):
        damaged[bit // 8] ^= 1 << bit % 8
    answer = boot.ask(OP_ARCHIVE, bytes(damaged))
    error, _ = answer.words(2)
    assert error in (Err["OK"], Err["FORMAT"], Err["NOT_FOUND"])
    if error == Err["OK"]:
        _, _, count = answer.words(3)
        for _ in range(count):
            file, crc, check = read_file(answer)
            assert (check == Err["OK"]) == (zlib.crc32(file.data) == crc)


@given(noise=st.binary(max_size=400))
def test_noise_is_refused(boot: Host, noise: bytes) -> None:
    assert error_of(boot, noise) == Err["FORMAT"]


def test_a_file_whose_contents_changed_fails_its_check(boot: Host) -> None:
    data = archive(SAMPLE).replace(b"monitor!", b"monitor?")
    answer = boot.ask(OP_FIND, data, b"bin/monitor\0")
    assert answer.word() == Err["OK"]
    assert read_file(answer)[2] == Err["FORMAT"]


def test_an_archive_without_a_manifest_is_told_from_a_damaged_one(boot: Host) -> None:
    assert error_of(boot, entry("core/0", b"x") + entry("TRAILER!!!", b"")) == Err["NOT_FOUND"]


GOOD = manifest(SAMPLE)
WRONG_MANIFESTS = {
    "empty": "",
    "another version": GOOD.replace("skerry 1", "skerry 2"),
    "short hash": GOOD.replace("0000000000000002", "000000000000002"),
    "no last newline": GOOD[:-1],
    "a line too many": GOOD + "bin/y 0 00000000 - -\n",
    "a line too few": "".join(GOOD.splitlines(keepends=True)[:-1]),
    "another order": manifest([SAMPLE[1], SAMPLE[0], SAMPLE[2]]),
    "another path": GOOD.replace("bin/x", "bin/y"),
    "another size": GOOD.replace("bin/monitor 8", "bin/monitor 9"),
    "size of eleven digits": GOOD.replace("bin/monitor 8", "bin/monitor 00000000008"),
    "build id too long": GOOD.replace(BUILD_ID, BUILD_ID + "0"),
    "no such core": manifest([replace(SAMPLE[0], core=255), *SAMPLE[1:]]),
    "two spaces": GOOD.replace("bin/x ", "bin/x  "),
}


@pytest.mark.parametrize("text", WRONG_MANIFESTS.values(), ids=WRONG_MANIFESTS.keys())
def test_a_manifest_that_does_not_fit_is_refused(boot: Host, text: str) -> None:
    assert error_of(boot, archive(SAMPLE, text=text)) == Err["FORMAT"]


def test_a_name_without_an_end_is_refused(boot: Host) -> None:
    trailer = entry("TRAILER!!!", b"")
    manifest_only = entry("manifest", manifest([]).encode())
    name_size = 6 + 11 * 8
    unended = trailer[:name_size] + b"0000000a" + trailer[name_size + 8 : 120]  # "TRAILER!!!" and no NUL
    unnamed = trailer[:name_size] + b"00000000" + b"0000000\0" + b"TR"
    for last in (unended, unnamed):
        assert error_of(boot, manifest_only + last) == Err["FORMAT"]


def test_sizes_near_the_top_of_32_bits_are_refused(boot: Host) -> None:
    data = archive(SAMPLE)
    for offset in (6 + 6 * 8, 6 + 11 * 8):  # file size and name size of the first entry
        for value in (b"ffffffff", b"fffffffc", b"80000000", b"0000000g", b"00000000"):
            damaged = data[:offset] + value + data[offset + 8 :]
            assert error_of(boot, damaged) == Err["FORMAT"]
