"""A terminal's prices in a model: linked, the book's where it gives none, and kept as facts.

No terminal is at hand: its function is stood in for by a formula that answers the same tickers.
"""

from __future__ import annotations

import shutil
from datetime import date

import pytest
from click.testing import CliRunner
from lxml import etree

from addin.boundary.desk import Desk
from addin.calc.recalculate import recalculated_cells
from addin.cli import main
from addin.closed.feed import feed, keep
from addin.closed.refresh import undo
from addin.excel import buttons
from tests.addin.closed.stored import values
from tests.hosts.excel_fakes import OpenBook
from tests.workbook.model.test_second_engine import computed, with_native_formulas_alone
from valuation_core import load_book, with_own_facts
from valuation_core.coverage import coverage
from valuation_core.target import target
from workbook.cells import ErrorValue, place_of
from workbook.errors import WorkbookError
from workbook.model.build import build_model
from workbook.model.sheets.front.football_chart import CASES
from workbook.opc.package import read_parts, sheet_parts, write_parts
from workbook.opc.sheet_editor import SheetEditor, store_result
from workbook.opc.stored import cells_of, read_cells
from workbook.opc.xml import tag
from workbook.refresh.feed import HEADINGS, NOTE, SAYS, TERMINALS, formulas_of, rows_to_keep

REQUESTING = "#N/A Requesting Data..."
STUB = f'IF(D{{0}}="RIOT US Equity",17.5,IF(D{{0}}="XBTUSD Curncy",120000,"{REQUESTING}"))'
"""Answers for RIOT and bitcoin; for IREN what Bloomberg shows while it waits, which is a text."""

DAY = date(2025, 9, 27)
"""The day after that of the model."""
BITCOIN, RIOT, IREN = 2, 3, 4
"""Lines of the sheet Feed."""


@pytest.fixture
def model(built, tmp_path):
    return shutil.copy(built, tmp_path / "model.xlsx")


@pytest.fixture(scope="module")
def priced(tmp_path_factory):
    """A model as it was saved where the terminal gave 17.5 for RIOT and 120,000 for bitcoin."""
    path = tmp_path_factory.mktemp("priced") / "priced.xlsx"
    own = [("RIOT", "price", 17.5), ("NETWORK", "btc_price", 120_000.0)]
    build_model(coverage(with_own_facts(load_book(), own), ["RIOT", "IREN"]), path)
    cells = own_cells(path)
    change(path, {at: None for key, at in cells.items() if key[0] != "IREN"})
    feed(path, "bloomberg", Desk())
    said = {("Feed", f"F{IREN}"): REQUESTING, ("Feed", f"I{IREN}"): f"no price: {REQUESTING}"}
    for line, key, price in ((BITCOIN, own[1][:2], 120_000.0), (RIOT, own[0][:2], 17.5)):
        said |= {("Feed", f"{column}{line}"): price for column in "FG"}
        said |= {("Feed", f"H{line}"): "terminal", ("Feed", f"I{line}"): "", cells[key]: price}
    change(path, said)
    return path


@pytest.fixture(scope="module")
def fed(built, tmp_path_factory):
    """A model that asks Bloomberg, at a desk without it."""
    path = shutil.copy(built, tmp_path_factory.mktemp("fed") / "fed.xlsx")
    feed(path, "bloomberg", Desk())
    return path


@pytest.fixture
def saved(priced, tmp_path):
    return shutil.copy(priced, tmp_path / "saved.xlsx")


def shown_on(path, sheet):
    """Give what the cells of one sheet show."""
    parts = read_parts(path)
    return {at: cell.value for at, cell in cells_of(parts, sheet_parts(parts)[sheet]).items()}


def own_cells(path):
    """Give where own prices are typed, by fact."""
    shown = shown_on(path, "Inputs")
    found = {}
    for address, value in shown.items():
        if address[0] == "B" and value == "price":
            scope = shown[f"A{address[1:]}"]
            found.setdefault((scope, "price"), ("Inputs", f"E{address[1:]}"))
    return {("NETWORK", "btc_price"): ("Control", "E12"), **found}


def change(path, cells):
    """Store what cells show, or empty them, and touch nothing else."""
    parts = read_parts(path)
    for sheet in {sheet for sheet, _ in cells}:
        part = sheet_parts(parts)[sheet]
        editor = SheetEditor(sheet, parts[part])
        for (name, address), value in cells.items():
            if name == sheet and value is None:
                editor.clear(address)
            elif name == sheet:
                store_result(editor.cells[address], value)
        parts[part] = editor.to_part()
    write_parts(path, parts)


def with_stub(path, *lines):
    """Let a formula answer in place of the terminal's function, in lines of Feed."""
    parts = read_parts(path)
    part = sheet_parts(parts)["Feed"]
    text = parts[part].decode()
    for line in lines:
        assert f"BDP(D{line},E{line})" in text
        text = text.replace(f"BDP(D{line},E{line})", STUB.format(line))
    parts[part] = text.encode()
    write_parts(path, parts)


def rows_of(path):
    shown = shown_on(path, "Feed")
    return {
        line: [shown.get(f"{column}{line}") for column in "ABCDEFGHI"]
        for line in (BITCOIN, RIOT, IREN)
    }


def test_each_price_has_a_line_with_a_ticker_and_nothing_else_in_the_model_moves(built, fed):
    before = values(built)
    assert rows_of(fed)[RIOT] == [
        *("RIOT", "price", "Bloomberg", "RIOT US Equity", "PX_LAST", "", "", "book"),
        "the terminal gives nothing",
    ]
    assert rows_of(fed)[BITCOIN][3] == "XBTUSD Curncy"
    after = {at: value for at, value in values(fed).items() if at[0] != "Feed"}
    own = set(own_cells(fed).values())
    assert {at: value for at, value in after.items() if at not in own} == {
        at: value for at, value in before.items() if at not in own
    }
    assert [after[at] for at in own] == [""] * 3


@pytest.mark.parametrize(
    ("name", "function", "share", "field"),
    [
        ("bloomberg", "BDP", "RIOT US Equity", "PX_LAST"),
        ("factset", "FDS", "RIOT-US", "P_PRICE(0)"),
        ("capiq", "CIQ", "NasdaqCM:RIOT", "IQ_CLOSEPRICE"),
        ("lseg", "TR", "RIOT.O", "CF_LAST"),
    ],
)
def test_every_terminal_is_asked_by_its_own_function(name, function, share, field):
    terminal = TERMINALS[name]
    formula, _ = formulas_of(terminal, 3, "Inputs!$E$77")[SAYS]
    assert formula == f'IF(D3="","",IFERROR({function}(D3,E3),""))'
    assert (terminal.ticker(("RIOT", "price")), terminal.field) == (share, field)


def test_a_ticker_that_is_not_known_is_left_to_the_desk_and_told(model):
    feed(model, "factset", Desk())
    assert rows_of(model)[BITCOIN][3] is None
    assert rows_of(model)[BITCOIN][7:] == ["book", "no ticker: fill it in"]


def test_a_ticker_that_was_changed_stays(fed, tmp_path):
    path = shutil.copy(fed, tmp_path / "model.xlsx")
    change(path, {("Feed", f"D{RIOT}"): "RIOT UW Equity"})
    feed(path, "bloomberg", Desk())
    assert rows_of(path)[RIOT][3] == "RIOT UW Equity"


def test_another_terminal_has_lines_of_its_own_and_one_note(fed, tmp_path):
    path = shutil.copy(fed, tmp_path / "model.xlsx")
    feed(path, "lseg", Desk())
    shown = shown_on(path, "Feed")
    assert [shown.get(f"A{line}") for line in range(1, 7)] == [
        *("miner", "NETWORK", "RIOT", "IREN", None, NOTE)
    ]
    assert rows_of(path)[RIOT][2:5] == ["LSEG", "RIOT.O", "CF_LAST"]


def test_a_value_that_the_analyst_typed_stays(model):
    change(model, {own_cells(model)["RIOT", "price"]: 20.0})
    done = feed(model, "bloomberg", Desk())
    assert done.report.startswith("2 prices are taken from Bloomberg, line by line on Feed")
    assert "your own value stays for RIOT price" in done.report
    assert shown_on(model, "Inputs")[own_cells(model)["RIOT", "price"][1]] == 20.0
    assert rows_of(model)[RIOT][7:] == ["your own value", ""]


def test_in_a_second_engine_the_feed_wins_and_without_a_number_the_books_price_counts(
    fed, tmp_path
):
    """formulon computes the lines of prices. Nobody answers for bitcoin, a text for IREN."""
    own, shown = own_cells(fed), shown_on(fed, "Inputs")
    rows = {key: at[1:] for key, (sheet, at) in own.items() if sheet == "Inputs"}
    rows["NETWORK", "btc_price"] = next(
        at[1:] for at, value in shown.items() if at[0] == "B" and value == "btc_price"
    )
    in_use = {key[0]: ("Inputs", f"C{row}") for key, row in rows.items()}
    native = tmp_path / "native.xlsx"
    lines = [str(line) for line in (BITCOIN, RIOT, IREN)]
    with_formulas_of(fed, native, {"Feed": lines, "Inputs": [*rows.values()], "Control": ["12"]})
    with_stub(native, RIOT, IREN)
    asked = [("Feed", f"{column}{line}") for column in "HI" for line in (BITCOIN, RIOT, IREN)]
    found = computed(native, [*asked, *own.values(), *in_use.values()])
    assert [found[at] for at in asked] == [
        *("book", "terminal", "book"),
        *("the terminal gives nothing", "", f"no price: {REQUESTING}"),
    ]
    assert [found[own[key]] for key in own] == ["", 17.5, ""]
    assert {who: found[at] for who, at in in_use.items()} == {
        "NETWORK": 109_107.0,
        "RIOT": 17.5,
        "IREN": 46.29,
    }


def with_formulas_of(path, target, rows):
    """Write a copy with the native formulas of some rows, and of other cells the values.

    Sheets that Inputs does not read are left blank: the engine takes its time with each cell.
    """
    with_native_formulas_alone(path, target)
    native, whole = read_parts(target), read_parts(path)
    for name, part in sheet_parts(whole).items():
        root = etree.fromstring(whole[part])
        bare = {row.get("r"): row for row in etree.fromstring(native[part]).iter(tag("row"))}
        data = root.find(tag("sheetData"))
        for row in list(data):
            if row.get("r") in rows.get(name, ()):
                data.replace(row, bare[row.get("r")])
            elif name not in (*rows, "Keys", "Facts", "Cases", "WhatIf"):
                data.remove(row)
            else:
                for formula in list(row.iter(tag("f"))):
                    formula.getparent().remove(formula)
        native[part] = etree.tostring(root)
    write_parts(target, native)


@pytest.mark.long
@pytest.mark.engine
def test_in_libreoffice_the_model_follows_the_terminal_and_is_whole_where_it_gives_nothing(
    fed, tmp_path
):
    """Nobody answers for RIOT and a text for IREN: the book's; 120,000 for bitcoin."""
    path = shutil.copy(fed, tmp_path / "model.xlsx")
    with_stub(path, BITCOIN, IREN)
    found, shown = recalculated_cells(path), values(path)
    book = with_own_facts(load_book(), [("NETWORK", "btc_price", 120_000.0)])
    rows = {text: at[1:] for (sheet, at), text in shown.items() if sheet == "Targets"}
    for column, miner in (("D", "RIOT"), ("E", "IREN")):
        computed = found["Targets"][f"{column}{rows['Target, model']}"].value
        assert computed == pytest.approx(target(miner, book=book))
        price = f"{column}{rows['Share price']}"
        assert found["Targets"][price].value == shown["Targets", price]
    errors = {
        (sheet, at)
        for sheet, cells in found.items()
        if sheet not in ("WhatIf", "Control")  # data tables are left to Excel
        for at, cell in cells.items()
        if isinstance(cell.value, ErrorValue) and not isinstance(shown[sheet, at], ErrorValue)
        if not (sheet == "Summary" and cells[f"A{place_of(at)[0]}"].value == CASES)
    }
    assert errors == set()


def test_the_button_keeps_what_the_open_workbook_shows(saved):
    opened = OpenBook(read_cells(read_parts(saved)))
    said = buttons.keep(opened.book, DAY)
    assert said.startswith("2 rows added (Facts 2) from sheet Feed")
    assert "Bloomberg RIOT US Equity PX_LAST" in opened.cells["Facts"].values()
    assert buttons.keep(opened.book, DAY).startswith("no row added from sheet Feed; 2 were there")
    assert "2 rows are off again" in buttons.undo(opened.book)


def test_the_button_refuses_a_workbook_that_is_not_computed_or_has_no_feed(saved, built):
    opened = OpenBook(read_cells(read_parts(saved)))
    opened.app.api.CalculationState = 1
    with pytest.raises(WorkbookError, match="press F9 first"):
        buttons.keep(opened.book, DAY)
    opened = OpenBook(read_cells(read_parts(built)))
    with pytest.raises(WorkbookError, match="has no feed: hpcval feed makes one"):
        buttons.keep(opened.book, DAY)


@pytest.mark.long
def test_keep_makes_dated_facts_of_the_prices_on_the_screen_and_undo_takes_them_off(saved):
    before = values(saved)
    done = keep(saved, Desk(), DAY)
    assert done.report.startswith("2 rows added (Facts 2) from sheet Feed")
    rows = {one.thing: one.row for one in done.rows}
    assert {thing: (row["value"], row["as_of"], row["source"]) for thing, row in rows.items()} == {
        "RIOT price": (17.5, DAY, "Bloomberg RIOT US Equity PX_LAST"),
        "NETWORK btc_price": (120_000.0, DAY, "Bloomberg XBTUSD Curncy PX_LAST"),
    }
    facts = {at: value for at, value in values(saved).items() if at[0] == "Facts"}
    assert "Bloomberg RIOT US Equity PX_LAST" in facts.values()
    undo(saved, Desk())
    after = values(saved)
    assert {at: value for at, value in after.items() if at[0] != "Log"} == before


@pytest.mark.long
def test_prices_are_kept_once_a_day(saved):
    keep(saved, Desk(), DAY)
    assert keep(saved, Desk(), DAY).report.startswith("no row added from sheet Feed; 2 were there")
    change(saved, {("Feed", f"G{RIOT}"): 18.0})
    with pytest.raises(WorkbookError, match=r"RIOT price\): value is '17.5' here and '18' there"):
        keep(saved, Desk(), DAY)


@pytest.mark.parametrize(
    ("price", "used"),
    [(17.5, "your own value"), (17.5, "book"), ("", "terminal"), (0.0, "terminal")],
)
def test_only_a_price_of_the_terminal_that_is_in_use_is_kept(price, used):
    line = ("RIOT", "price", "Bloomberg", "RIOT US Equity", "PX_LAST", price, price, used)
    grid = {(2, column): value for column, value in enumerate(line, start=1)}
    with pytest.raises(WorkbookError, match="shows no price of a terminal"):
        rows_to_keep(grid, DAY)
    assert rows_to_keep({**grid, (2, 7): 17.5, (2, 8): "terminal"}, DAY)[0]["value"] == 17.5


def test_without_a_price_of_a_terminal_nothing_is_kept(built, fed):
    with pytest.raises(WorkbookError, match="has no feed: hpcval feed makes one"):
        keep(built, Desk(), DAY)
    original = fed.read_bytes()
    with pytest.raises(WorkbookError, match="shows no price of a terminal"):
        keep(fed, Desk(), DAY)
    assert fed.read_bytes() == original


@pytest.mark.long
def test_taken_off_a_model_shows_the_figures_of_the_book_again(saved, built):
    done = feed(saved, "none", Desk())
    assert done.report == "no terminal any more; the figures were computed by the valuation core"
    wanted, found = values(built), values(saved)
    figures = [at for at in wanted if at[0] in ("Targets", "SOTP", "Mining", "Summary")]
    assert len(figures) > 500
    differing = [
        at
        for at in figures
        if isinstance(wanted[at], float) and found[at] != pytest.approx(wanted[at])
    ]
    assert differing == []
    assert [found.get(at) for at in own_cells(saved).values()] == [None] * 3


def test_the_command_says_what_it_did(model):
    def said(*arguments):
        result = CliRunner().invoke(main, [str(one) for one in arguments])
        return result.exit_code, result.output

    code, output = said("feed", "lseg", model)
    assert code == 0
    assert output.splitlines()[0].startswith("3 prices are taken from LSEG, line by line on Feed")
    assert said("feed", "reuters", model)[0] == 2


def test_the_command_keep_dates_the_prices(saved):
    arguments = ["keep", str(saved), "--as-of", "2025-09-27", "--dry-run"]
    output = CliRunner().invoke(main, arguments).output
    assert "RIOT price: 17.5, 2025-09-27, Bloomberg RIOT US Equity PX_LAST" in output
    assert "dry run, nothing was changed: 2 rows added" in output


def test_prices_are_found_by_their_headings_where_a_column_was_put_before_them():
    line = ("RIOT", "price", "Bloomberg", "RIOT US Equity", "PX_LAST", 17.5, 17.5, "terminal")
    rows = (("desk", *HEADINGS), ("New York", *line))
    grid = {
        (row, column): value
        for row, values in enumerate(rows, start=1)
        for column, value in enumerate(values, start=1)
    }
    (kept,) = rows_to_keep(grid, DAY)
    assert (kept["scope"], kept["value"]) == ("RIOT", 17.5)
    assert kept["source"] == "Bloomberg RIOT US Equity PX_LAST"


@pytest.mark.parametrize(
    ("miner", "fact", "said"),
    [
        ("RIOT", "cash", "prices RIOT cash"),
        ("RIOT", None, "prices RIOT nothing"),
        (None, "price", "prices no miner price"),
        ("RIOT", "btc_price", "prices RIOT btc_price"),
    ],
)
def test_a_line_that_is_of_no_price_is_named_by_its_row(miner, fact, said):
    line = (miner, fact, "Bloomberg", "RIOT US Equity", "PX_LAST", 17.5, 17.5, "terminal")
    grid = {(7, column): value for column, value in enumerate(line, start=1)}
    with pytest.raises(WorkbookError, match=f"row 7 of sheet Feed {said}, which is neither"):
        rows_to_keep(grid, DAY)


def edited(path, edit):
    parts = read_parts(path)
    part = sheet_parts(parts)["Feed"]
    editor = SheetEditor("Feed", parts[part])
    edit(editor)
    write_parts(path, {**parts, part: editor.to_part()})


def test_a_formula_and_a_note_of_the_analyst_beside_the_lines_stay(fed, tmp_path):
    path = shutil.copy(fed, tmp_path / "fed.xlsx")

    def beside(editor):
        editor.put_formula(f"L{RIOT}", f"G{RIOT}*2", 0.0)
        editor.put("L20", "my desk's note")

    edited(path, beside)
    for terminal in ("factset", "none"):
        feed(path, terminal, Desk())
        parts = read_parts(path)
        cells = cells_of(parts, sheet_parts(parts)["Feed"])
        assert cells[f"L{RIOT}"].formula == f"G{RIOT}*2"
        assert cells["L20"].value == "my desk's note"


def test_a_feed_whose_columns_were_moved_is_not_written_over(fed, tmp_path):
    path = shutil.copy(fed, tmp_path / "fed.xlsx")
    edited(path, lambda editor: editor.put_row(1, ["desk", *HEADINGS]))
    before = path.read_bytes()
    with pytest.raises(WorkbookError, match="a column of Feed stands elsewhere"):
        feed(path, "factset", Desk())
    assert path.read_bytes() == before
