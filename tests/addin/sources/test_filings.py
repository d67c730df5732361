"""Filings: cash and shares as the SEC records them, over a book, beside a book, and fetched.

`edgar/` holds real answers of the SEC on CleanSpark as recorded in May 2021, cut to the two tags
that are read and to reports filed since December 2019. Other figures here are made up, in the
SEC's documented format.
"""

from __future__ import annotations

import json
import os
import shutil
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from click.testing import CliRunner

from addin.boundary.desk import Desk
from addin.cli import main
from addin.closed.refresh import refresh
from addin.sources import described, sec, tables_from
from addin.sources.chosen import choose_source, chosen_source
from addin.sources.compared import differences
from addin.sources.edgar import filings, to_confirm
from addin.sources.sec import Sec
from tests.places import RECORDED
from tests.valuation_core.book_files import add_rows
from valuation_core import ValuationError
from valuation_core.book.book import Book, shipped_tables
from workbook.refresh.decide import RefreshError

AUGUST = {"accn": "0000000000-25-000008", "form": "10-Q", "filed": "2025-08-07"}
"""A made-up report."""


def figure(end, val, **filing):
    return {"end": end, "val": val, **AUGUST, **filing}


@pytest.fixture
def made_up(tmp_path):
    """Give a folder with made-up filings of CleanSpark, to be written by tag."""

    def write(**tags):
        folder = tmp_path / "filings"
        folder.mkdir()
        shutil.copy(RECORDED / "company_tickers.json", folder)
        facts = {"dei": {}, "us-gaap": {}}
        for tag, (unit, rows) in tags.items():
            facts["dei" if tag.startswith("Entity") else "us-gaap"][tag] = {"units": {unit: rows}}
        text = json.dumps({"cik": 827876, "entityName": "CleanSpark, Inc.", "facts": facts})
        (folder / "CIK0000827876.json").write_text(text)
        return folder

    return write


def cash(*rows):
    return {"CashAndCashEquivalentsAtCarryingValue": ("USD", list(rows))}


def shares(*rows):
    return {"EntityCommonStockSharesOutstanding": ("shares", list(rows))}


def of(found, metric):
    return [(one.as_of.isoformat(), one.value) for one in found if one.subject == metric]


def test_each_report_gives_the_shares_of_its_cover_and_the_cash_of_its_own_balance_day():
    found = filings(RECORDED, ["CLSK"])
    assert of(found, "shares_basic")[-2:] == [("2021-02-10", 24.232523), ("2021-05-06", 34.017796)]
    assert of(found, "cash") == [
        ("2019-12-31", 6.376557),
        ("2020-03-31", 4.50651),
        ("2020-06-30", 1.955776),
        ("2020-09-30", 3.126202),
        ("2020-12-31", 25.631913),
        ("2021-03-31", 157.274542),
    ]
    last = found[-1]
    assert (last.known_on, last.form, last.accession) == (
        date(2021, 5, 6),
        "10-Q",
        "0001663577-21-000230",
    )
    assert last.source == (
        "https://www.sec.gov/Archives/edgar/data/827876/000166357721000230/"
        "0001663577-21-000230-index.htm"
    )


def test_a_wrong_column_of_an_earlier_period_is_never_read():
    """The report of February 2021 shows the cash of September 2019 under September 2018."""
    text = (RECORDED / "CIK0000827876.json").read_text()
    assert '"end":"2018-09-30","val":7838857' in text
    assert "2018-09-30" not in [day for day, _ in of(filings(RECORDED, ["CLSK"]), "cash")]


def test_an_amendment_counts_from_its_own_day_and_a_repeated_figure_from_the_first(made_up):
    folder = made_up(
        **cash(
            figure("2025-03-31", 10e6, accn="1", filed="2025-05-08"),
            figure("2025-03-31", 12e6, accn="2", filed="2025-05-20", form="10-Q/A"),
            figure("2025-06-30", 20e6, accn="3", filed="2025-08-07"),
            figure("2025-06-30", 20e6, accn="4", filed="2025-08-11", form="10-Q/A"),
        )
    )
    found = filings(folder, ["CLSK"])
    assert [(one.value, one.known_on.isoformat()) for one in found] == [
        (12.0, "2025-05-20"),
        (20.0, "2025-08-07"),
    ]


def test_what_is_no_plain_figure_of_a_report_is_left_out(made_up):
    two_classes = [figure("2025-08-01", 200e6), figure("2025-08-01", 50e6)]
    wrong_year = figure("2011-06-29", 30e6, accn="5", filed="2012-05-21")
    of_a_prospectus = figure("2025-05-01", 280e6, accn="6", form="S-1")
    none = figure("2025-02-01", 0, accn="7", filed="2025-02-05")
    folder = made_up(**shares(*two_classes, wrong_year, of_a_prospectus, none))
    assert filings(folder, ["CLSK"]) == []


def test_over_a_book_a_filing_is_a_row_with_its_days_and_its_address(made_up):
    folder = made_up(**cash(figure("2025-08-31", 50e6, filed="2025-09-20")))
    tables = tables_from(f"book+edgar:{folder}")
    fact = Book.at(tables, date(2025, 9, 26)).fact("CLSK", "cash")
    assert (fact.value, fact.as_of, fact.confidence) == (50.0, date(2025, 8, 31), "high")
    assert "/827876/" in fact.source
    assert Book.at(tables, date(2025, 9, 19)).number("CLSK", "cash") == 34.6
    assert described(f"book+edgar:{folder}") == f"the shipped book with filings of {folder}"


def test_of_one_day_the_rounded_row_stays_and_another_figure_gives_way(made_up):
    folder = made_up(
        **cash(figure("2025-06-30", 34_557_000)),
        **shares(figure("2025-08-14", 281_000_000, filed="2025-08-15")),
    )
    book = Book.at(tables_from(f"book+edgar:{folder}"), date(2025, 9, 26))
    assert book.fact("CLSK", "cash").value == 34.6  # 34.557 with one decimal
    assert book.fact("CLSK", "shares_basic").value == 281.0  # not the 280.94 of the book


def test_filings_that_no_date_of_the_book_can_reach_are_left_out():
    rows = list(tables_from(f"book+edgar:{RECORDED}")["inputs"].rows())
    days = [row["as_of"] for row in rows if row["metric"] == "cash" and row["scope"] == "CLSK"]
    assert min(days) == date(2021, 3, 31)


def test_debt_bitcoin_and_convertibles_are_shown_and_never_taken(made_up):
    folder = made_up(
        LongTermDebt=("USD", [figure("2025-06-30", 640e6)]),
        ConvertibleNotesPayable=("USD", [figure("2025-06-30", 650e6)]),
        CryptoAssetNumberOfUnits=("Bitcoin", [figure("2025-06-30", 12_608)]),
        NotesPayable=("USD", [figure("2020-06-30", 1e6, accn="9", filed="2020-08-07")]),
    )
    assert filings(folder, ["CLSK"]) == []
    assert [(one.subject, one.value, one.unit) for one in to_confirm(folder, ["CLSK"])] == [
        ("debt", 640e6, "USD"),
        ("convertibles", 650e6, "USD"),
        ("bitcoin", 12_608.0, "Bitcoin"),
    ]
    shown = CliRunner().invoke(main, ["compare", "CLSK", "--with", f"edgar:{folder}"])
    assert "Confirm by hand: never taken from filings" in shown.output
    tables = tables_from(f"book+edgar:{folder}")
    assert Book.at(tables, date(2025, 9, 26)) == Book.at(shipped_tables(), date(2025, 9, 26))


def test_compare_names_what_differs_and_by_how_much(made_up):
    """34.6 less 40 is -5.4, 13.5% less; 280.94 is 280,943,000 with two decimals."""
    folder = made_up(
        **cash(figure("2025-06-30", 40e6)),
        **shares(figure("2025-08-14", 280_943_000, filed="2025-08-15")),
    )
    book = Book.at(shipped_tables(), date(2025, 9, 26))
    (one,), agreeing = differences(book, filings(folder, ["CLSK"]))
    assert (one.filed.subject, one.stated, one.remark, agreeing) == ("cash", 34.6, "same day", 1)
    assert one.amount == pytest.approx(-5.4)
    assert one.share == pytest.approx(-0.135)


def test_compare_on_the_recorded_filings_names_cash_and_shares_of_cleanspark():
    arguments = ["compare", "CLSK", "--with", f"edgar:{RECORDED}", "--json"]
    found = json.loads(CliRunner().invoke(main, arguments).output)
    rows = {row["fact"]: row for row in found["Book and filings"]}
    assert rows["cash"]["book less filing"] == pytest.approx(34.6 - 157.274542)
    assert rows["shares_basic"]["book less filing"] == pytest.approx(280.94 - 34.017796)
    assert {row["which"] for row in rows.values()} == {"book is newer"}


def test_a_filing_not_yet_known_is_not_compared(made_up):
    folder = made_up(**cash(figure("2025-06-30", 40e6, filed="2025-10-01")))
    book = Book.at(shipped_tables(), date(2025, 9, 26))
    assert differences(book, filings(folder, ["CLSK"])) == ([], 0)


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("edgar:filings", "filings are no book: write book+edgar:filings"),
        ("book+edgar:nowhere", "nowhere/company_tickers.json is missing: hpcval fetch edgar"),
    ],
)
def test_a_source_without_book_or_files_is_refused(source, why):
    with pytest.raises(ValuationError, match=why.replace("+", r"\+")):
        tables_from(source)


def test_a_file_of_another_company_is_refused(made_up):
    folder = made_up()
    text = (folder / "CIK0000827876.json").read_text().replace("827876", "1167419")
    (folder / "CIK0000827876.json").write_text(text)
    with pytest.raises(ValuationError, match="not of the company numbered 827876"):
        filings(folder, ["CLSK"])


def test_filings_over_a_folder_can_be_chosen_for_refresh(folder, monkeypatch):
    add_rows(folder, ("CLSK", "cash", 50, "USD M", "", "2025-07-31", ""))
    monkeypatch.chdir(folder.parent)
    name, _ = choose_source(f"{folder.name}+edgar:{RECORDED}")
    assert chosen_source() == f"{folder}+edgar:{RECORDED}"
    assert name == f"folder {folder} with filings of {RECORDED}"
    book = Book.at(tables_from(chosen_source()), date(2025, 9, 26))
    assert book.number("CLSK", "cash") == 50


def test_a_refresh_adds_the_filings_that_a_model_lacks_and_refuses_another_figure_of_one_day(
    built, made_up
):
    folder = made_up(**cash(figure("2025-08-31", 50e6, filed="2025-09-20")))
    done = refresh(built, f"book+edgar:{folder}", Desk(), dry_run=True)
    added = {(one.thing, one.row.get("as_of")): one.row.get("value") for one in done.rows}
    assert added["CLSK cash", date(2025, 8, 31)] == 50.0
    text = (folder / "CIK0000827876.json").read_text().replace("2025-08-31", "2025-06-30")
    (folder / "CIK0000827876.json").write_text(text)
    with pytest.raises(RefreshError, match=r"CLSK cash\): value is '34.6' here and '50' there"):
        refresh(built, f"book+edgar:{folder}", Desk(), dry_run=True)


@pytest.fixture
def server():
    """Serve the recorded answers on the loopback, as the SEC's two hosts do."""
    asked = []

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append((self.path, self.headers["User-Agent"]))
            path = RECORDED / self.path.rpartition("/")[2]
            self.send_response(200 if path.exists() else 404)
            self.end_headers()
            if path.exists():
                self.wfile.write(path.read_bytes())

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as running:
        Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}", asked
        running.shutdown()


def ask(address, waited, **others):
    """Ask the loopback; the clock stands still, so that each wait is the whole second."""
    places = {"list_address": f"{address}/files", "facts_address": f"{address}/api", **others}
    return Sec("ann@bank.example", "9.9", clock=lambda: 0.0, wait=waited.append, **places)


def test_fetch_asks_once_a_second_by_name_and_only_for_what_is_not_of_today(server, tmp_path):
    address, asked = server
    waited = []
    done = list(ask(address, waited).fetch(tmp_path, ["CLSK", "RIOT"]))
    assert done == ["CLSK: CIK0000827876.json", "RIOT: not in the SEC's list of companies"]
    assert asked == [
        ("/files/company_tickers.json", "hpc-valuation/9.9 ann@bank.example"),
        ("/api/CIK0000827876.json", "hpc-valuation/9.9 ann@bank.example"),
    ]
    assert waited == [1.0]
    assert filings(tmp_path, ["CLSK"]) == filings(RECORDED, ["CLSK"])
    again = list(ask(address, waited).fetch(tmp_path, ["CLSK"]))
    assert again == ["CLSK: CIK0000827876.json is of today, not asked for again"]
    assert len(asked) == 2
    os.utime(tmp_path / "CIK0000827876.json", (0, 0))
    assert list(ask(address, waited).fetch(tmp_path, ["CLSK"])) == ["CLSK: CIK0000827876.json"]


def test_a_company_without_facts_is_told_and_a_server_that_is_gone_is_one_sentence(
    server, tmp_path
):
    address, _ = server
    for name in ("company_tickers.json", "CIK0000827876.json"):
        shutil.copyfile(RECORDED / name, tmp_path / name)
    numbers = {"0": {"cik_str": 1, "ticker": "RIOT", "title": "X"}}
    (tmp_path / "company_tickers.json").write_text(json.dumps(numbers))
    assert list(ask(address, []).fetch(tmp_path, ["RIOT"])) == [
        "RIOT: the SEC has no company facts of it"
    ]
    gone = ask(address, [], facts_address="http://127.0.0.1:1")
    with pytest.raises(ValuationError, match=r"127\.0\.0\.1:1/CIK0000000001\.json cannot be reach"):
        list(gone.fetch(tmp_path, ["RIOT"]))
    assert not list(tmp_path.glob("*.half"))


def test_the_command_fetches_into_a_folder_that_compare_reads(server, tmp_path, monkeypatch):
    address, _ = server
    monkeypatch.setattr(sec, "BETWEEN", 0.0)
    monkeypatch.setattr(Sec.__init__, "__defaults__", (
        address, address, *Sec.__init__.__defaults__[2:]
    ))  # fmt: skip
    out = tmp_path / "filings"
    arguments = ["fetch", "edgar", "CLSK", "--contact", "ann@bank.example", "--out", str(out)]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    assert result.output.splitlines()[0] == "CLSK: CIK0000827876.json"
    assert CliRunner().invoke(main, ["compare", "--with", f"edgar:{out}"]).exit_code == 0


@pytest.mark.parametrize("contact", ["ann", "ann@", "ann@bank.example\r\nHost: x", "@bank.example"])
def test_a_contact_that_is_no_address_is_refused_before_anything_is_asked(contact, tmp_path):
    arguments = ["fetch", "edgar", "--contact", contact, "--out", str(tmp_path / "filings")]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1
    assert "must be your mail address" in result.output
    assert not (tmp_path / "filings").exists()


def test_the_only_hosts_are_the_secs_own():
    assert (sec.LIST, sec.FACTS) == (
        "https://www.sec.gov/files",
        "https://data.sec.gov/api/xbrl/companyfacts",
    )
