"""Stripping, the archive and the manifests."""

import io
import struct
import zlib
from pathlib import Path

from elftools.elf.elffile import ELFFile
from elftools.elf.segments import NoteSegment

from linked import link
from skerry.images.archive import Entry, pack
from skerry.images.manifest import FileRow, file_row, guest_manifest, run_id
from skerry.images.specs import CoreImage, PackSpec, Program, read_pack_spec, to_json
from skerry.images.strip import strip

PAGE = 0x1000
SPEC = PackSpec(
    archive="a.cpio",
    manifest="m.json",
    machine="default",
    profile="release",
    toolchain="zig",
    toolchain_version="clang",
    contract="0123456789abcdef",
    page_size=PAGE,
    loader="loader.elf",
    cores_checked="c.json",
    programs_checked="p.json",
    images=(CoreImage("core/0", "core-0.elf", 0, "default"),),
    programs=(Program("bin/x", "x.elf"),),
)


def test_stripped_file_loads_the_same_bytes(tmp_path: Path) -> None:
    image = link(tmp_path)
    data = strip(image, PAGE)
    elf = ELFFile(io.BytesIO(data))
    assert elf.num_sections() == 0
    assert elf["e_entry"] == image.entry
    loads = [row for row in elf.iter_segments() if row["p_type"] == "PT_LOAD"]
    assert len(loads) == len(image.loads) == 3
    for row, segment in zip(loads, image.loads, strict=True):
        assert (row["p_vaddr"], row["p_memsz"], row["p_flags"]) == (segment.vaddr, segment.memory_size, segment.flags)
        assert row.data() == image.data[segment.offset : segment.offset + segment.file_size]
        assert row["p_offset"] % PAGE == row["p_vaddr"] % PAGE


def test_stripped_file_keeps_the_build_id_in_its_note_segment(tmp_path: Path) -> None:
    image = link(tmp_path)
    segments = ELFFile(io.BytesIO(strip(image, PAGE))).iter_segments()
    notes = [note for row in segments if isinstance(row, NoteSegment) for note in row.iter_notes()]
    assert [note["n_desc"] for note in notes] == [image.build_id]


def test_archive_is_newc_with_aligned_data_and_a_trailer() -> None:
    data = pack([Entry("manifest", b"hello"), Entry("core/10", b"\x7fELF")])
    found, position = [], 0
    while True:
        fields = [int(data[position + 6 + 8 * i : position + 14 + 8 * i], 16) for i in range(13)]
        assert data[position : position + 6] == b"070701"
        name = data[position + 110 : position + 110 + fields[11] - 1].decode()
        start = (position + 110 + fields[11] + 3) & ~3
        if name == "TRAILER!!!":
            break
        found.append((name, start % 4, data[start : start + fields[6]], fields[1], fields[5]))
        position = (start + fields[6] + 3) & ~3
    assert found == [("manifest", 0, b"hello", 0o100644, 0), ("core/10", 0, b"\x7fELF", 0o100644, 0)]


def test_guest_manifest_is_as_the_loader_reads_it() -> None:
    rows = [row("core/0", 0), row("bin/x", None)]
    assert guest_manifest("00112233aabbccdd", SPEC.contract, rows) == (
        "skerry 1 00112233aabbccdd 0123456789abcdef\n"
        f"core/0 4 {zlib.crc32(b'data'):08x} {'ab' * 20} 0\n"
        f"bin/x 4 {zlib.crc32(b'data'):08x} {'ab' * 20} -\n"
    )


def test_run_id_depends_on_files_and_on_how_they_were_made() -> None:
    rows = [row("core/0", 0)]
    ids = {run_id(SPEC, rows, "l"), run_id(SPEC, [], "l"), run_id(SPEC, rows, "m")}
    assert len(ids) == 3
    assert all(len(text) == struct.calcsize("16s") for text in ids)


def test_specs_survive_being_written(tmp_path: Path) -> None:
    path = tmp_path / "pack.json"
    path.write_text(to_json(SPEC))
    assert read_pack_spec(path) == SPEC


def row(path: str, core: int | None) -> FileRow:
    return file_row(Entry(path, b"data"), "x.elf", {"build_id": "ab" * 20, "sizes": {}}, core)
