"""What the generator writes for a small contract, compared byte for byte with tests/golden/abi/generated.

To accept a change: python -m skerry.abi --contract tests/golden/abi/contract --out tests/golden/abi/generated
"""

import shutil
from pathlib import Path

import pytest

from skerry import abi
from skerry.abi.generate import OUTPUTS, texts

GOLDEN = Path(__file__).parents[1] / "golden" / "abi"
REAL = Path(__file__).parents[2] / "kernel" / "abi"


@pytest.mark.parametrize("path", OUTPUTS)
def test_generated_file_equals_its_golden(path: str) -> None:
    assert texts(abi.load(GOLDEN / "contract"))[path] == (GOLDEN / "generated" / path).read_text()


def test_output_is_the_same_from_another_folder(tmp_path: Path) -> None:
    shutil.copytree(REAL, tmp_path / "elsewhere")
    assert texts(abi.load(REAL)) == texts(abi.load(tmp_path / "elsewhere"))


def test_every_file_names_its_source_first() -> None:
    for path, text in texts(abi.load(REAL)).items():
        assert "kernel/abi" in text.splitlines()[0], path


def test_second_generation_writes_nothing(tmp_path: Path) -> None:
    contract = abi.load(REAL)
    assert len(abi.generate(contract, tmp_path)) == len(OUTPUTS)
    assert abi.generate(contract, tmp_path) == []


def test_only_the_changed_file_is_written_again(tmp_path: Path) -> None:
    contract = abi.load(REAL)
    abi.generate(contract, tmp_path)
    (tmp_path / "abi_names.c").write_text("damaged")
    assert abi.generate(contract, tmp_path) == [tmp_path / "abi_names.c"]
