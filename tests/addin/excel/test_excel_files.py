"""The files Excel opens, taken apart: macros intact, paths fixed, every button's macro there."""

from __future__ import annotations

import re
import sys
import time
import zipfile

import pytest
from click.testing import CliRunner
from lxml import etree
from oletools.olevba import VBA_Parser

from addin.calc.recalculate import recalculated_cells
from addin.cli import main
from addin.excel.addin_file.examples import example
from addin.excel.addin_file.files import addin_bytes, addin_parts, is_addin
from addin.excel.addin_file.ribbon import BUTTONS, SHAPES
from addin.excel.addin_file.rule import server_command
from addin.excel.addin_file.shim import connection_modules, functions_text, shim_modules
from addin.excel.addin_file.wizard import INTELLISENSE_SHEET
from addin.excel.server import CLASS_ID
from addin.excel.setup.manual_check import BLANK_LINE, FIRST_ROW, plan_check
from tests.golden.remake import shim_text
from tests.places import ROOT
from valuation_core.catalogue.catalogue import catalogue
from workbook.cells import ErrorValue
from workbook.macros.files import check_macros
from workbook.model.plan import Plan, Sheet
from workbook.model.write import write
from workbook.opc.package import read_parts, sheet_parts, write_parts
from workbook.opc.relations import relations_of
from workbook.opc.stored import read_cells


@pytest.fixture(scope="module")
def addin(tmp_path_factory):
    path = tmp_path_factory.mktemp("addin") / "hpc-valuation.xlam"
    path.write_bytes(addin_bytes())
    return path


def sources(path):
    parser = VBA_Parser(str(path))
    try:
        return {name.removesuffix(".bas"): text for *_, name, text in parser.extract_macros()}
    finally:
        parser.close()


def test_the_addin_is_sound_and_its_macros_are_the_generated_ones(addin):
    assert check_macros(read_parts(addin)) == []
    found = sources(addin)
    for module in [*connection_modules(), *shim_modules()]:
        assert found[module.name].splitlines() == module.text.splitlines()


def test_every_button_of_the_ribbon_has_its_macro(addin):
    ribbon = etree.fromstring(read_parts(addin)["customUI/customUI14.xml"])
    actions = {element.get("onAction") for element in ribbon.iter() if element.get("onAction")}
    assert actions == {
        "HpcInsertButton",
        *(f"{button.macro}Button" for button in BUTTONS.values()),
    }
    found = sources(addin)
    for action in actions:
        assert f"Public Sub {action}(control As IRibbonControl)" in found["HpcButtons"]
        macro = f"Public Sub {action.removesuffix('Button')}()"
        assert macro in found["HpcButtons"] + found["HpcCommands"] or action == "HpcInsertButton"


def test_the_menu_offers_every_function_under_its_group_with_a_formula_to_start_from(addin):
    ribbon = etree.fromstring(read_parts(addin)["customUI/customUI14.xml"])
    identities = [element.get("id") for element in ribbon.iter() if element.get("id")]
    assert len(identities) == len(set(identities))
    menu = next(element for element in ribbon.iter() if element.get("label") == "Insert function")
    offered = {
        choice.get("label"): (group.get("label"), choice.get("tag"))
        for group in menu
        for choice in group
    }
    first = {name: (group, tag.partition("|")[0]) for name, (group, tag) in offered.items()}
    assert first == {card.name: (card.group, example(card)) for card in catalogue().values()}
    assert offered["HPC_TARGET"][1] == '=HPC_TARGET("RIOT")|=HPC_TARGET("RIOT",,,,,,,@)'
    assert offered["HPC_VERSION"][1] == "=HPC_VERSION()", "it reads no book"
    groups = [group.get("label") for group in menu]
    assert len(groups) == len(set(groups)), "each group once"
    for choice in menu.iter():
        assert len(choice.get("supertip") or "") <= 1024, "Excel takes no more"


@pytest.mark.long
@pytest.mark.engine
def test_every_function_of_the_menu_has_an_answer(tmp_path):
    plan = Plan("Menu", [])
    for card in catalogue().values():
        sheet = Sheet(card.name, (20,))
        sheet.put(1, 1, 0.0, formula=example(card).removeprefix("="))
        plan.sheets.append(sheet)
    write(plan, tmp_path / "menu.xlsx")
    cells = recalculated_cells(tmp_path / "menu.xlsx")
    shown = {card.name: cells[card.name]["A1"].value for card in catalogue().values()}
    assert not [name for name, value in shown.items() if isinstance(value, ErrorValue)]
    assert shown["HPC_VALUE"] == pytest.approx(0.5 * 600 * 6.15)


def test_intellisense_finds_every_function_and_argument(addin):
    cells = read_cells(read_parts(addin))[INTELLISENSE_SHEET]
    assert cells["A1"].value == "FunctionInfo"
    for row, card in enumerate(catalogue().values(), start=2):
        assert cells[f"A{row}"].value == card.name
        names = [cells[address(row, 4 + 2 * index)].value for index in range(len(card.arguments))]
        assert names == [argument.name for argument in card.arguments]


def address(row, column):
    from workbook.cells import letters

    return f"{letters(column)}{row}"


def test_nothing_of_a_workbook_decides_what_runs():
    text = "".join(module.text for module in connection_modules())
    for word in (
        "Worksheets",
        "Sheets",
        "Names",
        "Range",
        "ThisWorkbook",
        "ActiveWorkbook",
        "GetSetting",
    ):
        assert not re.search(rf"\b{word}\b", text), word
    text = text.replace("\r\n", "\n")
    assert re.findall(r"Environ.*", text) == ['Environ$("LOCALAPPDATA")']
    assert re.findall(r"\bOpen .*", text) == ["Open place For Input As #number"]
    everything = "\n".join(module.text for module in shim_modules())
    for word in (
        "Shell",
        "CreateObject",
        "GetObject",
        "Evaluate",
        "Application.Run",
        "xlwings.conf",
    ):
        assert word not in everything + text, word


def test_nothing_is_volatile():
    everything = "\n".join(module.text for module in shim_modules())
    assert "Volatile" not in everything.replace("nothing is volatile", "")


def test_no_path_of_a_machine_is_in_the_addin(addin):
    for part in read_parts(addin).values():
        assert b"/tmp" not in part
    everything = "\n".join(sources(addin).values())
    assert not re.search(r"[A-Za-z]:\\\w", everything)


def test_the_addin_is_the_same_file_at_another_time_on_another_system(monkeypatch, addin):
    later = (2031, 5, 6, 7, 8, 9, 0, 0, 0)
    monkeypatch.setattr(time, "localtime", lambda *_: time.struct_time(later))
    monkeypatch.setattr(sys, "platform", "win32")
    assert addin_bytes() == addin.read_bytes()
    with zipfile.ZipFile(addin) as archive:
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}


def test_a_signed_addin_is_ours_and_one_with_other_macros_is_not(tmp_path):
    parts = addin_parts()
    write_parts(tmp_path / "signed.xlam", {**parts, "xl/vbaProjectSignature.bin": b"signature"})
    assert is_addin(tmp_path / "signed.xlam")
    write_parts(tmp_path / "other.xlam", {**parts, "xl/vbaProject.bin": b"other macros"})
    assert not is_addin(tmp_path / "other.xlam")


def test_the_command_needs_no_command_interpreter():
    command = server_command(r"C:\Users\Zoë o'Neil\pythonw.exe", attach_only=False)
    assert command.startswith("\"C:\\Users\\Zoë o'Neil")
    assert command.endswith('pythonw.exe" -I -B -m addin.excel.server $(CLSID)')
    assert server_command("", attach_only=True) == CLASS_ID


def test_every_argument_keeps_its_place_and_words_of_vba_are_avoided():
    text = functions_text()
    assert (
        "Public Function HPC_EXPLAIN(function_ As Variant, ParamArray arguments() As Variant)"
        in text
    )
    assert "HPC_SOLVE(miner As Variant, input_ As Variant, target As Variant, Optional book" in text
    for card in catalogue().values():
        assert f"Public Function {card.name}(" in text


def test_the_shim_is_the_golden_text():
    golden = (ROOT / "tests" / "golden" / "shim.bas").read_text(encoding="utf-8")
    assert shim_text() == golden, "run make golden and read the difference"


def test_a_model_with_macros_is_sound(tmp_path):
    out = tmp_path / "model.xlsm"
    result = CliRunner().invoke(main, ["build", "--xlsm", "--out", str(out)])
    assert result.exit_code == 0, result.output
    parts = read_parts(out)
    assert check_macros(parts) == []
    assert "HpcFunctions" in sources(out)
    assert read_cells(parts)["Summary"]["R8"].value == 1845
    every_shape_has_its_macro(parts, sources(out))
    refused = CliRunner().invoke(main, ["build", "--xlsm", "--out", str(tmp_path / "model.xlsx")])
    assert "must end in .xlsm" in refused.output


def every_shape_has_its_macro(parts, modules):
    shown = {}
    for sheet, part in sheet_parts(parts).items():
        for relation in relations_of(parts, part):
            if relation.target.startswith("xl/drawings/drawing"):
                text = parts[relation.target].decode()
                shown[sheet] = re.findall(r'macro="\[0\]!(\w+)"', text)
    shown = {sheet: macros for sheet, macros in shown.items() if macros}
    assert shown == {
        sheet: [BUTTONS[name].macro for name in buttons.values()]
        for sheet, buttons in SHAPES.items()
    }
    text = modules["HpcButtons"] + modules["HpcCommands"]
    for macro in {macro for macros in shown.values() for macro in macros}:
        assert f"Public Sub {macro}()" in text
    # Explain takes the selected cell, so it is wherever one can be selected.
    stored = read_cells(parts)
    with_functions = {
        sheet
        for sheet, cells in stored.items()
        if any("HPC_" in (cell.formula or "") for cell in cells.values())
    }
    assert with_functions - {
        sheet for sheet, macros in shown.items() if "HpcExplain" in macros
    } == {
        "Inputs",  # the handle alone
        "Checks",  # counts of a refusal
    }
    for sheet, buttons in SHAPES.items():
        for anchor in buttons:
            assert anchor not in stored[sheet], f"{sheet}!{anchor} has a figure"


@pytest.fixture(scope="module")
def check_workbook(tmp_path_factory):
    path = tmp_path_factory.mktemp("check") / "check.xlsx"
    write(plan_check(), path)
    return path


def test_until_excel_computes_no_line_claims_to_be_true(check_workbook):
    cells = read_cells(read_parts(check_workbook))["Check"]
    assert not [cell for cell in cells.values() if cell.value is True]
    assert cells["A5"].value.startswith("not computed yet")


@pytest.mark.engine
def test_every_line_of_the_excel_check_turns_true_in_an_engine(check_workbook):
    cells = recalculated_cells(check_workbook)["Check"]
    verdicts = {}
    for row in range(FIRST_ROW, FIRST_ROW + 19):
        verdicts[cells[f"A{row}"].value] = cells[f"E{row}"].value
    # LibreOffice hands one blank cell over as 0.
    assert verdicts.pop(BLANK_LINE) == "shows a value where an error is due"
    assert set(verdicts.values()) == {True}, verdicts


@pytest.mark.engine
def test_a_line_that_is_not_met_says_what_it_saw(check_workbook, tmp_path):
    parts = read_parts(check_workbook)
    sheet = next(name for name in parts if name.startswith("xl/worksheets/sheet"))
    wrong = parts[sheet].replace(b'HPC_VALUE("RIOT",0.5,600)<', b'HPC_VALUE("RIOT",0.5,601)<')
    wrong = wrong.replace(b'HPC_VALUE("RIOTT",0.5,600)<', b'HPC_VALUE("RIOT",0.5,600)<')
    assert wrong != parts[sheet]
    write_parts(tmp_path / "wrong.xlsx", {**parts, sheet: wrong})
    cells = recalculated_cells(tmp_path / "wrong.xlsx")["Check"]
    assert cells[f"E{FIRST_ROW}"].value == "shows another number"
    assert "shows a value where an error is due" in {cell.value for cell in cells.values()}
    assert cells["A5"].value == "NOT ALL LINES ARE TRUE"
