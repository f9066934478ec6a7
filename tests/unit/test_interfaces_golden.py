r"""What the generator writes for a small interface, compared byte for byte with tests/golden/interfaces/generated.

To accept a change: cd tests/golden/interfaces && python -m skerry.interfaces --contract ../../../kernel/abi \
    --interfaces if --out generated
"""

from pathlib import Path

import pytest

from interface_host import CONTRACT, GOLDEN, ROOT, SAMPLE
from skerry import interfaces
from skerry.interfaces.generate import texts

REAL = interfaces.load(ROOT / "userland/if", CONTRACT)


@pytest.mark.parametrize("path", texts([SAMPLE]))
def test_generated_file_equals_its_golden(path: str) -> None:
    assert texts([SAMPLE])[path] == (GOLDEN / "generated" / path).read_text()


def test_golden_folder_holds_nothing_else() -> None:
    files = {
        str(path.relative_to(GOLDEN / "generated")) for path in (GOLDEN / "generated").rglob("*") if path.is_file()
    }
    assert files == set(texts([SAMPLE]))


def test_every_file_names_its_source_first() -> None:
    for path, text in texts(REAL).items():
        assert "userland/if" in text.splitlines()[0], path


def test_second_generation_writes_nothing_and_what_is_gone_is_removed(tmp_path: Path) -> None:
    assert interfaces.generate(REAL, tmp_path)
    assert interfaces.generate(REAL, tmp_path) == []
    interfaces.generate(REAL[1:], tmp_path)
    assert not list(tmp_path.rglob(f"{REAL[0].name}*"))


def test_hash_changes_with_what_is_agreed_and_not_with_its_prose(tmp_path: Path) -> None:
    text = (GOLDEN / "if/sample.toml").read_text()
    hashes = []
    for index, changed in enumerate(
        (text, text.replace("Paints.", "Colours."), text.replace("limit = 100", "limit = 99"))
    ):
        folder = tmp_path / str(index)
        folder.mkdir()
        (folder / "sample.toml").write_text(changed)
        hashes.append(interfaces.load(folder, CONTRACT)[0].hash)
    assert hashes[0] == hashes[1] != hashes[2]
