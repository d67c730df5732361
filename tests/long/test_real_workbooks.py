"""Real workbooks, which packages ship as templates or for their tests, through every command.

A command works, or says in one sentence why not. Ours come and go without a trace: no stored figure
of theirs is another one, and in the end the file is what it was, to the byte.
"""

from __future__ import annotations

import json
import re
import shutil

import openpyxl
import pytest
import python_calamine
from click.testing import CliRunner

from addin.calc.recalculate import recalculated_each
from addin.cli import main
from addin.closed import attached_model
from tests.places import SHIPPED
from tests.valuation_core.book_files import add_rows
from tools.fetch_workbooks import listed
from workbook.opc.package import open_package
from workbook.opc.stored import read_cells

pytestmark = pytest.mark.filterwarnings(
    "ignore:::openpyxl",
    "ignore::ResourceWarning",
    "ignore::pytest.PytestUnraisableExceptionWarning",
)
"""What openpyxl says, and leaves open, of files as their packages ship them."""

WORKBOOKS = {workbook.name: workbook.place for workbook in listed()}
NAMES = sorted(WORKBOOKS)
WITH_ALL_SHEETS = NAMES[::6]
"""To these the whole model is attached, to the others the table Facts, for the sake of time."""

REFUSED = {
    "encrypted with a password": (
        "oletools:oletools-0.60.2/tests/test-data/encrypted/encrypted.xlsx",
        "pyopenxlsx:pyopenxlsx-1.4.2/third_party/OpenXLSX/Tests/Fixtures/Encrypted_Agile.xlsx",
        "python-calamine:python_calamine-0.9.1/tests/data/password.xlsx",
        "xlsx-populate:package/examples/encryption/in.xlsx",
        "xlsx-populate:package/examples/encryption/out.xlsx",
    ),
    "is damaged or not an Excel workbook": (
        "python-calamine:python_calamine-0.9.1/tests/data/empty_file.xlsx",
    ),
    "a strict Open XML workbook": ("pyexcel:pyexcel-0.7.6/tests/fixtures/bug_176.xlsx",),
    "counts dates from 1904": (
        "agate-excel:agate_excel-0.4.2/examples/test.xlsx",
        "agate-excel:agate_excel-0.4.2/examples/test_sheets.xlsx",
        "agate-excel:agate_excel-0.4.2/examples/test_skip_lines.xlsx",
        "xlsx2csv:xlsx2csv-0.8.6/test/datetime.xlsx",
        "xlsx2csv:xlsx2csv-0.8.6/test/xlsx2csv-test-file.xlsx",
    ),
    "is not an .xlsx or .xlsm workbook": (
        "oletools:oletools-0.60.2/tests/test-data/oleobj/embedded-simple-2007.xlam",
        "xlwings:xlwings-0.37.8/xlwings/addin/xlwings.xlam",
        "xlwings:xlwings-0.37.8/xlwings/quickstart_addin_ribbon.xlam",
    ),
}
"""What attach says, and of which files."""

REASON = {name: words for words, names in REFUSED.items() for name in names}
UNREADABLE = ("encrypted with a password", "is damaged", "a strict Open XML workbook")
"""Of these not even `check` sees anything."""

ATTACHED = [name for name in NAMES if name not in REASON]
READABLE = [name for name in NAMES if not REASON.get(name, "").startswith(UNREADABLE)]
OURS_ALONE = (
    "pyopenxlsx:pyopenxlsx-1.4.2/third_party/OpenXLSX/Tests/shared_formula_test.xlsx",
    "xlsx-stream-reader:package/test/nonumfmt.xlsx",
)
"""Neither of the other readers opens them."""

OPENED = ATTACHED[::12]
"""A sample for LibreOffice."""

RECALCULATED = (
    "xlcalculator:xlcalculator-0.5.0/examples/common_use_case/use_case_01.xlsm",
    "xlcalculator:xlcalculator-0.5.0/tests/resources/XNPV.xlsx",
    "xlwings:xlwings-0.37.8/tests/udfs/async_tests.xlsm",
    "xlwings:xlwings-0.37.8/tests/udfs/udf_tests.xlsm",
)
"""A sample with formulas that Excel has calculated, with functions among its macros too."""

COMMANDS = (
    ("check", "FILE"),
    ("freeze", "FILE"),
    ("refresh", "FILE", "--from", str(SHIPPED)),
    ("refresh", "FILE", "--undo"),
    ("snapshot", "FILE"),
    ("explain-cell", "FILE", "Sheet1!A1"),
    ("rebind", "FILE"),
    ("detach", "FILE"),
)


@pytest.fixture
def copied(tmp_path):
    def copy(name):
        if not WORKBOOKS[name].is_file():
            pytest.skip("a real workbook is not fetched: python -m tools.fetch_workbooks")
        return shutil.copy(WORKBOOKS[name], tmp_path / f"book{WORKBOOKS[name].suffix.lower()}")

    return copy


@pytest.fixture(scope="module")
def changed_facts(tmp_path_factory):
    """The shipped facts and one more: the price of RIOT is 21."""
    folder = tmp_path_factory.mktemp("changed") / "facts"
    shutil.copytree(SHIPPED, folder)
    add_rows(folder, ("RIOT", "price", "21", "USD/share", "", "2025-09-26", ""))
    return str(folder)


@pytest.fixture(autouse=True, scope="module")
def _one_model():
    """Where nothing of ours is there yet, the model is built once: what is attached is the same."""
    build, built = attached_model.model_for, {}

    def model_for(desk, before, held, **asked):
        if held != attached_model.Held():
            return build(desk, before, held, **asked)
        key = repr((before, asked))
        if key not in built:
            built[key] = build(desk, before, held, **asked)
        return built[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(attached_model, "model_for", model_for)
        yield


def run(path, *words):
    result = CliRunner().invoke(main, [str(path) if word == "FILE" else word for word in words])
    assert result.exception is None or isinstance(result.exception, SystemExit), (
        words,
        result.exception,
    )
    said_why = re.fullmatch(r"Error: [^\n]{1,400}\n", result.output)
    assert result.exit_code == 0 or words[0] == "check" or said_why, (words, result.output)
    return result


def done(path, *words):
    result = run(path, *words)
    assert result.exit_code == 0, (words, result.output)
    return result.output


def stored(path):
    with open_package(path) as package:
        return read_cells(package)


def read_by_another(path):
    """Give the values of each sheet as a reader that shares no code with ours finds them."""
    try:
        book = python_calamine.CalamineWorkbook.from_path(path)
        return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
    except (python_calamine.CalamineError, OSError):
        book = openpyxl.load_workbook(path, data_only=True)
        return {
            name: [[cell or "" for cell in row] for row in getattr(book[name], "values", ())]
            for name in book.sheetnames
        }


def sheets_by_openpyxl(path):
    """Give the names of its sheets, or none where openpyxl cannot open it as its package ships it."""
    try:
        return openpyxl.load_workbook(path).sheetnames
    except (KeyError, SyntaxError, TypeError, ValueError):
        return []


def test_the_list_is_long_and_of_many_hands():
    assert len(ATTACHED) >= 100
    assert len({name.rpartition(":")[0] for name in NAMES}) >= 15
    assert set(REASON) <= set(NAMES)


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
def test_a_command_works_or_says_in_one_sentence_why_not_and_changes_nothing(copied, name):
    path = copied(name)
    before = path.read_bytes()
    for words in COMMANDS:
        result = run(path, *words)
        if name not in READABLE:
            assert (result.exit_code, REASON[name] in result.output) == (
                2 if words[0] == "check" else 1,
                True,
            ), result.output
    assert path.read_bytes() == before


@pytest.mark.long
@pytest.mark.parametrize("name", [name for name in READABLE if name not in OURS_ALONE])
def test_check_passes_over_no_sheet_and_no_cell(copied, name):
    path = copied(name)
    report = json.loads(run(path, "check", "FILE", "--json").output)
    sheets = read_by_another(path)
    filled = sum(cell != "" for rows in sheets.values() for row in rows for cell in row)
    assert report["sheets"] == len(sheets)
    assert report["cells"] >= filled


@pytest.mark.long
@pytest.mark.parametrize("name", ATTACHED)
def test_ours_come_and_go_without_a_trace(copied, name, changed_facts):
    path = copied(name)
    before, theirs = path.read_bytes(), stored(path)
    read = {} if name in OURS_ALONE else read_by_another(path)

    def as_it_was():
        now = stored(path)
        assert {sheet: now[sheet] for sheet in theirs} == theirs
        again = read_by_another(path) if read else {}
        assert {sheet: again[sheet] for sheet in read} == read

    whole = name in WITH_ALL_SHEETS
    opened = sheets_by_openpyxl(path)
    done(path, "attach", "FILE", *([] if whole else ["--sheets", "Facts"]))
    as_it_was()
    if opened:
        again = sheets_by_openpyxl(path)
        assert again[: len(opened)] == opened
        assert "Facts" in again[len(opened) :]
    attached = path.read_bytes()
    assert "up to date, nothing was changed" in done(path, "attach", "FILE")
    assert path.read_bytes() == attached
    run(path, "check", "FILE")
    done(path, "freeze", "FILE")
    if whole:
        call = next(at for at, cell in stored(path)["Functions"].items() if calls(cell))
        assert "Functions!" in done(path, "explain-cell", "FILE", f"Functions!{call}", "--write")
        assert "appended to History" in done(path, "snapshot", "FILE")
        changed = done(path, "refresh", "FILE", "--from", changed_facts, "--no-recalc")
        assert "RIOT price" in changed
        assert " rows added (Facts " in changed
        as_it_was()
        done(path, "attach", "FILE")
        as_it_was()
        assert "Log" in stored(path), "what was refreshed stays told"
    assert "to the byte" in done(path, "detach", "FILE")
    assert path.read_bytes() == before


def calls(cell):
    return "HPC_" in (cell.formula or "")


@pytest.mark.long
@pytest.mark.engine
def test_libreoffice_opens_attached_workbooks_with_every_sheet(tmp_path):
    paths = []
    for number, name in enumerate(OPENED):
        if WORKBOOKS[name].is_file():
            paths.append(shutil.copy(WORKBOOKS[name], tmp_path / f"{number}.xlsx"))
            done(paths[-1], "attach", "FILE", "--sheets", "Inputs")
    for path, fresh in zip(paths, recalculated_each(paths), strict=True):
        assert set(stored(path)) <= set(fresh), path


@pytest.mark.long
@pytest.mark.engine
@pytest.mark.parametrize("name", RECALCULATED)
def test_no_figure_that_excel_has_stored_is_called_stale(copied, name):
    path = copied(name)
    report = json.loads(run(path, "check", "FILE", "--recalc", "--json").output)
    assert report["recalculated"]
    assert report["counts"].get("stale value", 0) == 0


@pytest.mark.long
@pytest.mark.engine
@pytest.mark.parametrize("name", ["xlwings:xlwings-0.37.8/tests/tables.xlsx"])
def test_a_refresh_that_computes_changes_no_figure_of_theirs(copied, name, changed_facts):
    path = copied(name)
    before, theirs = path.read_bytes(), stored(path)
    done(path, "attach", "FILE")
    said = done(path, "refresh", "FILE", "--from", changed_facts)
    assert "the figures were computed by the valuation core" in said
    now = stored(path)
    assert {sheet: now[sheet] for sheet in theirs} == theirs
    done(path, "freeze", "FILE")
    done(path, "detach", "FILE")
    assert path.read_bytes() == before
