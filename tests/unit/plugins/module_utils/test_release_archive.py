# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import io
import random
import tarfile
import zipfile

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import release_archive
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput


def archive(tmp_path, *members, mode="w"):
    path = tmp_path / "a.tar"
    with tarfile.open(path, mode) as tar:
        for name, options in members:
            member = tarfile.TarInfo(name)
            content = options.pop("content", b"x")
            for key, value in options.items():
                setattr(member, key, value)
            member.size = len(content) if member.isreg() else 0
            tar.addfile(member, io.BytesIO(content))
    return str(path)


def link(name, target):
    return name, {"type": tarfile.SYMTYPE, "linkname": target}


def unpacked(tmp_path, *members, strip=0, mode="w"):
    target = tmp_path / "out"
    target.mkdir()
    release_archive.unpack(archive(tmp_path, *members, mode=mode), str(target), strip)
    return target


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_a_tar_is_unpacked_with_nothing_but_the_executable_bit(tmp_path, mode):
    target = unpacked(tmp_path, ("./a/bin/run", {"mode": 0o6777}), ("a/x.conf", {"mode": 0o666}), mode=mode)
    assert (target / "a/bin/run").stat().st_mode & 0o7777 == 0o755
    assert (target / "a/x.conf").stat().st_mode & 0o7777 == 0o644


def test_a_zip_is_unpacked(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as package:
        info = zipfile.ZipInfo("a/bin/run")
        info.external_attr = 0o100755 << 16
        package.writestr(info, "x")
        package.writestr("a/x.conf", "y")
    target = tmp_path / "out"
    target.mkdir()
    release_archive.unpack(str(path), str(target), 1)
    assert (target / "bin/run").stat().st_mode & 0o777 == 0o755
    assert (target / "x.conf").read_text() == "y"


def test_leading_directories_are_dropped(tmp_path):
    target = unpacked(tmp_path, ("a-1.0", {"type": tarfile.DIRTYPE}), ("a-1.0/bin/run", {}), strip=1)
    assert (target / "bin/run").is_file()


def test_links_inside_are_kept(tmp_path):
    target = unpacked(
        tmp_path,
        ("lib/a.1", {}),
        ("lib/a", {"type": tarfile.SYMTYPE, "linkname": "a.1"}),
        ("bin/a", {"type": tarfile.SYMTYPE, "linkname": "../lib/a.1"}),
        ("hard", {"type": tarfile.LNKTYPE, "linkname": "lib/a.1"}),
    )
    assert (target / "bin/a").read_text() == "x"
    assert (target / "hard").stat().st_nlink == 1


@pytest.mark.parametrize(
    ("members", "why"),
    [
        ([("../x", {})], "leave the directory"),
        ([("a/../../x", {})], "leave the directory"),
        ([("/etc/x", {})], "leave the directory"),
        ([("a", {"type": tarfile.SYMTYPE, "linkname": "/etc"})], "outside"),
        ([("a/b", {"type": tarfile.SYMTYPE, "linkname": "../../etc"})], "outside"),
        ([("d", {"type": tarfile.SYMTYPE, "linkname": "."}), ("d/x", {})], "through a symbolic link"),
        ([("f", {}), ("l", {"type": tarfile.SYMTYPE, "linkname": "f"}), ("l", {})], "through a symbolic link"),
        ([("h", {"type": tarfile.LNKTYPE, "linkname": "nothing"})], "no file of the archive"),
        ([("h", {"type": tarfile.LNKTYPE, "linkname": "/etc/passwd"})], "leave the directory"),
        ([link("p/q/l", "../.."), link("m", "p/q/l/..")], "through another link"),
        ([link("m", "p/q/l/.."), link("p/q/l", "../..")], "through another link"),
        ([("d/f", {}), link("l", "d"), ("h", {"type": tarfile.LNKTYPE, "linkname": "l/f"})], "leads through a link"),
        ([link("a/b", "../../a/c")], "outside"),
        ([("null", {"type": tarfile.CHRTYPE})], "no file, directory or link"),
        ([("pipe", {"type": tarfile.FIFOTYPE})], "no file, directory or link"),
    ],
)
def test_what_would_do_harm_is_refused(tmp_path, members, why):
    with pytest.raises(BadInput, match=why):
        unpacked(tmp_path, *members)
    assert not (tmp_path / "x").exists()


def test_a_link_to_a_link_is_kept(tmp_path):
    target = unpacked(tmp_path, ("lib/a.1.2", {}), link("lib/a.1", "a.1.2"), link("lib/a", "a.1"), link("current", "lib/../lib"))
    assert (target / "lib/a").read_text() == "x"
    assert (target / "current").is_dir()


def damaged_zip(path, damage):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        info = zipfile.ZipInfo("l")
        info.external_attr = 0o120777 << 16
        package.writestr(info, b"\xff\xfe" if damage == "name" else b"x")
        info = zipfile.ZipInfo("f")
        info.compress_type = zipfile.ZIP_DEFLATED
        package.writestr(info, bytes(range(256)) * 99)
    if damage == "data":
        content = bytearray(path.read_bytes())
        start = info.header_offset + 32
        content[start : start + 40] = b"\xff" * 40
        path.write_bytes(content)


def cut_tar(path, mode):
    with tarfile.open(path, mode) as tar:
        member = tarfile.TarInfo("f")
        content = random.Random(1).randbytes(200_000)
        member.size = len(content)
        tar.addfile(member, io.BytesIO(content))
    content = bytearray(path.read_bytes())
    content[90_000:90_100] = b"\xff" * 100
    path.write_bytes(content[:150_000])


@pytest.mark.parametrize("mode", ["name", "data", "w", "w:gz", "w:bz2", "w:xz"])
def test_a_damaged_archive_is_one_clear_error(tmp_path, mode):
    path = tmp_path / "a"
    (cut_tar if mode.startswith("w") else damaged_zip)(path, mode)
    (tmp_path / "out").mkdir()
    with pytest.raises(BadInput, match="cannot be read"):
        release_archive.unpack(str(path), str(tmp_path / "out"), 0)


def test_trouble_of_the_host_is_no_matter_of_the_archive(tmp_path):
    path = archive(tmp_path, ("f", {}), link("f", "g"))
    (tmp_path / "out").mkdir()
    with pytest.raises(FileExistsError):
        release_archive.unpack(path, str(tmp_path / "out"), 0)


def test_an_archive_of_nothing_is_refused(tmp_path):
    with pytest.raises(BadInput, match="strip=3"):
        unpacked(tmp_path, ("a/b", {}), strip=3)


def test_what_is_no_archive_is_refused(tmp_path):
    (tmp_path / "a").write_text("<html>not found</html>" * 100)
    with pytest.raises(BadInput, match="cannot be read"):
        release_archive.unpack(str(tmp_path / "a"), str(tmp_path), 0)


def test_a_tar_that_ends_in_a_zip_is_a_tar(tmp_path):
    wheel, archive, directory = tmp_path / "shop.whl", tmp_path / "shop.tar", tmp_path / "out"
    with zipfile.ZipFile(wheel, "w") as package:
        package.writestr("shop.py", "")
    with tarfile.open(archive, "w") as package:
        package.add(wheel, "wheels/shop.whl")
    directory.mkdir()
    release_archive.unpack(str(archive), str(directory), 0)
    assert [path.relative_to(directory).as_posix() for path in directory.rglob("*.*")] == ["wheels/shop.whl"]
