"""Workbooks such as analysts have, made by XlsxWriter: a file for each feature, and a rich one."""

import io
import shutil
import struct
import zlib
from pathlib import Path

import xlsxwriter
import xlwings
from openpyxl import Workbook

from workbook.macros.project import VbaModule, vba_project


def png():
    """A red dot."""

    def chunk(kind, data):
        body = kind + data
        return struct.pack(">L", len(data)) + body + struct.pack(">L", zlib.crc32(body))

    header = struct.pack(">2L5B", 1, 1, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0\xff\0\0")
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        (chunk(b"IHDR", header), chunk(b"IDAT", pixels), chunk(b"IEND", b""))
    )


def plain(book, sheet):
    sheet.write_row("A1", ["Revenue", 1.5, True])


def formats(book, sheet):
    for number, color in enumerate(("red", "green", "#1F2A44", "#FFFDE9")):
        form = book.add_format(
            {"bg_color": color, "num_format": f'0.0"x{number}"', "border": number, "bold": True}
        )
        sheet.write(number, 0, number + 0.5, form)
    sheet.set_column("C:C", 20, book.add_format({"italic": True, "num_format": "0.00%"}))
    sheet.set_row(7, 30, book.add_format({"bg_color": "yellow"}))


def conditional(book, sheet):
    sheet.write_column("A1", range(20))
    bad = book.add_format({"font_color": "red", "num_format": "0.000"})
    sheet.conditional_format("A1:A9", {"type": "cell", "criteria": ">", "value": 4, "format": bad})
    sheet.conditional_format("A1:A20", {"type": "data_bar", "data_bar_2010": True})
    sheet.conditional_format("A1:A20", {"type": "icon_set", "icon_style": "3_arrows"})


def sparklines(book, sheet):
    sheet.write_row("A1", [3, 1, 2])
    sheet.add_sparkline("D1", {"range": "Sheet1!A1:C1", "markers": True})


def drawings(book, sheet):
    sheet.insert_textbox("B2", "A note", {"fill": {"color": "#FFFDE9"}})
    sheet.insert_image("B9", "dot.png", {"image_data": io.BytesIO(png())})


def chart(book, sheet):
    sheet.write_column("A1", [1, 4, 9])
    for kind in ("line", "column", "pie"):
        made = book.add_chart({"type": kind})
        made.add_series({"values": "=Sheet1!$A$1:$A$3"})
        sheet.insert_chart("C2", made)


def chartsheet(book, sheet):
    sheet.write_column("A1", [1, 4, 9])
    made = book.add_chart({"type": "line"})
    made.add_series({"values": "=Sheet1!$A$1:$A$3"})
    book.add_chartsheet("Picture").set_chart(made)


def table(book, sheet):
    sheet.add_table(
        "A1:B4", {"columns": [{"header": "Miner"}, {"header": "MW"}], "data": [["RIOT", 600]]}
    )


def comments(book, sheet):
    sheet.write_comment("B2", "Ask Ann.")
    sheet.write_comment("B3", "Checked.", {"visible": True})


def validation(book, sheet):
    sheet.data_validation("A1", {"validate": "list", "source": ["OW", "N", "UW"]})


def names(book, sheet):
    book.define_name("Rate", "=Sheet1!$A$1")
    book.define_name("Sheet1!Local", "=Sheet1!$A$2")
    book.define_name("book", "=Sheet1!$A$3")


def outline(book, sheet):
    for row in range(1, 6):
        sheet.set_row(row, None, None, {"level": 1, "hidden": row > 3})
    sheet.set_column("B:D", None, None, {"level": 1})


def protected_sheet(book, sheet):
    sheet.protect("secret")
    sheet.write("A1", 1)


def printing(book, sheet):
    sheet.set_header("&LTop&R&D")
    sheet.print_area("A1:C9")
    sheet.repeat_rows(0)
    sheet.fit_to_pages(1, 0)
    sheet.set_h_pagebreaks([5])


def properties(book, sheet):
    book.set_properties({"title": "Model", "author": "Ann"})
    book.set_custom_property("Desk", "Equities")


def formulas(book, sheet):
    sheet.write_formula("A1", "=1+1", None, 2)
    sheet.write_array_formula("A2:A3", "{=ROW(A2:A3)}", None, 2)
    sheet.write_formula("A4", "=A1*2", None, 4)


def dynamic(book, sheet):
    sheet.write_column("A1", [3, 1, 2])
    sheet.write_dynamic_array_formula("B1:B3", "=_xlfn._xlws.SORT(A1:A3)", None, 1)


def rich_text(book, sheet):
    bold = book.add_format({"bold": True})
    sheet.write_rich_string("A1", "A ", bold, "bold", " word")


def hyperlinks(book, sheet):
    sheet.write_url("A1", "https://example.com/", string="source")
    sheet.write_url("A2", "internal:'Sheet1'!B5")


def merged(book, sheet):
    sheet.merge_range("A1:C1", "Head", book.add_format({"align": "center"}))
    sheet.freeze_panes(1, 1)
    sheet.autofilter("A3:C9")


def hidden(book, sheet):
    book.add_worksheet("Kept away").hide()
    book.add_worksheet("Very").very_hidden()


def background(book, sheet):
    sheet.set_background(io.BytesIO(png()))
    sheet.set_header("&L&G", {"image_left": "dot.png", "image_data_left": io.BytesIO(png())})


def macros(book, sheet):
    documents = [VbaModule(name, "", "document") for name in ("ThisWorkbook", "Sheet1")]
    module = VbaModule("Desk", "Sub Hello()\nEnd Sub\n")
    book.add_vba_project(io.BytesIO(vba_project([*documents, module])), is_stream=True)
    book.set_vba_name("ThisWorkbook")
    sheet.set_vba_name("Sheet1")
    sheet.insert_button("E2", {"macro": "Hello"})


def manual(book, sheet):
    book.set_calc_mode("manual")
    sheet.write_formula("A1", "=NOW()", None, 45000)


def windows(book, sheet):
    other = book.add_worksheet("Other")
    other.activate()
    other.set_first_sheet()
    other.set_tab_color("red")


def checkboxes(book, sheet):
    sheet.insert_checkbox("A1", True)


def odd_names(book, sheet):
    book.add_worksheet('Ann\'s "P&L" <new>')
    book.add_worksheet("日本")


FEATURES = [
    plain, formats, conditional, sparklines, drawings, chart, chartsheet, table, comments,
    validation, names, outline, protected_sheet, printing, properties, formulas, dynamic,
    rich_text, hyperlinks, merged, hidden, background, macros, manual, windows, checkboxes,
    odd_names,
]  # fmt: skip


def write(path, *features, **options):
    """Write a workbook with a sheet for each feature."""
    with xlsxwriter.Workbook(path, options) as book:
        for feature in features:
            feature(book, book.add_worksheet())
    return path


RICH = (
    formats, conditional, drawings, table, comments, validation, outline, printing, properties,
    formulas, dynamic, rich_text, hyperlinks, merged, background, chartsheet,
)  # fmt: skip
"""Together more than 40 parts."""


def by_openpyxl(path):
    """A workbook as openpyxl leaves it."""
    book = Workbook()
    book.active.title = "Model"
    book.active["A1"], book.active["B1"] = 600, "=A1*2"
    book.save(path)
    return path


def shipped(name):
    return Path(xlwings.__file__).parent / name


WRITTEN = {feature.__name__: (feature,) for feature in FEATURES}
CORPUS = [*WRITTEN, "rich", "by_openpyxl", "quickstart.xlsm", "quickstart_standalone.xlsm"]


def make(name, folder):
    """Write a workbook of the corpus."""
    if name.endswith(".xlsm"):
        return Path(shutil.copy(shipped(name), folder / name))
    suffix = ".xlsm" if name == "macros" else ".xlsx"
    path = folder / f"{name}{suffix}"
    if name == "by_openpyxl":
        return by_openpyxl(path)
    if name == "rich":
        return write(path, *RICH)
    return write(path, *WRITTEN[name])
