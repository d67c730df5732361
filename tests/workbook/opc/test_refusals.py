"""Workbooks that are not touched: the reason is said, and the file stays as it was."""

from __future__ import annotations

import errno
import os
import shutil
import zipfile
from collections import namedtuple

import olefile
import pytest

from tests.workbook import analysts
from tests.workbook.packages import digest, entries
from workbook.attach.attach import attach
from workbook.attach.detach import detach
from workbook.errors import WorkbookError
from workbook.macros.compound_file import compound_file
from workbook.opc import raw_zip as raw
from workbook.opc import replace
from workbook.opc.package import write_parts


@pytest.fixture
def path(tmp_path):
    return analysts.write(tmp_path / "model.xlsx", analysts.plain, analysts.formats)


def with_text(path, part, old, new):
    parts = entries(path)
    assert old in parts[part]
    write_parts(path, {**parts, part: parts[part].replace(old, new)})


def strict(path):
    old = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    with_text(path, "xl/workbook.xml", old, b"http://purl.oclc.org/ooxml/spreadsheetml/main")


def structure(path):
    with_text(
        path, "xl/workbook.xml", b"<bookViews", b'<workbookProtection lockStructure="1"/><bookViews'
    )


def from_1904(path):
    with_text(path, "xl/workbook.xml", b"<workbookPr ", b'<workbookPr date1904="1" ')


def as_displayed(path):
    with_text(path, "xl/workbook.xml", b"<calcPr ", b'<calcPr fullPrecision="0" ')


def binary(path):
    old = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    new = b"application/vnd.ms-excel.sheet.binary.macroEnabled.main"
    with_text(path, "[Content_Types].xml", old, new)


def doctype(path):
    old = b"<worksheet "
    new = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><worksheet '
    with_text(path, "xl/worksheets/sheet2.xml", old, new)


def signed(path):
    parts = entries(path)
    kind = b"http://schemas.openxmlformats.org/package/2006/relationships/digital-signature/origin"
    way = b'<Relationship Id="rIdS" Type="' + kind + b'" Target="_xmlsignatures/origin.sigs"/></R'
    parts["_rels/.rels"] = parts["_rels/.rels"].replace(b"</R", way)
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(
        b"<Override",
        b'<Default Extension="sigs" ContentType="application/octet-stream"/><Override',
        1,
    )
    write_parts(path, {**parts, "_xmlsignatures/origin.sigs": b""})


def signed_in_its_folder_alone(path):
    write_parts(path, {**entries(path), "_XmlSignatures/origin.xml": b"<x/>"})


def signed_by_a_relation_alone(path):
    kind = b"http://schemas.openxmlformats.org/package/2006/relationships/digital-signature/origin"
    way = b'<Relationship Id="rIdS" Type="' + kind + b'" Target="signed/origin.xml"/></R'
    with_text(path, "_rels/.rels", b"</R", way)
    write_parts(path, {**entries(path), "signed/origin.xml": b"<x/>"})


def structure_in_words(path):
    with_text(
        path,
        "xl/workbook.xml",
        b"<bookViews",
        b'<workbookProtection lockStructure="true"/><bookViews',
    )


def from_1904_in_words(path):
    with_text(path, "xl/workbook.xml", b"<workbookPr ", b'<workbookPr date1904="true" ')


def as_displayed_in_words(path):
    with_text(path, "xl/workbook.xml", b"<calcPr ", b'<calcPr fullPrecision="false" ')


def cut_off(path):
    path.write_bytes(path.read_bytes()[:-30])


def flipped(path):
    with zipfile.ZipFile(path) as archive:
        entry = archive.getinfo("xl/worksheets/sheet2.xml")
    data = bytearray(path.read_bytes())
    data[entry.header_offset + 30 + len(entry.filename) + entry.compress_size // 2] ^= 0xFF
    path.write_bytes(data)


def twice(path):
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("xl/workbook.xml", b"<workbook/>")


def bomb(path):
    parts = entries(path)
    write_parts(path, {**parts, "xl/media/image1.png": b"\0" * (17 * 1024 * 1024)})


def old_format(path):
    path.write_bytes(olefile.MAGIC + b"\0" * 2000)


def no_workbook(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", b"hello")


def text(path):
    path.write_text("a;b\n")


def open_in_excel(path):
    path.with_name(f"~${path.name}").write_bytes(b"Ann")


def open_in_libreoffice(path):
    path.with_name(f".~lock.{path.name}#").write_bytes(b"Ann")


REFUSED = {
    strict: "strict Open XML",
    structure: "structure of model.xlsx is protected",
    from_1904: "counts dates from 1904",
    as_displayed: "precision as displayed",
    binary: r"binary workbook \(.xlsb\)",
    doctype: "declares a document type",
    structure_in_words: "structure of model.xlsx is protected",
    from_1904_in_words: "counts dates from 1904",
    as_displayed_in_words: "precision as displayed",
    signed: "digitally signed.*--break-signature",
    signed_in_its_folder_alone: "digitally signed.*--break-signature",
    signed_by_a_relation_alone: "digitally signed.*--break-signature",
    cut_off: "is damaged or not an Excel workbook",
    flipped: "is damaged: xl/worksheets/sheet2.xml",
    twice: "holds a part twice",
    bomb: "is a zip bomb: xl/media/image1.png",
    old_format: "old .xls format",
    no_workbook: "not an Excel workbook",
    text: "not an Excel workbook",
    open_in_excel: r"is open in another program.*delete ~\$model.xlsx",
    open_in_libreoffice: "is open in another program",
}


@pytest.mark.parametrize("spoil", REFUSED, ids=lambda spoil: spoil.__name__)
def test_it_is_refused_with_the_reason_and_stays_as_it_was(spoil, path, ours):
    spoil(path)
    before, names = digest(path), sorted(path.parent.iterdir())
    with pytest.raises(WorkbookError, match=REFUSED[spoil]):
        attach(path, ours)
    assert digest(path) == before
    assert sorted(path.parent.iterdir()) == names, "nothing is left behind"


def test_an_encrypted_workbook_is_named_as_such(path, ours):
    path.write_bytes(compound_file({"EncryptedPackage": b"x" * 5000, "EncryptionInfo": b"y"}))
    with pytest.raises(WorkbookError, match="is encrypted with a password"):
        attach(path, ours)


def test_a_workbook_that_unpacks_to_too_much_is_refused(path, ours, monkeypatch):
    monkeypatch.setattr(raw, "LARGEST_TOTAL", 1000)
    with pytest.raises(WorkbookError, match="unpacks to more than 2 GB"):
        attach(path, ours)


def test_a_signature_is_taken_off_when_told_and_comes_back_with_detach(path, ours):
    signed(path)
    before = digest(path)
    outcome = attach(path, ours, sheets=["Inputs"], break_signature=True)
    assert outcome.removed == ("_xmlsignatures/origin.sigs",)
    assert b"digital-signature" not in entries(path)["_rels/.rels"]
    assert detach(path).to_the_byte
    assert digest(path) == before


def test_a_full_disk_is_seen_before_anything_is_written(path, ours, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 10**9, 10**5))
    before = digest(path)
    with pytest.raises(WorkbookError, match="no room on the disk"):
        attach(path, ours)
    assert digest(path) == before


def test_a_disk_that_fills_up_meanwhile_leaves_nothing_behind(path, ours, monkeypatch):
    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(replace.os, "fsync", full)
    before, names = digest(path), sorted(path.parent.iterdir())
    with pytest.raises(WorkbookError, match="without room"):
        attach(path, ours)
    assert digest(path) == before
    assert sorted(path.parent.iterdir()) == names


@pytest.mark.skipif(
    os.name != "posix" or os.geteuid() != 0,
    reason="takes another user's rights: run it as root on Linux",
)
def test_a_read_only_folder_is_refused(path, ours):
    path.chmod(0o644)
    path.parent.chmod(0o555)
    before = digest(path)
    for folder in path.parents[:-2]:
        folder.chmod(folder.stat().st_mode | 0o055)
    os.seteuid(65534)
    try:
        with pytest.raises(WorkbookError, match="cannot be written"):
            attach(path, ours)
    finally:
        os.seteuid(0)
    assert digest(path) == before


def test_a_file_changed_meanwhile_is_left_to_the_other(path):
    def write(target):
        target.write(b"ours")
        path.write_bytes(b"theirs")

    with pytest.raises(WorkbookError, match="changed by another program meanwhile"):
        replace.replace_with_backup(path, write, 4, "before")
    assert path.read_bytes() == b"theirs"


def test_no_backup_is_ever_written_over(path):
    for content in (b"one", b"two"):
        replace.replace_with_backup(path, lambda target, c=content: target.write(c), 3, "before")
    first = path.with_name("model.before.xlsx")
    assert zipfile.is_zipfile(first)
    assert path.with_name("model.before-2.xlsx").read_bytes() == b"one"
    assert path.read_bytes() == b"two"


def test_nothing_is_detached_where_nothing_was_attached(path):
    with pytest.raises(WorkbookError, match="nothing of ours is attached"):
        detach(path)
