"""One table of calls and what a cell shows, for every host.

Each row: what it shows, function, cells, expected. An expected error is its code. `CALC` gives what
LibreOffice shows where its own limits differ: it hands one blank cell over as 0, TRUE as 1, and turns
a range that holds an error into #VALUE! before the call.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from addin.boundary.cells import OMITTED
from workbook.cells import ErrorValue

BLANK = None
NA, DIV = ErrorValue("#N/A"), ErrorValue("#DIV/0!")
SAME: Any = object()


class Case(NamedTuple):
    shows: str
    function: str
    cells: tuple[Any, ...]
    expected: Any
    calc: Any = SAME


CASES = [
    Case("0.5 x 600 x 6.15", "HPC_VALUE", ("RIOT", 0.5, 600.0), 1845.0),
    Case("cap at 800 MW", "HPC_VALUE", ("RIOT", 0.5, 1000.0), 2460.0),
    Case("level low", "HPC_VALUE", ("RIOT", 0.5, 600.0, "low"), 1110.0),
    Case("level high", "HPC_VALUE", ("RIOT", 0.5, 600.0, "HIGH"), 2580.0),
    Case("level cloud", "HPC_VALUE", ("RIOT", 0.5, 600.0, "cloud"), 1590.0),
    Case("all defaults", "HPC_VALUE", ("RIOT",), 1845.0),
    Case("defaults, capped", "HPC_VALUE", ("IREN",), 2460.0),
    Case("own probability", "HPC_VALUE", ("CLSK", 0.5, 200.0), 615.0),
    Case("percent text, critical MW", "HPC_VALUE", ("RIOT", "50%", 461.538461538, OMITTED, "critical"), 1844.999999998155),
    Case("exponent text", "HPC_VALUE", ("RIOT", "5e-1", "600"), 1845.0),
    Case("a number as text for the value per MW", "HPC_VALUE", ("RIOT", 0.5, 600.0, "10"), 3000.0),
    Case("logical as a number", "HPC_VALUE", ("RIOT", True, 600.0), 3690.0),
    Case("grid of a column and a row", "HPC_VALUE", ("RIOT", [[0.25], [0.5]], [[300.0, 600.0, 900.0]]),
         [[461.25, 922.5, 1230.0], [922.5, 1845.0, 2460.0]]),
    Case("a range of one cell is a cell", "HPC_VALUE", ("RIOT", [[0.5]], 600.0), 1845.0),
    Case("one bad element spoils itself", "HPC_VALUE", ("RIOT", [[0.5, 1.7]], 600.0), [[1845.0, "#NUM!"]]),
    Case("a blank in a range spoils itself", "HPC_VALUE", ("RIOT", [[0.5, BLANK]], 600.0), [[1845.0, "#N/A"]]),
    Case("text in a range spoils itself", "HPC_VALUE", ("RIOT", [[0.5, "abc"]], 600.0), [[1845.0, "#VALUE!"]]),
    Case("an error in a range is handed on", "HPC_VALUE", ("RIOT", [[0.5, DIV]], 600.0), [[1845.0, "#DIV/0!"]],
         [["#VALUE!", "#VALUE!"]]),
    Case("miners down, levels across", "HPC_VALUE", ([["RIOT"], ["NOBODY"]], 0.5, 600.0, [["low", "none", 5.0]]),
         [[1110.0, "#VALUE!", 1500.0], ["#N/A", "#N/A", "#N/A"]]),
    Case("no probability in the edition", "HPC_VALUE", ("CLSK",), "#N/A"),
    Case("unknown miner", "HPC_VALUE", ("RIOTT", 0.5, 600.0), "#N/A"),
    Case("probability above one", "HPC_VALUE", ("riot", 1.7, 600.0), "#NUM!"),
    Case("negative MW", "HPC_VALUE", ("RIOT", 0.5, -5.0), "#NUM!"),
    Case("text for a number", "HPC_VALUE", ("RIOT", "abc", 600.0), "#VALUE!"),
    Case("a decimal comma is text", "HPC_VALUE", ("RIOT", "0,5", 600.0), "#VALUE!"),
    Case("unknown level", "HPC_VALUE", ("RIOT", 0.5, 600.0, "medium-rare"), "#VALUE!"),
    Case("unknown basis", "HPC_VALUE", ("RIOT", 0.5, 600.0, "mid", "net"), "#VALUE!"),
    Case("blank cell", "HPC_VALUE", ("RIOT", BLANK, 600.0), "#N/A", 0.0),
    Case("error cell", "HPC_VALUE", ("RIOT", DIV, 600.0), "#DIV/0!"),
    Case("an error cell comes before other faults", "HPC_VALUE", ("RIOTT", 1.7, NA), "#N/A"),
    Case("ranges that do not fit", "HPC_VALUE", ("RIOT", [[0.5, 0.6]], [[1.0, 2.0, 3.0]]), "#VALUE!"),
    Case("not a handle", "HPC_VALUE", ("RIOT", 0.5, 600.0, OMITTED, OMITTED, OMITTED, "x"), "#N/A"),
    Case("a handle nobody made", "HPC_VALUE",
         ("RIOT", 0.5, 600.0, OMITTED, OMITTED, OMITTED, "book:2025-09-26+0123456789abcdef"), "#N/A"),
    Case("half the window left", "HPC_WINDOW", (0.75, 4.5), 0.5),
    Case("window over a range", "HPC_WINDOW", (0.75, [[0.0, 4.5, 9.0]]), [[0.75, 0.5, 0.0]]),
    Case("negative months", "HPC_WINDOW", (0.5, -1.0), "#NUM!"),
    Case("text for months", "HPC_WINDOW", (0.5, "soon"), "#VALUE!"),
    Case("blank months", "HPC_WINDOW", (0.5, BLANK), "#N/A", 0.5),
    Case("error for months", "HPC_WINDOW", (0.5, DIV), "#DIV/0!"),
    Case("1,300 gross MW at 10 per critical MW", "HPC_CAPEX", (1300.0,), 10000.0),
    Case("own cost", "HPC_CAPEX", (100.0, 9.0, "critical"), 900.0),
    Case("negative MW to build", "HPC_CAPEX", (-1.0,), "#NUM!"),
    Case("text for MW", "HPC_CAPEX", ("many",), "#VALUE!"),
    Case("blank MW", "HPC_CAPEX", (BLANK,), "#N/A", 0.0),
    Case("error for MW", "HPC_CAPEX", (NA,), "#N/A"),
    Case("published target", "HPC_PUBLISHED", ("RIOT", "target"), 19.0),
    Case("published ratings", "HPC_PUBLISHED", ([["RIOT"], ["IREN"]], "rating"), [["OW"], ["UW"]]),
    Case("published upside", "HPC_PUBLISHED", ("RIOT", "upside"), 19 / 16.74 - 1),
    Case("rule on the published upside", "HPC_PUBLISHED", ("IREN", "rule_rating"), "UW"),
    Case("unknown item", "HPC_PUBLISHED", ("RIOT", "guidance"), "#VALUE!"),
    Case("miner not in the edition", "HPC_PUBLISHED", ("WULF", "target"), "#N/A"),
    Case("blank item", "HPC_PUBLISHED", ("RIOT", [[BLANK, "target"]]), [["#N/A", 19.0]]),
    Case("error for a miner", "HPC_PUBLISHED", (DIV, "target"), "#DIV/0!"),
    Case("a fact", "HPC_DATA", ("RIOT", "price"), 16.74),
    Case("a fact for all", "HPC_DATA", ("RIOT", "TENANT_CAP"), 800.0),
    Case("a fact of the network", "HPC_DATA", ("NETWORK", "btc_price"), 109107.0),
    Case("a date is its serial", "HPC_DATA", ("ALL", "target_date"), 46387.0),
    Case("unknown metric", "HPC_DATA", ("RIOT", "hashrat"), "#N/A"),
    Case("missing fact", "HPC_DATA", ("RIOT", "debt_reported"), "#N/A"),
    Case("error for a metric", "HPC_DATA", ("RIOT", DIV), "#DIV/0!"),
    Case("unknown scope of a source", "HPC_SOURCE", ("RIOTT", "price"), "#N/A"),
    Case("error for a scope", "HPC_SOURCE", (DIV, "price"), "#DIV/0!"),
    Case("default book", "HPC_BOOK", (), "book:2025-09-26+4776854c30803939"),
    Case("book of a date serial", "HPC_BOOK", (45926.0,), "book:2025-09-26+4776854c30803939"),
    Case("book of a date text", "HPC_BOOK", ("2025-09-26",), "book:2025-09-26+4776854c30803939"),
    Case("book with own facts, header and blank row", "HPC_BOOK",
         (OMITTED, [["Scope", "Metric", "Value"], ["RIOT", "hpc_mw_shopped", 400.0], [BLANK, BLANK, BLANK]]),
         "book:2025-09-26+e2c71293061f8725"),
    Case("book of a case", "HPC_BOOK", ("2025-09-26", OMITTED, "Reconstruction"), "book:2025-09-26+5499434d03899f63"),
    Case("an unknown case", "HPC_BOOK", ("2025-09-26", OMITTED, "bearish"), "#N/A"),
    Case("error for a case", "HPC_BOOK", ("2025-09-26", OMITTED, DIV), "#DIV/0!"),
    Case("own facts with their basis: gross is the book of three columns", "HPC_BOOK",
         (OMITTED, [["Scope", "Metric", "Value", "Basis"], ["RIOT", "hpc_mw_shopped", 400.0, "gross"]]),
         "book:2025-09-26+e2c71293061f8725"),
    Case("own facts on critical MW", "HPC_BOOK",
         (OMITTED, [["RIOT", "hpc_mw_named", 200.0, "critical"], ["RIOT", "hpc_value_named", 9.0, BLANK]]),
         "book:2025-09-26+cdc8617ea3fa15d7"),
    Case("own facts on no basis there is", "HPC_BOOK", (OMITTED, [["RIOT", "hpc_mw_named", 200.0, "net"]]), "#VALUE!"),
    Case("own facts of five columns", "HPC_BOOK", (OMITTED, [["RIOT", "cash", 1.0, BLANK, BLANK]]), "#VALUE!"),
    Case("own fact that is gone", "HPC_BOOK", (OMITTED, [["RIOT", "colo_value_mid", 6.0]]), "#N/A"),
    Case("own fact outside its domain", "HPC_BOOK", (OMITTED, [["RIOT", "hpc_probability", 1.7]]), "#NUM!"),
    Case("own fact of no metric", "HPC_BOOK", (OMITTED, [["RIOT", "hashrat", 1.0]]), "#N/A"),
    Case("own fact that is text", "HPC_BOOK", (OMITTED, [["RIOT", "hashrate", "much"]]), "#VALUE!"),
    Case("own facts of two columns", "HPC_BOOK", (OMITTED, [["RIOT", 1.0]]), "#VALUE!"),
    Case("own facts with an error", "HPC_BOOK", (OMITTED, [["RIOT", "hashrate", DIV]]), "#DIV/0!", "#VALUE!"),
    Case("date before all facts", "HPC_BOOK", ("2010-01-01",), "#N/A"),
    Case("date that is none", "HPC_BOOK", ("soon",), "#VALUE!"),
    Case("date serial out of range", "HPC_BOOK", (-5.0,), "#NUM!"),
    Case("range for a date", "HPC_BOOK", ([["2025-09-26", "2025-09-27"]],), "#VALUE!"),
    Case("error for a date", "HPC_BOOK", (DIV,), "#DIV/0!"),
    Case("unknown function to explain", "HPC_EXPLAIN", ("HPC_NOTHING",), "#N/A"),
    Case("range of functions to explain", "HPC_EXPLAIN", ([["HPC_VALUE", "HPC_DATA"]],), "#VALUE!"),
    Case("error for a function to explain", "HPC_EXPLAIN", (DIV,), "#DIV/0!"),
    Case("option per diluted share", "HPC_PER_SHARE", ("RIOT",), 1845 / 369.62),
    Case("option per share, probability above one", "HPC_PER_SHARE", ("RIOT", 2.0), "#NUM!"),
    Case("option per share, text for MW", "HPC_PER_SHARE", ("RIOT", 0.5, "many"), "#VALUE!"),
    Case("option per share, error", "HPC_PER_SHARE", ("RIOT", DIV), "#DIV/0!"),
    Case("option per share, missing facts", "HPC_PER_SHARE", ("WULF", 0.5, 100.0), "#N/A"),
    Case("mining of four years", "HPC_MINING_VALUE", ("RIOT",), 1172.7468404556623),
    Case("mining at a price of nothing", "HPC_MINING_VALUE", ("RIOT", 0.0), 0.0),
    Case("mining, negative price", "HPC_MINING_VALUE", ("RIOT", -1.0), "#NUM!"),
    Case("mining, text", "HPC_MINING_VALUE", ("RIOT", "x"), "#VALUE!"),
    Case("mining, unknown miner", "HPC_MINING_VALUE", ("RIOTT",), "#N/A"),
    Case("mining, error", "HPC_MINING_VALUE", (NA,), "#N/A"),
    Case("hashprice", "HPC_HASHPRICE", (), 450 * 109107 * 1.008 / 1019000),
    Case("hashprice over prices", "HPC_HASHPRICE", ([[100000.0, "x"]],), [[450 * 100000 * 1.008 / 1019000, "#VALUE!"]]),
    Case("hashprice, error", "HPC_HASHPRICE", (DIV,), "#DIV/0!"),
    Case("diluted shares above the note", "HPC_DILUTED_SHARES", ("RIOT", 20.0), 369.62 + 39.98927048),
    Case("diluted shares below the note", "HPC_DILUTED_SHARES", ("RIOT", [[14.86, 14.87]]), [[369.62, 369.62 + 39.98927048]]),
    Case("diluted shares at no price", "HPC_DILUTED_SHARES", ("RIOT", 0.0), "#NUM!"),
    Case("diluted shares, text", "HPC_DILUTED_SHARES", ("RIOT", "x"), "#VALUE!"),
    Case("diluted shares, error", "HPC_DILUTED_SHARES", ("RIOT", DIV), "#DIV/0!"),
    Case("target", "HPC_TARGET", ("RIOT",), 12.405968030560201),
    Case("targets down, one without facts", "HPC_TARGET", ([["CLSK"], ["WULF"]],), [[6.92688257505837], ["#N/A"]]),
    Case("target, probability above one", "HPC_TARGET", ("RIOT", 1.1), "#NUM!"),
    Case("target, unknown level", "HPC_TARGET", ("RIOT", 0.5, 600.0, "best"), "#VALUE!"),
    Case("target, error", "HPC_TARGET", ("RIOT", DIV), "#DIV/0!"),
    Case("upside", "HPC_UPSIDE", ("RIOT", 10.0), 0.2405968030560201),
    Case("upside, no price", "HPC_UPSIDE", ("RIOT", 0.0), "#NUM!"),
    Case("upside, text", "HPC_UPSIDE", ("RIOT", "x"), "#VALUE!"),
    Case("upside, error", "HPC_UPSIDE", (DIV,), "#DIV/0!"),
    Case("ratings by price", "HPC_RATING", ("RIOT", [[11.0, 12.0, 15.0, -1.0]]), [["OW", "N", "UW", "#NUM!"]]),
    Case("rating, unknown miner", "HPC_RATING", ("RIOTT",), "#N/A"),
    Case("rating, text", "HPC_RATING", ("RIOT", "x"), "#VALUE!"),
    Case("rating, error", "HPC_RATING", ("RIOT", DIV), "#DIV/0!"),
    Case("sum of parts, range", "HPC_SOTP", ([["RIOT", "IREN"]],), "#VALUE!"),
    Case("sum of parts, unknown miner", "HPC_SOTP", ("RIOTT",), "#N/A"),
    Case("sum of parts, probability above one", "HPC_SOTP", ("RIOT", 2.0), "#NUM!"),
    Case("sum of parts, error", "HPC_SOTP", (DIV,), "#DIV/0!"),
    Case("land: 1,100 MW free x 1.18", "HPC_LAND_VALUE", ("RIOT", [[1.18, -1.0, "x"]]), [[1298.0, "#NUM!", "#VALUE!"]]),
    Case("land, nothing in the plain case", "HPC_LAND_VALUE", ("RIOT",), 0.0),
    Case("land, unknown miner", "HPC_LAND_VALUE", ("RIOTT",), "#N/A"),
    Case("land, error", "HPC_LAND_VALUE", ("RIOT", DIV), "#DIV/0!"),
    Case("ladder, range", "HPC_LADDER", ([["RIOT", "IREN"]],), "#VALUE!"),
    Case("ladder, unknown miner", "HPC_LADDER", ("RIOTT",), "#N/A"),
    Case("ladder, missing facts", "HPC_LADDER", ("WULF",), "#N/A"),
    Case("ladder, error", "HPC_LADDER", (DIV,), "#DIV/0!"),
    Case("cases, not a handle", "HPC_CASES", ("x",), "#N/A"),
    Case("cases, error", "HPC_CASES", (DIV,), "#DIV/0!"),
    Case("age: 30 June to 26 September", "HPC_AGE", ("RIOT", [["cash", "price", "nothing"]]), [[88.0, 1.0, "#N/A"]]),
    Case("age, missing fact", "HPC_AGE", ("RIOT", "debt_reported"), "#N/A"),
    Case("age, error", "HPC_AGE", (DIV, "cash"), "#DIV/0!"),
    Case("rank, not a handle", "HPC_RANK", ("x",), "#N/A"),
    Case("rank, error", "HPC_RANK", (DIV,), "#DIV/0!"),
    Case("implied MW", "HPC_IMPLIED_MW", ("IREN", 46.29, 1.0, "high"), 1495.3491608038494),
    Case("implied MW below value without option", "HPC_IMPLIED_MW", ("IREN", [[5.0, 46.29]], 1.0, "high"), [["#NUM!", 1495.3491608038494]]),
    Case("implied MW at no probability", "HPC_IMPLIED_MW", ("IREN", 46.29, 0.0), "#NUM!"),
    Case("implied MW, text", "HPC_IMPLIED_MW", ("IREN", "x"), "#VALUE!"),
    Case("implied MW, error", "HPC_IMPLIED_MW", ("IREN", DIV), "#DIV/0!"),
    Case("implied probability", "HPC_IMPLIED_PROB", ("RIOT",), 0.9544621366882217),
    Case("implied probability without MW", "HPC_IMPLIED_PROB", ("MARA",), "#NUM!"),
    Case("implied probability, text", "HPC_IMPLIED_PROB", ("RIOT", "x"), "#VALUE!"),
    Case("implied probability, error", "HPC_IMPLIED_PROB", ("RIOT", DIV), "#DIV/0!"),
    Case("implied value per MW", "HPC_IMPLIED_PER_MW", ("RIOT",), 11.739884281265127),
    Case("implied value per MW without probability", "HPC_IMPLIED_PER_MW", ("CLSK",), "#N/A"),
    Case("implied value per MW, error", "HPC_IMPLIED_PER_MW", ("RIOT", DIV), "#DIV/0!"),
    Case("implied value per MW, text", "HPC_IMPLIED_PER_MW", ("RIOT", "x"), "#VALUE!"),
    Case("solve for several inputs", "HPC_SOLVE", ("RIOT", [["other_value", "hpc_probability", "nothing", "target_date"]], 19.0),
         [[2602.682235664339, "#NUM!", "#N/A", "#VALUE!"]]),
    Case("solve, text for a target", "HPC_SOLVE", ("RIOT", "btc_price", "x"), "#VALUE!"),
    Case("solve, error", "HPC_SOLVE", ("RIOT", "btc_price", DIV), "#DIV/0!"),
    Case("lease value", "HPC_LEASE_VALUE", (0.1,), 7.997680634158938),
    Case("lease value, margin above one", "HPC_LEASE_VALUE", (0.1, OMITTED, OMITTED, 1.2), "#NUM!"),
    Case("lease value, broken years", "HPC_LEASE_VALUE", (0.1, *[OMITTED] * 7, [[20.0, 19.5]]), [[7.997680634158938, "#NUM!"]]),
    Case("lease value, text", "HPC_LEASE_VALUE", ("x",), "#VALUE!"),
    Case("lease value, error", "HPC_LEASE_VALUE", (DIV,), "#DIV/0!"),
    Case("lease returns", "HPC_LEASE_RETURN", ([[4.8, -5.0, "x"]],), [[0.12988696017875412, "#NUM!", "#VALUE!"]]),
    Case("lease return, error", "HPC_LEASE_RETURN", (DIV,), "#DIV/0!"),
    Case("lease return, blank", "HPC_LEASE_RETURN", ([[BLANK, 4.8]],), [["#N/A", 0.12988696017875412]]),
    Case("cloud value", "HPC_CLOUD_VALUE", (), 9.33613223990983),
    Case("cloud value, utilisation above one", "HPC_CLOUD_VALUE", (0.1, 2.5, 1.5), "#NUM!"),
    Case("cloud value, text", "HPC_CLOUD_VALUE", ("x",), "#VALUE!"),
    Case("cloud value, error", "HPC_CLOUD_VALUE", (DIV,), "#DIV/0!"),
    Case("deal metrics", "HPC_DEAL", ("cifr-fluidstack-barber-lake", [["revenue_per_critical_mw_year", "backstop_to_revenue_with_extensions", "nothing"]]),
         [[3000 / 10 / 168, 0.2, "#N/A"]]),
    Case("deal, unknown", "HPC_DEAL", ("CIFR-nobody", "noi_low"), "#N/A"),
    Case("deal, error", "HPC_DEAL", (DIV, "noi_low"), "#DIV/0!"),
    Case("deals of a miner without any", "HPC_DEALS", ("RIOT",), "#N/A"),
    Case("deals, range", "HPC_DEALS", ([["RIOT", "CIFR"]],), "#VALUE!"),
    Case("deals, error", "HPC_DEALS", (DIV,), "#DIV/0!"),
    Case("sites of nobody", "HPC_SITES", ("NOBODY",), "#N/A"),
    Case("sites, error", "HPC_SITES", (DIV,), "#DIV/0!"),
    Case("series of a period", "HPC_SERIES", ("aggregate_market_cap", [["2025-08", "1999"]]), [[39.1, "#N/A"]]),
    Case("series, ambiguous scope", "HPC_SERIES", ("gross_to_critical_ratio",), "#N/A"),
    Case("series, unknown", "HPC_SERIES", ("weather",), "#N/A"),
    Case("series, error", "HPC_SERIES", (DIV,), "#DIV/0!"),
    Case("sensitivity of the option", "HPC_SENSITIVITY", ("RIOT", [[0.0], [0.5], [2.0]], [[300.0, 1000.0]], "option"),
         [["option", 300.0, 1000.0], [0.0, 0.0, 0.0], [0.5, 922.5, 2460.0], [2.0, "#NUM!", "#NUM!"]]),
    Case("sensitivity, text on an axis", "HPC_SENSITIVITY", ("RIOT", [["x"]], 300.0), "#VALUE!"),
    Case("sensitivity, a number beyond all bounds on an axis", "HPC_SENSITIVITY", ("RIOT", 0.5, [["1e999"]]), "#NUM!"),
    Case("sensitivity, unknown output", "HPC_SENSITIVITY", ("RIOT", 0.5, 300.0, "luck"), "#VALUE!"),
    Case("sensitivity, error on an axis", "HPC_SENSITIVITY", ("RIOT", DIV, 300.0), "#DIV/0!"),
    Case("sensitivity, blank on an axis", "HPC_SENSITIVITY", ("RIOT", [[0.5], [BLANK]], 300.0), "#N/A"),
    Case("tornado of nobody", "HPC_TORNADO", ("NOBODY",), "#N/A"),
    Case("tornado without facts", "HPC_TORNADO", ("WULF",), "#N/A"),
    Case("tornado, range", "HPC_TORNADO", ([["RIOT", "IREN"]],), "#VALUE!"),
    Case("tornado, error", "HPC_TORNADO", (DIV,), "#DIV/0!"),
]  # fmt: skip


def approximately(expected: Any) -> Any:
    """Give an expectation that forgives a number its last digits."""
    if isinstance(expected, list):
        return [[approximately(cell) for cell in row] for row in expected]
    return pytest.approx(expected, rel=1e-13) if isinstance(expected, float) else expected


def shown(value: Any) -> Any:
    """Give what a cell shows: errors as their codes."""
    if isinstance(value, list):
        return [[shown(cell) for cell in row] for row in value]
    return value.code if isinstance(value, ErrorValue) else value


every_case = pytest.mark.parametrize(
    "case", CASES, ids=lambda case: f"{case.function}: {case.shows}"
)
