"""The fax file: what is written is read back dot by dot, by Pillow and by libtiff, with white as zero."""

from __future__ import annotations

import io
import struct
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from tests.fax.papers import differing_dots, fax_pages, write_tiff
from watermark.errors import StampError
from watermark.faxtiff import count_directories, write_fax_tiff


def test_pages_are_read_back_as_they_were(tmp_path: Path) -> None:
    pages = fax_pages(3)
    file = write_tiff(tmp_path / "three.tif", pages)
    with Image.open(file) as tiff:
        assert getattr(tiff, "n_frames", 1) == 3
        for number, page in enumerate(pages):
            tiff.seek(number)
            assert differing_dots(page, tiff.convert("1")) == 0
            assert tiff.tag_v2[262] == 0  # type: ignore[attr-defined]
    told = subprocess.run(["tiffinfo", str(file)], capture_output=True, text=True, check=True).stdout
    assert told.count("min-is-white") == told.count("Group 4") == 3
    assert count_directories(file.read_bytes()) == 3


def test_the_same_pages_give_the_same_bytes() -> None:
    one, other = io.BytesIO(), io.BytesIO(b"x" * 100_000)
    for out in (one, other):
        write_fax_tiff(fax_pages(2), out, lines_per_inch=196)
    assert one.getvalue() == other.getvalue()


def test_a_broken_chain_of_pages_is_refused(tmp_path: Path) -> None:
    content = bytearray(write_tiff(tmp_path / "one.tif", fax_pages(1)).read_bytes())
    (first,) = struct.unpack_from("<I", content, 4)
    (entries,) = struct.unpack_from("<H", content, first)
    circle = bytes(content[: first + 2 + 12 * entries]) + struct.pack("<I", first) + bytes(content[first + 6 + 12 * entries :])
    for broken in (circle, bytes(content[: first + 20]), b"%PDF-1.7", b""):
        with pytest.raises(StampError):
            count_directories(broken)
