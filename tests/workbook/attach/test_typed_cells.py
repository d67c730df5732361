"""What is typed into input cells of a sheet, found again where the new sheet has them."""

from __future__ import annotations

import pytest

from workbook.attach.typed_cells import SheetBefore, typed_on, written_in
from workbook.cells import letters
from workbook.formulas.renaming import Renaming
from workbook.model.plan import Plan, Sheet, Validation
from workbook.opc.stored import StoredCell

LEASE, STEP = (4, 4), (5, 4)
"""Where the new sheet has both cells; before they stood two rows higher, in D2 and D3."""


def planned(deal="CIFR-a", step=0.1):
    sheet = Sheet("Leases", ())
    sheet.put(3, 1, "What if", "section")
    sheet.put(4, 1, "Lease (choose)", "label")
    chosen = sheet.put(*LEASE, deal, "input_left")
    deals = sheet.put_row(1, 6, ("CIFR-a", "RIOT-b"), "heading")
    sheet.validations.append(Validation(chosen, "Choose.", "list", source=deals))
    sheet.put(5, 1, "Step", "label")
    sheet.put(*STEP, step, "input")
    return sheet


def before(deal, step, written=None, formula=None):
    texts = {(1, 1): "What if", (2, 1): "Lease (choose)", (3, 1): "Step", (2, 4): deal}
    cells = {
        at: StoredCell(f"{letters(at[1])}{at[0]}", None, value, False)
        for at, value in texts.items()
    }
    cells[3, 4] = StoredCell("D3", formula, step, formula is not None)
    return SheetBefore(cells, written, Renaming({"HPC Inputs": "Inputs"}))


def found(held):
    sheet = planned()
    return typed_on(held, sheet, {sheet.name: sheet})


def test_what_differs_is_typed_and_goes_where_the_cell_is_now():
    typed = found(before("RIOT-b", 0.25))
    assert {at: cell.value for at, cell in typed.cells.items()} == {LEASE: "RIOT-b", STEP: 0.25}
    assert typed.lost == ()


def test_what_stands_as_it_was_written_follows_the_new_model():
    """An earlier version took steps of 0.2; nobody typed that."""
    typed = found(before("CIFR-a", 0.2, {"D2": "CIFR-a", "D3": 0.2}))
    assert typed.cells == typed.planned == {}


def test_a_choice_that_is_none_any_more_is_named():
    typed = found(before("RIOT-gone", 0.1, {"D2": "CIFR-a", "D3": 0.1}))
    assert typed.cells == {}
    assert typed.lost == ("D2 = RIOT-gone (none of the choices any more)",)


def test_what_has_no_cell_on_the_new_sheet_is_named():
    held = before("CIFR-a", 0.1, {"D2": "CIFR-a", "D3": 0.1, "D9": 7.0, "D10": 8.0})
    held.cells[9, 4] = StoredCell("D9", None, 7.5, False)
    held.cells[10, 4] = StoredCell("D10", None, 8.0, False)
    assert found(held).lost == ("D9 = 7.5",), "D10 was left as it was"


def test_a_formula_is_kept_and_calls_our_sheets_as_the_model_does():
    typed = found(before("CIFR-a", 0.3, {"D2": "CIFR-a", "D3": 0.1}, "'HPC Inputs'!C9"))
    assert typed.cells[STEP].formula == "'Inputs'!C9"
    shared = found(before("CIFR-a", 0.3, formula=""))
    assert shared.lost == ("D3 = 0.3 (it shares its formula with other cells)",)


@pytest.mark.parametrize(("own", "remembered"), [((), 0.1), ((STEP,), None)])
def test_what_is_written_is_remembered_but_for_what_the_analyst_typed(own, remembered):
    found = written_in(Plan("", [planned()]), {"Leases": own})
    assert found == {"Leases": {"D4": "CIFR-a", "D5": remembered}}


def test_a_choice_by_which_the_new_sheet_was_planned_is_typed_too():
    sheet = planned("RIOT-b")
    held = before("RIOT-b", 0.1, {"D2": "CIFR-a", "D3": 0.1})
    typed = typed_on(held, sheet, {sheet.name: sheet})
    assert (list(typed.cells), list(typed.planned)) == ([], [LEASE])


def test_a_text_of_ours_where_the_new_sheet_has_an_input_cell_is_not_typed():
    """One miner more moves the input cells to where a note of ours stood."""
    typed = found(before("CIFR-a", "change it to see another", {"D2": "CIFR-a"}))
    assert (dict(typed.cells), typed.lost) == ({}, ())


def test_a_formula_of_ours_in_an_input_cell_is_as_we_wrote_it():
    held = before("CIFR-a", 0.3, {"D2": "CIFR-a", "D3": "=Inputs!C9"}, "'HPC Inputs'!C9")
    typed = found(held)
    assert (dict(typed.cells), dict(typed.planned), typed.lost) == ({}, {}, ())
