"""A campaign's combinations, its memory of what is done, and its report; the work is a stand-in here."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from skerry.campaign import command
from skerry.campaign.command import CampaignOptions, campaign
from skerry.campaign.units import Unit, parse_numbers, units
from skerry.campaign.work import Outcome
from skerry.errors import UserError
from skerry.workspace import default_workspace


@pytest.fixture
def worked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the units that were really done; those with seed 3 fail."""
    names: list[str] = []

    def spread(missing: Sequence[Unit], options: CampaignOptions, workspace: object) -> list[Outcome]:
        names.extend(unit.name for unit in missing)
        return [Outcome(unit.name, unit.seed != 3, "panic" if unit.seed == 3 else "success", "why", 1.0, "invoke boot",
                        {}, ("a <line>",)) for unit in reversed(missing)]  # fmt: skip

    monkeypatch.setattr(command, "_spread", spread)
    monkeypatch.setattr(command, "prepare", lambda unit, root: None)
    return names


def made(seeds: str, out: Path) -> CampaignOptions:
    return CampaignOptions(tuple(units(["default"], "1,2", seeds, "run fuzz {seed}", [], True)), out, 1)


def test_every_combination_is_a_unit_with_its_seed_in_the_command() -> None:
    found = list(units(["default", "large"], "1,4", "1-2", "run fuzz {seed}", ["core"], True))
    assert len(found) == 2 * 2 * 2 * 2
    assert len({unit.name for unit in found}) == len(found)
    assert {unit.commands for unit in found if unit.seed == 2} == {"run fuzz 2", ""}


@pytest.mark.parametrize("text", ["", "a", "0", "3-1", "1,,2", "-1", "300"])
def test_wrong_numbers_are_refused(text: str) -> None:
    with pytest.raises(UserError, match="no number or range"):
        parse_numbers("--smp", text, 255)


def test_numbers_and_ranges() -> None:
    assert parse_numbers("--smp", "1,2,8-10,2", 255) == [1, 2, 8, 9, 10]


def test_what_is_done_is_not_done_again(tmp_path: Path, worked: list[str]) -> None:
    assert campaign(made("1-2", tmp_path), default_workspace()) == 0
    assert len(worked) == 4
    assert campaign(made("1-2,4", tmp_path), default_workspace()) == 0
    assert worked[4:] == ["default.1.commands.4", "default.2.commands.4"]


def test_a_unit_that_was_changed_or_damaged_is_done_again(tmp_path: Path, worked: list[str]) -> None:
    campaign(made("1", tmp_path), default_workspace())
    (tmp_path / "default.1.commands.1.json").write_text("{")
    file = tmp_path / "default.2.commands.1.json"
    table = json.loads(file.read_text())
    table["revision"] = "another"
    file.write_text(json.dumps(table))
    campaign(made("1", tmp_path), default_workspace())
    assert sorted(worked[2:]) == ["default.1.commands.1", "default.2.commands.1"]


def test_a_failed_unit_fails_the_campaign_and_is_in_the_report(
    tmp_path: Path, worked: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert campaign(made("2-3", tmp_path), default_workspace()) == 1
    page = (tmp_path / "campaign.html").read_text()
    assert "a campaign of 4 boots, 2 failed" in page
    assert "a &lt;line&gt;" in page
    assert len((tmp_path / "campaign.csv").read_text().splitlines()) == 5
    assert "default.1.commands.3: panic: why; again: invoke boot" in capsys.readouterr().out
