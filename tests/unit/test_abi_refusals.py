"""Every mistake in a contract is one line that names the file and the entry."""

import shutil
from pathlib import Path

import pytest

from abi_mistakes_entries import ENTRIES
from abi_mistakes_layouts import LAYOUTS
from skerry import abi

CAPS, NUMBERS = "kernel/abi/caps.toml", "kernel/abi/numbers.toml"
SAMPLE = Path(__file__).parents[1] / "golden" / "abi" / "contract"

CASES = ENTRIES | LAYOUTS


@pytest.fixture
def contract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the sample contract, named from the current folder as the real one is."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(SAMPLE, "kernel/abi")
    return Path("kernel/abi")


@pytest.mark.parametrize("case", CASES)
def test_mistake_is_refused_by_file_and_entry(contract: Path, case: str) -> None:
    file, old, new, message = CASES[case]
    text = Path(file).read_text()
    assert old in text
    Path(file).write_text(text.replace(old, new, 1))
    with pytest.raises(abi.ContractError) as refusal:
        abi.load(contract)
    assert "\n" not in str(refusal.value)
    assert str(refusal.value) == f"{file}: {message}"


def test_file_that_is_not_toml_is_refused_with_its_line(contract: Path) -> None:
    Path(CAPS).write_text("doc = \n")
    with pytest.raises(abi.ContractError, match=r"^kernel/abi/caps.toml: not TOML: .*line 1"):
        abi.load(contract)


def test_file_that_is_not_text_is_refused(contract: Path) -> None:
    Path(CAPS).write_bytes(b"\xff\xfe")
    with pytest.raises(abi.ContractError, match=r"^kernel/abi/caps.toml: not UTF-8 text$"):
        abi.load(contract)


def test_folder_without_a_contract_is_refused() -> None:
    with pytest.raises(abi.ContractError, match=r"^nowhere: holds no contract \(no \*.toml files\)$"):
        abi.load(Path("nowhere"))


@pytest.mark.parametrize(
    ("file", "needed"),
    [(CAPS, "type NULL"), (NUMBERS, "constant INVOKE_ARGS")],
)
def test_contract_without_what_the_generator_needs_is_refused(contract: Path, file: str, needed: str) -> None:
    Path(file).unlink()
    with pytest.raises(abi.ContractError, match=r"^kernel/abi: needs the "):
        abi.load(contract)
