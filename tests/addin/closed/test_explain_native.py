"""Explain of native cells: outputs, inputs, links, other formulas, spilled lines."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import openpyxl
import pytest
from click.testing import CliRunner
from openpyxl.workbook.defined_name import DefinedName

from addin.boundary.desk import Desk
from addin.cli import main
from addin.closed.explain_cell import explain
from addin.closed.sheet_cells import At, Source
from addin.closed.snapshot_and_explain import closed_source, explain_cell
from addin.closed.workbook import ClosedWorkbook
from tests.addin.closed.stored import cell_with, values
from valuation_core import load_book, with_own_facts
from valuation_core.coverage import coverage
from valuation_core.target import target
from workbook.attach.attach import attach
from workbook.cells import ErrorValue, letters, place_of
from workbook.errors import WorkbookError
from workbook.model.build import build_model, plan_model
from workbook.model.outputs import OUTPUTS
from workbook.model.sheets.facts.input_cells import COLUMN
from workbook.opc.package import read_parts, sheet_parts, write_parts
from workbook.opc.sheet_editor import SheetEditor
from workbook.opc.stored import within


@pytest.fixture
def model(built, tmp_path):
    return shutil.copy(built, tmp_path / "model.xlsx")


@pytest.fixture(scope="module")
def names():
    return plan_model(coverage(load_book(), ["RIOT", "IREN"])).names


def at(ref):
    return f"{ref.sheet}!{ref.here}"


def column_of(steps, heading):
    place = steps[0].index(heading)
    return [row[place] for row in steps[1:]]


def edited(path, sheet, cells):
    """Put values in place of stored ones; a formula stays."""
    parts = read_parts(path)
    part = sheet_parts(parts)[sheet]
    editor = SheetEditor(sheet, parts[part])
    for address, value in cells.items():
        if address in editor.cells and len(editor.cells[address]):
            editor.cells[address][-1].text = str(value)
        else:
            editor.put(address, value)
    parts[part] = editor.to_part()
    write_parts(path, parts)


def test_every_output_is_explained_down_to_the_figure_it_shows(built, names):
    desk, shown = Desk(), values(built)
    with ClosedWorkbook.to_read(built) as workbook:
        source = closed_source(workbook)
        for ticker in ("RIOT", "IREN"):
            for name, output in OUTPUTS.items():
                ref = names[f"{ticker}_{name}"]
                found = explain(desk, source, ref.sheet, ref.here)
                assert found.remark.startswith(f"{ticker}_{name}, the figure of HPC_")
                last, value = found.steps[-1][2], shown[ref.sheet, ref.here]
                if isinstance(last, ErrorValue):
                    assert value == last, (ticker, name)
                else:
                    assert last == (value if isinstance(value, str) else pytest.approx(value))
                links = [text for text in column_of(found.steps, "source") if "https://" in text]
                assert links or output.function == "HPC_CAPEX", (ticker, name)


def test_the_headline_of_summary_is_followed_to_the_target(model, names, desk):
    row = next(
        place
        for (sheet, place), value in values(model).items()
        if sheet == "Summary" and place.startswith("A") and value == "RIOT"
    )
    found = explain_cell(model, f"Summary!K{row[1:]}", desk)
    assert found.cell == f"Summary!K{row[1:]}"
    assert found.formula == names["RIOT_target"].there
    assert found.remark.startswith(f"it is {at(names['RIOT_target'])}: RIOT_target")
    assert found.steps[-1][2] == pytest.approx(target("RIOT"))


def test_a_name_says_which_cell_as_well_as_its_address(model, names, desk):
    by_name = explain_cell(model, "riot_TARGET", desk)
    assert by_name == explain_cell(model, at(names["RIOT_target"]), desk)


def test_the_residual_is_target_less_published_target(model, names, desk):
    """19 USD were published for RIOT."""
    steps = explain_cell(model, at(names["RIOT_residual"]), desk).steps
    assert steps[-1][1] == "target less published target"
    assert steps[-1][2] == pytest.approx(target("RIOT") - 19.0)
    assert 19.0 in column_of(steps, "value")


def test_a_figure_that_the_function_does_not_give_is_not_explained_away(model, names, desk):
    ref = names["RIOT_target"]
    edited(model, ref.sheet, {ref.here: 30.0})
    with pytest.raises(WorkbookError, match=r"\(RIOT_target\) shows 30.0, but HPC_TARGET.* gives"):
        explain_cell(model, at(ref), desk)


def test_an_input_tells_its_fact_wherever_in_its_row_one_asks(model, names, desk):
    ref = names["RIOT_btc_held"]
    fact = load_book().facts["RIOT", "btc_held"]
    for column in ("in use", "in the book", "your value"):
        found = explain_cell(model, f"Inputs!{letters(COLUMN[column])}{ref.row}", desk)
        assert found.remark == "RIOT btc_held, an input of the workbook"
        last = ["RIOT btc_held", "in use", fact.value, "BTC", fact.source]
        assert found.steps[-1][:5] == last
        assert found.lines()[-1][5:] == [fact.as_of.isoformat(), fact.confidence]


def test_a_value_of_ones_own_stands_after_the_one_it_takes_the_place_of(model, names, desk):
    row = names["RIOT_btc_held"].row
    fact = load_book().facts["RIOT", "btc_held"]
    edited(
        model,
        "Inputs",
        {f"{letters(COLUMN[name])}{row}": value for name, value in
         {"your value": 20_000.0, "in use": 20_000.0, "confidence": "own"}.items()},
    )  # fmt: skip
    steps = explain_cell(model, at(names["RIOT_btc_held"]), desk).steps
    assert steps[-2][1:3] == ["in the book", fact.value]
    assert steps[-2][4] == fact.source
    assert steps[-1][1:5] == ["your value, in use", 20_000.0, "BTC", "your value"]


def test_what_a_case_sets_stands_after_what_holds_without_it(tmp_path, desk):
    book = load_book(case="reconstruction")
    path = tmp_path / "model.xlsx"
    build_model(coverage(book, ["RIOT"]), path)
    key = next(key for key, fact in book.facts.items() if fact.case and key[0] == "ALL")
    ref = plan_model(coverage(book, ["RIOT"])).names["_".join(key)]
    steps = explain_cell(path, at(ref), desk).steps
    assert steps[-2][1:3] == ["without the case", book.plain.facts[key].value]
    assert steps[-1][1:3] == ["set by the case, in use", book.facts[key].value]
    assert steps[-1][4] == book.facts[key].source


def test_another_formula_lists_the_cells_it_reads_by_label_and_value(model, names, desk):
    """At face: 2,106.7 of coins and 255.4 of cash are 2,362.1 USD M."""
    row = next(
        place[1:] for (sheet, place), value in values(model).items()
        if sheet == "Targets" and value == "Coins and cash, at face"
    )  # fmt: skip
    found = explain_cell(model, f"Targets!D{row}", desk)
    assert [line[0] for line in found.steps[1:]] == [
        "Bitcoin held",
        "Cash, pro forma",
        "Coins and cash, at face",
    ]
    assert column_of(found.steps, "value") == pytest.approx([2106.747063, 255.4, 2362.147063])
    assert column_of(found.steps, "unit") == ["USD M"] * 3
    hodl = f"{at(names['RIOT_hodl_value'])} (RIOT_hodl_value)"
    assert found.steps[1][4] == hodl
    assert f"explain one of these next: {hodl}" in found.remark


def test_an_input_among_the_cells_read_comes_with_its_source(model, names, desk):
    """The fact of a sheet takes the value in use and looks at its status."""
    row = next(
        place[1:] for (sheet, place), value in values(model).items()
        if sheet == "Mining" and value == "Deployed hashrate"
    )  # fmt: skip
    steps = explain_cell(model, f"Mining!D{row}", desk).steps
    fact = load_book().facts["RIOT", "hashrate"]
    assert ["RIOT hashrate", "in use", fact.value, "EH/s", fact.source] in [
        line[:5] for line in steps
    ]


def test_the_command_prints_the_remark_as_text_and_as_json(model, names):
    place = at(names["RIOT_target"])
    said = 'RIOT_target, the figure of HPC_TARGET("RIOT",,,,,,,Book)'
    shown = CliRunner().invoke(main, ["explain-cell", str(model), place])
    assert shown.output.splitlines()[1] == said
    printed = CliRunner().invoke(main, ["explain-cell", str(model), place, "--json"])
    assert json.loads(printed.output)["remark"] == said


def test_the_remark_stands_above_the_headings_of_the_sheet(model, names, desk):
    explain_cell(model, at(names["RIOT_target"]), desk, write=True)
    written = values(model)
    assert str(written["Explain", "A3"]).startswith("RIOT_target, the figure of")
    assert written["Explain", "A4"] == "step"


def test_in_a_workbook_with_such_names_of_its_own_ours_are_meant_on_our_sheets(
    built, names, tmp_path, desk
):
    path = tmp_path / "mine.xlsx"
    mine = openpyxl.Workbook()
    mine.active.title = "Mine"
    mine.active["D4"], mine.active["D5"] = "RIOT", 42.0
    for name in ("RIOT_target", "Book"):
        mine.defined_names[name] = DefinedName(name, attr_text="Mine!$D$5")
    mine.save(path)
    attach(path, read_parts(built))
    found = explain_cell(path, at(names["RIOT_target"]), desk)
    assert found.steps[-1][2] == pytest.approx(target("RIOT"))
    with pytest.raises(WorkbookError, match="RIOT_target.* shows 42.0, but HPC_TARGET"):
        explain_cell(path, "Mine!D5", desk)


def test_a_formula_that_the_file_shares_is_read_where_it_stands(tmp_path, desk):
    """C2 shares the formula of C1, B1*2: there it is B2*2."""
    path = tmp_path / "mine.xlsx"
    mine = openpyxl.Workbook()
    for row in (1, 2):
        mine.active.append(["Load", row * 10.0, row * 20.0])
    mine.save(path)
    parts = read_parts(path)
    part = sheet_parts(parts)["Sheet"]
    text = parts[part].decode()
    for address, shared in (("C1", ' ref="C1:C2">B1*2'), ("C2", ">")):
        text = text.replace(
            f'<c r="{address}" t="n">', f'<c r="{address}"><f t="shared" si="0"{shared}</f>'
        )
    parts[part] = text.encode()
    write_parts(path, parts)
    found = explain_cell(path, "Sheet!C2", desk)
    assert found.formula == "B2*2"
    assert column_of(found.steps, "value") == [20.0, 40.0]
    assert found.remark.endswith("which were typed")


def source_with(formulas, shown, area):
    """A sheet HPC with a formula that fills an area."""
    grid = {place_of(address): value for address, value in shown.items()}
    places = (
        set(within([area], dict.fromkeys(formulas | shown | {"E5": 0, "F5": 0}))) if area else ()
    )

    return Source(
        lambda _, address: formulas.get(address),
        lambda _, address: shown.get(address),
        lambda _: grid,
        {},
        lambda _, address: area if area and address in places else None,
    )


def test_a_spilled_cell_is_explained_with_its_own_element_of_each_range(desk):
    """IREN is beside RIOT: 600 MW of RIOT at 50% and 6.15 are 1,845, 300 of IREN 922.5."""
    source = source_with(
        {"D5": "HPC_VALUE(D4:E4,0.5,D3:E3)"},
        {"D4": "RIOT", "E4": "IREN", "D3": 600.0, "E3": 300.0},
        "D5:E5",
    )
    first, second = (explain(desk, source, "HPC", place) for place in ("D5", "E5"))
    assert (first.steps[-1][2], second.steps[-1][2]) == (1845.0, 922.5)
    assert second.formula == "HPC_VALUE(D4:E4,0.5,D3:E3)"
    assert second.remark == "its place in what HPC!D5 spills"


def test_beyond_the_shorter_of_two_ranges_there_is_no_argument(desk):
    source = source_with(
        {"D5": "HPC_VALUE(D4:E4,0.5,D3:F3)"},
        {"D4": "RIOT", "E4": "IREN", "D3": 600.0, "E3": 300.0, "F3": 200.0},
        "D5:F5",
    )
    last = explain(desk, source, "HPC", "F5").steps[-1]
    assert last[2].code == "#N/A"


def test_links_in_a_circle_are_followed_once(desk):
    source = source_with({"A1": "HPC!B1", "B1": "A1"}, {"A1": 0.0, "B1": 0.0}, None)
    found = explain(desk, source, "HPC", "A1")
    assert found.remark.startswith("it is HPC!B1: a formula of the sheet itself")
    assert [line[4] for line in found.steps[1:]] == ["HPC!A1", "HPC!B1"]


def test_a_formula_that_reads_nothing_says_so(desk):
    source = source_with({"A1": "1+1"}, {"A1": 2.0}, None)
    assert explain(desk, source, "HPC", "A1").remark.endswith("which reads no cell")


def test_a_link_to_what_was_typed_shows_what_it_reads(desk):
    source = source_with({"B1": "+A1"}, {"A1": 7.0, "B1": 7.0}, None)
    steps = explain(desk, source, "HPC", "B1").steps
    assert [line[1:3] for line in steps[1:]] == [["typed", 7.0], ["=+A1", 7.0]]


def test_a_name_of_a_sheet_wins_over_one_of_the_workbook():
    source = replace(
        source_with({}, {}, None), names={("", "Rate"): "Mine!$A$1", ("HPC", "rate"): "HPC!$B$2"}
    )
    assert source.cell_named("HPC", "RATE") == At("HPC", "B2")
    assert source.cell_named("Mine", "RATE") == At("Mine", "A1")


def test_a_cell_of_a_line_through_a_function_is_explained_by_its_own_miner(model, desk):
    """One call fills the line of both miners; IREN is the second."""
    place = cell_with(model, "HPC_TARGET(D$4:E$4,,,,,,,Book)")
    found = explain_cell(model, place.replace("!D", "!E"), desk)
    assert found.steps[-1][2] == pytest.approx(target("IREN"), rel=1e-15)
    assert found.remark == f"its place in what {place} spills"


def test_your_probability_of_a_site_is_explained_on_inputs_and_on_pipeline(tmp_path, desk):
    own = [("RIOT/Corsicana phase 2 (remaining)", "hpc_probability", 0.8)]
    book = with_own_facts(load_book(case="sites"), own)
    path = tmp_path / "model.xlsx"
    build_model(coverage(book, ["RIOT"]), path)
    row = next(
        address[1:]
        for (sheet, address), value in values(path).items()
        if (sheet, address[0], value) == ("Inputs", "A", own[0][0])
    )
    steps = explain_cell(path, f"Inputs!C{row}", desk).steps
    assert steps[-1][:3] == [f"{own[0][0]} hpc_probability", "your value, in use", 0.8]
    shown = next(
        address[1:]
        for (sheet, address), value in values(path).items()
        if (sheet, address[0], value) == ("Pipeline", "A", "Your own probability")
    )
    taken = explain_cell(path, f"Pipeline!D{shown}", desk)
    assert taken.steps[-1][2] == 0.8
    assert any(step[:3] == steps[-1][:3] for step in taken.steps)
