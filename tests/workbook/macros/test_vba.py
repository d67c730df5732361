"""Macro projects: read back by olefile in strict mode and by olevba, which share no code with ours."""

from __future__ import annotations

import io
import random
import re
import struct
import zipfile
from pathlib import Path

import olefile
import pytest
import xlwings
from hypothesis import given, settings
from hypothesis import strategies as st
from oletools.olevba import VBA_Parser, decompress_stream

from workbook.macros.compound_file import MacroError, compound_file
from workbook.macros.compression import CHUNK, compress
from workbook.macros.project import VbaModule, obfuscate, vba_project

TWICE = VbaModule("Tools", "Public Function TWICE(x)\n    TWICE = 2 * x\nEnd Function\n")
ALWAYS_SHRINKS = 3640
"""Bytes without any repetition that still fit a chunk: one flag byte for eight bytes, 3640 x 9/8 = 4095."""


def open_strictly(data):
    return olefile.OleFileIO(io.BytesIO(data), raise_defects=olefile.DEFECT_UNSURE)


def sources(data):
    parser = VBA_Parser("vbaProject.bin", data=data)
    return {stream.split("/")[1]: code for _, stream, _, code in parser.extract_macros()}


def long_module(lines):
    rng = random.Random(lines)
    body = "\n".join(
        f"    x({i}) = {rng.random()} ' note {rng.getrandbits(64):x}" for i in range(lines)
    )
    return VbaModule("Lengthy", f"Sub Fill()\n{body}\nEnd Sub\n")


# compression


@st.composite
def streams(draw):
    """Any bytes over several chunks; the last one short enough to shrink whatever it holds."""
    size = CHUNK * draw(st.integers(0, 3)) + draw(st.integers(0, ALWAYS_SHRINKS))
    letters = draw(st.sampled_from([b"a", b"ab", b"abc \r\n", bytes(range(256))]))
    rng = random.Random(draw(st.integers(0, 2**32)))
    word = bytes(rng.choices(letters, k=rng.randint(1, 300)))
    pieces = b"".join(
        word[: rng.randint(1, 300)] if rng.random() < 0.3 else bytes(rng.choices(letters, k=9))
        for _ in range(size // 4)
    )
    noise = bytes(rng.choices(letters, k=size))
    return draw(st.sampled_from([pieces[:size], noise]))


@given(streams())
def test_what_is_compressed_comes_back(data):
    assert bytes(decompress_stream(bytearray(compress(data)))) == data


@pytest.mark.parametrize("text", ["", "a", "ab" * 5000, "Option Explicit\r\n" * 4000])
def test_texts_at_the_edges_come_back(text):
    data = text.encode()
    assert bytes(decompress_stream(bytearray(compress(data)))) == data
    assert len(compress(data)) < 20 + len(data) / 10


def test_a_chunk_of_noise_is_stored_whole():
    noise = random.Random(1).randbytes(2 * CHUNK)
    assert len(compress(noise)) == 1 + 2 * (2 + CHUNK)
    assert bytes(decompress_stream(bytearray(compress(noise)))) == noise


def test_a_last_chunk_of_noise_is_refused_rather_than_filled_up():
    with pytest.raises(MacroError, match="does not look like program text"):
        compress(random.Random(1).randbytes(CHUNK - 1))


# the container


@given(
    st.dictionaries(
        st.text("abcXYZ", min_size=1, max_size=8).map(str.upper), st.integers(0, 9000), max_size=40
    )
)
def test_every_stream_is_read_back_and_the_directory_is_a_red_black_tree(sizes):
    tree = {name: bytes([len(name)]) * size for name, size in sizes.items()}
    ole = open_strictly(compound_file({**tree, "folder_one": {"inner": b"x" * 5000, "Z": b""}}))
    for name, content in tree.items():
        assert ole.openstream(name).read() == content
    assert ole.openstream("folder_one/inner").read() == b"x" * 5000
    assert ole.openstream("folder_one/Z").read() == b""
    for entry in (ole.root, ole.root.kids_dict["folder_one"]):
        names = list(in_order(ole.direntries, entry.sid_child))
        assert names == sorted(names, key=lambda name: (len(name), name.upper()))
        assert len(names) == len(entry.kids)
        assert black_height(ole.direntries, entry.sid_child) >= 1


@pytest.mark.parametrize("sectors", range(120, 132))
def test_the_allocation_table_grows_where_its_first_sector_is_full(sectors):
    content = bytes(range(256)) * 2 * sectors
    data = compound_file({"a": content})
    ole = open_strictly(data)
    assert ole.openstream("a").read() == content
    assert ole.num_fat_sectors == -(-(len(data) // 512 - 1) // 128)  # a number for each sector


def in_order(entries, number):
    if number != olefile.NOSTREAM:
        yield from in_order(entries, entries[number].sid_left)
        yield entries[number].name
        yield from in_order(entries, entries[number].sid_right)


def black_height(entries, number, parent_is_red=True):
    """Count the black nodes on the way down, the same on every way; red has no red child."""
    if number == olefile.NOSTREAM:
        return 1
    entry = entries[number]
    red = entry.color == 0
    assert not (red and parent_is_red)
    left = black_height(entries, entry.sid_left, red)
    assert left == black_height(entries, entry.sid_right, red)
    return left + (not red)


@pytest.mark.parametrize("name", ["a/b", "", "x" * 32])
def test_a_stream_without_a_proper_name_is_refused(name):
    with pytest.raises(MacroError, match="cannot name a stream"):
        compound_file({name: b""})


def test_streams_that_differ_only_in_case_are_refused():
    with pytest.raises(MacroError, match="differ only in case"):
        compound_file({"a": b"", "A": b""})


def test_a_project_beyond_what_the_header_can_list_is_refused():
    room = 109 * 128 * 512
    assert (
        open_strictly(compound_file({"a": bytes(room - 120 * 512)})).get_size("a")
        == room - 120 * 512
    )
    with pytest.raises(MacroError, match="7 MB"):
        compound_file({"a": bytes(room)})


# the project


@pytest.fixture(scope="module")
def modules():
    return [
        VbaModule("ThisWorkbook", "Private Sub Workbook_Open()\nEnd Sub\n", "document"),
        VbaModule("Sheet1", "", "document"),
        TWICE,
        long_module(3000),
        VbaModule("Counter", "Public total As Double\n' Zürich, 5 €\n", "class"),
    ]


def test_olevba_returns_every_source_intact(modules):
    found = sources(vba_project(modules))
    assert len(long_module(3000).text) > 30 * CHUNK
    assert found == {module.name: module.text for module in modules}


@settings(max_examples=30)
@given(
    st.text(st.characters(codec="cp1252", categories=["L", "N", "P", "Zs", "S"]), max_size=900),
    st.integers(1, 60),
)
def test_any_line_of_the_code_page_comes_back(line, times):
    module = VbaModule("Notes", f"'{line[:900]}.\n" * times)
    assert sources(vba_project([module]))["Notes"] == module.text


def test_the_project_lists_its_modules_and_locks_nothing(modules):
    ole = open_strictly(vba_project(modules))
    text = ole.openstream("PROJECT").read().decode("cp1252")
    assert re.findall(r"^(Document|Module|Class)=(\w+)", text, re.MULTILINE) == [
        ("Document", "ThisWorkbook"),
        ("Document", "Sheet1"),
        ("Module", "Tools"),
        ("Module", "Lengthy"),
        ("Class", "Counter"),
    ]
    project_id = re.search(r'ID="({.*})"', text)[1]
    plain = {
        key: reveal(re.search(rf'{key}="(\w+)"', text)[1], project_id)
        for key in ("CMG", "DPB", "GC")
    }
    assert plain == {"CMG": bytes(4), "DPB": bytes(1), "GC": b"\xff"}
    assert ole.openstream("VBA/_VBA_PROJECT").read() == bytes.fromhex("CC61FFFF000000")


def reveal(text, project_id):
    """Undo the obfuscation as [MS-OVBA] 2.4.3.3 describes it; checks version, key and length."""
    seed, version, key, *rest = bytes.fromhex(text)
    assert seed ^ version == 2
    assert seed ^ key == sum(project_id.encode()) % 256
    plain, before, last, previous = [], version, key, seed ^ key
    for byte in rest:
        previous = byte ^ ((before + previous) & 0xFF)
        plain.append(previous)
        before, last = last, byte
    body = bytes(plain[(seed & 6) // 2 :])
    assert int.from_bytes(body[:4], "little") == len(body) - 4
    return body[4:]


def test_the_reader_of_protection_values_reads_what_excel_wrote():
    """Values of an unprotected project that Excel itself saved."""
    project_id = "{E2E0E410-BF04-4DC5-BDD2-D3FBBA8B7D37}"
    assert reveal("A7A58C2B7CDD73E173E173E173E1", project_id) == bytes(4)
    assert reveal("A2A089308531853185", project_id) == bytes(1)
    assert reveal("9D9FB6314A2D4B2D4BD2", project_id) == b"\xff"


@given(st.binary(max_size=30), st.uuids())
def test_protection_values_are_read_back(data, number):
    project_id = f"{{{number}}}".upper()
    assert reveal(obfuscate(data, project_id), project_id) == data


def test_the_dir_stream_names_references_and_modules(modules):
    ole = open_strictly(vba_project(modules, "Desk"))
    records = bytes(decompress_stream(bytearray(ole.openstream("VBA/dir").read())))
    for library in (
        b"{00020430-0000-0000-C000-000000000046}",
        b"{2DF8D04C-5BFA-101B-BDE5-00AA0044DE52}",
    ):
        assert records.count(library) == 1
    assert b"\x04\x00\x04\x00\x00\x00Desk" in records
    assert records.count(b"\x22\x00\x00\x00\x00\x00\x2b\x00") == 3  # two documents and a class
    assert records.count(b"\x21\x00\x00\x00\x00\x00\x2b\x00") == 2


# beside what Excel itself saved


@pytest.fixture(scope="module")
def saved_by_excel():
    """The macro project of a workbook that Excel saved and xlwings ships."""
    path = Path(xlwings.__file__).with_name("quickstart.xlsm")
    return zipfile.ZipFile(path).read("xl/vbaProject.bin")


def test_document_modules_begin_as_excel_writes_them(modules, saved_by_excel):
    theirs = sources(saved_by_excel)
    assert VbaModule("ThisWorkbook", "", "document").text == theirs["ThisWorkbook"]
    assert VbaModule("Sheet1", "", "document").text == theirs["Sheet1"]


def test_the_dir_stream_has_the_records_of_excel_in_its_order(saved_by_excel):
    """But for the compatibility record (4A), which may be left out, and its other references."""
    documents = [VbaModule(name, "", "document") for name in ("ThisWorkbook", "Sheet1")]
    ours = records(vba_project([*documents, TWICE, VbaModule("Sheet2", "", "document")]))
    theirs = records(saved_by_excel)
    start, references = theirs.index(0x0F), theirs.index(0x16)
    assert ours[ours.index(0x0F) :] == theirs[start:]  # modules
    assert ours[: ours.index(0x16)] == [number for number in theirs[:references] if number != 0x4A]
    assert ours[ours.index(0x16) : ours.index(0x0F)] == [0x16, 0x3E, 0x0D] * 2


def records(project):
    """Give the identifiers of the records of a dir stream."""
    data = bytes(decompress_stream(bytearray(open_strictly(project).openstream("VBA/dir").read())))
    found, position = [], 0
    while position < len(data):
        identifier, size = struct.unpack_from("<HI", data, position)
        found.append(identifier)
        position += 6 + (6 if identifier == 0x09 else size)  # the version states 4 and holds 6
    assert position == len(data)
    return found


def test_the_same_modules_give_the_same_bytes(modules):
    assert vba_project(modules) == vba_project(list(modules))
    assert vba_project(modules) != vba_project(modules[:-1])


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_lines_end_as_in_windows(ends):
    assert (
        VbaModule("A", ends.join(["x", "", "y"]) + ends).text
        == 'Attribute VB_Name = "A"\r\nx\r\n\r\ny\r\n'
    )


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ('x\ny = "→"', "module Bad, line 3: code page 1252 has no '→'"),
        ("x\0", "line 2: has a control character"),
        ("'" + "x" * 1023, "line 2: longer than 1023 characters"),
        ("f( _\n" * 25 + ")", "line 26: more than 24 continued lines"),
        ('Attribute VB_Name = "Other"', "line 2: the attributes of a module are written for it"),
    ],
)
def test_source_that_excel_would_not_read_is_refused_with_its_line(source, message):
    with pytest.raises(MacroError, match=re.escape(message)):
        vba_project([VbaModule("Bad", source)])


def test_source_at_the_limits_is_taken():
    source = "'" + "x" * 1022 + "\n" + "f( _\n" * 24 + ")"
    assert sources(vba_project([VbaModule("Good", source)]))["Good"].count("\r\n") == 27


@pytest.mark.parametrize(
    "name", ["", "1a", "a b", "x" * 32, "Ünter", "dir", "Excel", "stdole", "_x"]
)
def test_a_name_that_vba_does_not_take_is_refused(name):
    with pytest.raises(MacroError, match="cannot name a module"):
        vba_project([VbaModule(name, "")])


def test_a_name_used_twice_is_refused():
    with pytest.raises(MacroError, match="'TOOLS' is used twice"):
        vba_project([TWICE, VbaModule("TOOLS", "")])
    with pytest.raises(MacroError, match="'Tools' is used twice"):
        vba_project([TWICE], "tools")
