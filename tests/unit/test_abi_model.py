"""The contract as Python: look-ups, enumerations, and what its hash covers."""

import shutil
from enum import IntEnum
from pathlib import Path

import pytest

from skerry import abi

SAMPLE = Path(__file__).parents[1] / "golden" / "abi" / "contract"
REAL = Path(__file__).parents[2] / "kernel" / "abi"


def test_look_ups_by_name() -> None:
    contract = abi.load(SAMPLE)
    assert contract.error("BUSY").value == 2
    assert contract.guest_exit("FAILURE").value == 0x11
    assert contract.host_exit("PANIC").value == 64
    assert contract.constant("WINDOW") == 0xFFFF_FFFF_8000_0000
    assert contract.struct("page").offset("text") == 40
    assert contract.operations["table.map"].targets == ("TABLE_L2", "TABLE_L1")
    assert contract.operations["cap.copy"].targets == ("RAM", "FRAME", "TABLE_L2", "TABLE_L1", "PORT")
    assert list(contract.types) == ["NULL", "RAM", "FRAME", "TABLE_L2", "TABLE_L1", "PORT"]


def test_families_are_enums_too() -> None:
    contract = abi.load(SAMPLE)
    errors = contract.enum("err")
    assert issubclass(errors, IntEnum)
    assert errors(2).name == "BUSY"
    assert [state.name for state in contract.enum("state")] == ["NEW", "OLD"]


def test_unknown_name_lists_those_that_are() -> None:
    with pytest.raises(KeyError, match="no err named 'NOPE'; there are OK, CONTINUE, BUSY, LATE"):
        abi.load(SAMPLE).error("NOPE")


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ('doc = "Copy it."', 'doc = "Copy that."', True),
        ("# Capabilities and", "# Rights and", True),
        ('name = "copy"', 'name = "clone"', False),
        ("number = 17", "number = 17\nrights = ['READ']", False),
    ],
)
def test_hash_covers_all_but_the_doc_texts(tmp_path: Path, old: str, new: str, same: bool) -> None:
    folder = tmp_path / "abi"
    shutil.copytree(SAMPLE, folder)
    text = (folder / "caps.toml").read_text()
    assert old in text
    (folder / "caps.toml").write_text(text.replace(old, new))
    assert (abi.load(folder).hash == abi.load(SAMPLE).hash) is same


def test_the_real_contract_is_in_order() -> None:
    contract = abi.load(REAL)
    assert contract.error("OK").value == 0
    assert contract.struct("dispatcher_frame").size == contract.constant("PAGE_SIZE")
    assert contract.struct("boot_data").size == contract.constant("PAGE_SIZE")
    assert contract.operations["vnode.map"].targets == ("VNODE_L4", "VNODE_L3", "VNODE_L2", "VNODE_L1")


def test_every_guest_failure_has_a_host_exit_code() -> None:
    """The toolkit passes on by name what the loader could not do."""
    contract = abi.load(REAL)
    assert set(contract.enums["guest_exit"].table) <= set(contract.enums["host_exit"].table)
