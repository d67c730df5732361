"""What goes into the setup program for Windows, and what is said where it cannot be made."""

from __future__ import annotations

import zipfile

import pytest

from tools import installer, windows_python
from tools.archives import MissingError


def package(folder, name, version, *lines):
    """What an installed package says of itself."""
    info = folder / f"{name}-{version}.dist-info"
    info.mkdir(parents=True)
    told = [f"Name: {name}", f"Version: {version}", *lines]
    (info / "METADATA").write_text("\n".join([*told, "", "About it."]), encoding="utf-8")
    return info


def test_the_packages_are_those_of_the_lock_file_and_what_windows_needs_beside_them():
    pins = windows_python.pinned()
    assert {"pywin32", "colorama", "numpy", "xlwings"} <= {pin.partition("==")[0] for pin in pins}
    assert all("==" in pin for pin in pins)
    other = windows_python.pinned("numpy==2.0.2")
    assert [pin for pin in other if pin not in pins] == ["numpy==2.0.2"]


def test_a_package_that_windows_needs_and_the_lock_file_lacks_is_missed(tmp_path):
    package(tmp_path, "click", "8.1", 'Requires-Dist: colorama; platform_system == "Windows"')
    with pytest.raises(MissingError, match="click needs colorama"):
        installer.check_needs(tmp_path, "cp312")
    package(tmp_path, "colorama", "0.4.6")
    installer.check_needs(tmp_path, "cp312")


def test_what_another_system_or_an_extra_needs_is_not_missed(tmp_path):
    needs = ['uvloop; sys_platform == "linux"', 'pytest; extra == "test"', 'tomli; python_version < "3.11"']  # fmt: skip
    package(tmp_path, "web", "1.0", *(f"Requires-Dist: {need}" for need in needs))
    installer.check_needs(tmp_path, "cp312")


def test_a_version_outside_the_range_is_missed(tmp_path):
    package(tmp_path, "pandas", "3.0", "Requires-Dist: numpy>=1.26")
    package(tmp_path, "numpy", "1.25")
    with pytest.raises(MissingError, match=r"numpy>=1.26, and 1.25 is there"):
        installer.check_needs(tmp_path, "cp312")


def test_licences_are_told_with_the_place_of_their_texts(tmp_path):
    info = package(tmp_path, "one", "1.0", "License-Expression: MIT")
    (info / "LICENSE.txt").write_text("MIT")
    package(tmp_path, "two", "2.0", "Classifier: License :: OSI Approved :: BSD License")
    package(tmp_path, "three", "3.0", "License: PSF")
    package(tmp_path, "four", "4.0")
    text = installer.licences(tmp_path)
    assert "one 1.0: MIT\n    Lib/site-packages/one-1.0.dist-info/LICENSE.txt\n" in text
    for line in ("two 2.0: BSD License", "three 3.0: PSF", "four 4.0: see its text"):
        assert f"\n{line}\n" in text


def test_another_embeddable_python_can_be_named(tmp_path):
    with zipfile.ZipFile(tmp_path / "python.zip", "w") as archive:
        archive.writestr("python313._pth", "python313.zip\n.\n")
    stage = tmp_path / "stage"
    assert installer.unpack_python(stage, tmp_path / "python.zip") == "cp313"
    lines = (stage / "python313._pth").read_text().splitlines()
    assert lines == ["python313.zip", ".", r"Lib\site-packages", "import site"]


def test_a_zip_that_is_no_embeddable_python_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.writestr("readme.txt", "")
    with pytest.raises(MissingError, match="no embeddable Python"):
        installer.unpack_python(tmp_path / "stage", tmp_path / "other.zip")


@pytest.mark.parametrize(("arguments", "status"), [((), 1), (("optional",), 0)])
def test_without_the_tool_it_says_loudly_what_to_install(monkeypatch, capsys, arguments, status):
    monkeypatch.setattr(installer.shutil, "which", lambda name: None)
    with pytest.raises(SystemExit) as ended:
        installer.main(*arguments)
    assert ended.value.code == status
    said = capsys.readouterr().out
    assert said.count(installer.BANNER) == 2
    assert "apt-get install nsis" in said
