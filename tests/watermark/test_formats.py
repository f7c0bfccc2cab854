"""Whatever arrives is brought to one base and counted there: PostScript, text, pictures, PWG and URF raster (R10)."""

from __future__ import annotations

import io
import os
import struct
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image, ImageChops

from rehearsal.processes import wait_until
from tests.watermark.papers import in_memory
from watermark import Inspection, Limits, postscript, sandbox
from watermark.formats import Format, format_of

THREE_PAGES = b"""%!PS-Adobe-3.0
%%Pages: 1
/Helvetica findfont 40 scalefont setfont
1 1 3 { 72 500 moveto (page ) show 10 string cvs show 200 100 100 50 rectfill showpage } for
"""


def counted(document: bytes, **limits: float) -> tuple[Inspection, bytes]:
    """What the child says, and the base it made."""
    with in_memory(document) as source, in_memory() as base:
        found = sandbox.make_base([source], base, Limits(**limits))  # type: ignore[arg-type]
        base.seek(0)
        return found, base.read()


def picture_of(base: bytes, page: int, dpi: float) -> Image.Image:
    return pypdfium2.PdfDocument(base)[page].render(scale=dpi / 72).to_pil().convert("L")


def text_of(base: bytes, tmp_path: Path) -> str:
    file = tmp_path / "base.pdf"
    file.write_bytes(base)
    return subprocess.run(["pdftotext", "-layout", str(file), "-"], capture_output=True, text=True, check=True).stdout


def ghostscript(device: str, *options: str, program: bytes = THREE_PAGES) -> bytes:
    command = ["gs", "-q", "-dSAFER", "-dBATCH", "-dNOPAUSE", f"-sDEVICE={device}", "-sPAPERSIZE=a4", *options, "-sOutputFile=-", "-"]
    return subprocess.run(command, input=program, capture_output=True, check=True).stdout


# --- PostScript -------------------------------------------------------------------------------------------------------


def test_postscript_is_counted_by_what_it_draws_not_by_what_it_declares(tmp_path: Path) -> None:
    found, base = counted(THREE_PAGES)
    assert (found.verdict, found.pages, [size.name for size in found.page_sizes]) == ("ok", 3, ["A4"])
    assert text_of(base, tmp_path).split() == ["page", "1", "page", "2", "page", "3"]


def test_copies_asked_for_inside_postscript_do_not_multiply() -> None:
    found, _ = counted(b"%!PS\n/#copies 5 def <</NumCopies 7>> setpagedevice 10 10 moveto 90 90 lineto stroke showpage")
    assert (found.verdict, found.pages) == ("ok", 1)


def test_the_same_program_gives_the_same_page_hash() -> None:
    first = counted(THREE_PAGES)[0].page_hash
    time.sleep(1.1)  # Ghostscript writes the second into its file
    assert counted(THREE_PAGES)[0].page_hash == first != counted(THREE_PAGES.replace(b"(page )", b"(pave )"))[0].page_hash


@pytest.mark.parametrize(
    ("program", "code"),
    [
        (b"%!PS\n1 1 add pop", "E_FORMAT"),
        (b"%!PS\nshowpage {", "E_DAMAGED"),
        (b"%!PS\n(/etc/passwd) (r) file pop showpage", "E_DAMAGED"),
        (b"%!PS\n(/etc/hostname) run showpage", "E_DAMAGED"),
        (b"%!PS\n(%pipe%id) (r) file pop showpage", "E_DAMAGED"),
        (b"%!PS\n{} loop", "E_LIMIT"),
        (b"%!PS\n{ showpage } loop", "E_LIMIT"),
        (b"%!PS\n/keep 10 dict def 0 { dup 65000 array keep exch pop exch 1 add } loop", "E_LIMIT"),
    ],
)
def test_programs_that_mean_harm_end_with_a_code(program: bytes, code: str) -> None:
    began = time.monotonic()
    found, _ = counted(program, seconds=20, page_seconds=2, max_pages=50, memory_bytes=600 << 20)
    assert found.verdict in {code, "E_DAMAGED"}, found.reasons
    assert time.monotonic() - began < 15
    assert not [folder for folder in postscript.MEMORY.glob("imprimatur-*") if (folder / "told").exists() and is_dead(folder)]


def test_where_postscript_is_not_run_it_is_refused() -> None:
    assert counted(THREE_PAGES, postscript=False)[0].verdict == "E_FORMAT"


def is_dead(folder: Path) -> bool:
    return postscript.is_dead(int(folder.name.partition("-")[2]))


def test_a_child_killed_at_work_leaves_nothing_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "_GRACE_SECONDS", -3)  # the parent's patience ends before the child's
    before = set(postscript.MEMORY.glob("imprimatur-*"))
    found, _ = counted(b"%!PS\n1 1 200 { pop showpage } for {} loop", seconds=4, page_seconds=60)
    assert found.verdict == "E_LIMIT"
    deadline = time.monotonic() + 10
    while set(postscript.MEMORY.glob("imprimatur-*")) - before and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not set(postscript.MEMORY.glob("imprimatur-*")) - before


def test_nothing_outlives_the_warm_process() -> None:
    """Killed while Ghostscript runs: Ghostscript ends with it, and the next warm process clears its scratch files away."""
    assert counted(THREE_PAGES)[0].verdict == "ok"
    process = sandbox._server._process
    assert process is not None
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(counted, b"%!PS\n{} loop", page_seconds=30)
        wait_until(lambda: scratch_of_children_of(process.pid), "Ghostscript at work", 20)
        (folder,) = scratch_of_children_of(process.pid)
        process.kill()
        assert asked.result(timeout=30)[0].verdict in {"E_LIMIT", "E_DAMAGED"}
    wait_until(lambda: is_dead(folder) and str(folder).encode() not in all_command_lines(), "the end of both", 60)
    assert counted(THREE_PAGES)[0].verdict == "ok"
    assert not folder.exists()


def scratch_of_children_of(process: int) -> list[Path]:
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [folder for child in children if (folder := postscript.folder_of(int(child))).exists()]


def all_command_lines() -> bytes:
    found = b""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                found += (entry / "cmdline").read_bytes()
    return found


def test_what_a_killed_machine_room_left_is_cleared_away() -> None:
    dead = next(number for number in range(4_000_000, 3_000_000, -1) if not Path(f"/proc/{number}").exists())
    folder = postscript.folder_of(dead)
    folder.mkdir()
    (folder / "gs_left").write_bytes(b"words")
    postscript.forget_all_dead()
    assert not folder.exists()


# --- text -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_text_becomes_pages_with_every_word(encoding: str, tmp_path: Path) -> None:
    words = "机密★5年\n\t承办人：张三 “引号”\n" + "x" * 200 + "\f第二页"
    found, base = counted(words.encode(encoding))
    assert (found.verdict, found.pages, found.marks) == ("ok", 2, ("机密★5年",))
    text = text_of(base, tmp_path)
    assert "承办人：张三" in text
    assert text.replace("\n", "").replace(" ", "").count("x") == 200
    assert text.rstrip().endswith("第二页")


def test_lines_of_text_are_counted_out(tmp_path: Path) -> None:
    found, base = counted("\n".join(f"line {n}" for n in range(1, 121)).encode())
    assert found.pages == 3
    assert [line.split()[1] for line in text_of(base, tmp_path).replace("\f", "\n").splitlines() if line.strip()] == [
        str(n) for n in range(1, 121)
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"\x1b%-12345X@PJL SET COPIES=9\r\n", "E_FORMAT"),
        (b"fine at first\n" * 200 + b"\x1bE", "E_FORMAT"),
        ("אבג".encode(), "E_FORMAT"),
        (b"caf\xff\xff\xff", "E_FORMAT"),
        (b"\f" * 60, "E_LIMIT"),
        (b"", "E_FORMAT"),
    ],
)
def test_text_that_cannot_be_shown_faithfully_is_refused(text: bytes, code: str) -> None:
    assert counted(text, max_pages=50)[0].verdict == code


# --- pictures ---------------------------------------------------------------------------------------------------------


def drawn(mode: str, size: tuple[int, int] = (1240, 1754)) -> Image.Image:
    """A dark box, left above the middle, on a light ground."""
    picture = Image.new("L", size, 255)
    picture.paste(0, (size[0] // 8, size[1] // 8, size[0] // 2, size[1] // 2))
    return picture.convert(mode)


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)  # type: ignore[arg-type]
    return out.getvalue()


@pytest.mark.parametrize(
    ("kind", "mode"),
    [("PNG", mode) for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")]
    + [("JPEG", mode) for mode in ("L", "RGB", "CMYK")]
    + [("TIFF", mode) for mode in ("1", "L", "LA", "RGB", "RGBA", "CMYK", "I;16")],
)
def test_a_picture_is_one_page_and_looks_the_same(kind: str, mode: str) -> None:
    picture = drawn("L").convert("I").point(lambda value: value * 257).convert("I;16") if mode == "I;16" else drawn(mode)
    found, base = counted(saved(picture, kind, dpi=(150, 150)))
    assert (found.verdict, found.pages, [size.name for size in found.page_sizes]) == ("ok", 1, ["A4"])
    shown = picture_of(base, 0, 75)
    assert ImageChops.difference(shown, drawn("L").resize(shown.size)).resize((62, 88)).getextrema()[1] < 90
    assert shown.getpixel((shown.width // 4, shown.height // 4)) < 60
    assert shown.getpixel((shown.width * 3 // 4, shown.height * 3 // 4)) > 200


def test_every_frame_of_a_tiff_is_a_page() -> None:
    frames = [drawn("1", (1728, 2200)) for _ in range(4)]
    found, _ = counted(saved(frames[0], "TIFF", save_all=True, append_images=frames[1:], compression="group4", dpi=(204, 196)))
    assert (found.verdict, found.pages, [size.name for size in found.page_sizes]) == ("ok", 4, ["A4"])
    over, _ = counted(saved(frames[0], "TIFF", save_all=True, append_images=frames[1:]), max_pages=3)
    assert over.verdict == "E_LIMIT"


def test_jpeg_data_is_taken_as_it_is() -> None:
    data = saved(drawn("RGB"), "JPEG", quality=70)
    assert data in counted(data)[1]


def test_a_photograph_is_laid_on_a4_as_it_lies_and_turned_as_it_says() -> None:
    lying, _ = counted(saved(drawn("RGB", (4000, 3000)), "JPEG"))
    assert [(round(size.width_pt), round(size.height_pt)) for size in lying.page_sizes] == [(842, 595)]
    exif = Image.Exif()
    exif[0x112] = 6
    turned, _ = counted(saved(drawn("RGB", (4000, 3000)), "JPEG", exif=exif))
    assert [(round(size.width_pt), round(size.height_pt)) for size in turned.page_sizes] == [(595, 842)]


def test_a_preview_inside_a_photograph_is_no_page() -> None:
    found, _ = counted(saved(drawn("RGB"), "MPO", save_all=True, append_images=[drawn("RGB", (160, 120))]))
    assert (found.verdict, found.pages) == ("ok", 1)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF"])
def test_broken_pictures_are_refused(kind: str) -> None:
    whole = saved(drawn("RGB"), kind)
    for cut in (20, 100, len(whole) // 2):
        assert counted(whole[:cut])[0].verdict in {"E_DAMAGED", "E_LIMIT"}


def test_a_picture_with_more_pixels_than_can_be_held_is_refused_fast() -> None:
    head = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0)
    began = time.monotonic()
    assert counted(head + b"\0" * 400)[0].verdict in {"E_LIMIT", "E_DAMAGED"}
    assert time.monotonic() - began < 10


# --- raster -----------------------------------------------------------------------------------------------------------

RASTERS = [
    ("pwgraster", ()),
    ("pwgraster", ("-dcupsColorSpace=19", "-dcupsBitsPerColor=8")),
    ("pwgraster", ("-dcupsColorSpace=18", "-dcupsBitsPerColor=8")),
    ("urf", ("-dcupsColorSpace=18", "-dcupsBitsPerColor=8")),
    ("urf", ("-dcupsColorSpace=19", "-dcupsBitsPerColor=8")),
]


@pytest.mark.parametrize(("device", "options"), RASTERS)
def test_raster_is_walked_and_looks_like_what_ghostscript_painted(device: str, options: tuple[str, ...]) -> None:
    raster = ghostscript(device, "-r100", *options)
    found, base = counted(raster)
    assert (found.verdict, found.pages, [size.name for size in found.page_sizes]) == ("ok", 3, ["A4"])
    painted = Image.open(io.BytesIO(ghostscript("pnggray", "-r50", "-dLastPage=1"))).convert("L")
    shown = picture_of(base, 0, 50).resize(painted.size)
    assert ImageChops.difference(shown, painted).resize((41, 58)).getextrema()[1] < 60


@pytest.mark.parametrize("options", ["media=iso_a4_210x297mm", "media=iso_a4_210x297mm print-color-mode=monochrome"])
def test_raster_made_by_the_filters_of_cups(options: str, tmp_path: Path) -> None:
    document = tmp_path / "three.pdf"
    document.write_bytes(ghostscript("pdfwrite"))
    environment = {"CONTENT_TYPE": "application/pdf", "FINAL_CONTENT_TYPE": "image/pwg-raster", "PATH": os.environ["PATH"]}
    command = ["/usr/lib/cups/filter/gstoraster", "1", "user", "title", "1", options, str(document)]
    raster = subprocess.run(command, env=environment, capture_output=True, check=True).stdout
    assert format_of(io.BytesIO(raster)) is Format.PWG_RASTER
    found, _ = counted(raster)
    assert (found.verdict, found.pages, [size.name for size in found.page_sizes]) == ("ok", 3, ["A4"])


@pytest.mark.parametrize("device", ["pwgraster", "urf"])
def test_raster_that_does_not_hold_what_it_declares_is_refused(device: str) -> None:
    raster = ghostscript(device, "-r36", "-dcupsColorSpace=18", "-dcupsBitsPerColor=8")
    head, total_at = (4 + 452, 4 + 452) if device == "pwgraster" else (8, 8)
    assert counted(raster[:-1])[0].verdict == "E_DAMAGED"
    assert counted(raster + b"\0")[0].verdict == "E_DAMAGED"
    lying = raster[:total_at] + struct.pack(">I", 2) + raster[head + 4 :]
    assert counted(lying)[0].verdict == "E_COUNT_DISAGREES"
    assert counted(raster, max_pages=2)[0].verdict == "E_LIMIT"


@pytest.mark.parametrize("at", [276, 372, 376, 384, 388, 392, 396, 400])
@pytest.mark.parametrize("value", [0, 5, 0x7FFFFFFF, 0xFFFFFFFF])
def test_headers_of_raster_that_lie_end_with_a_code(at: int, value: int) -> None:
    raster = bytearray(ghostscript("pwgraster", "-r36"))
    struct.pack_into(">I", raster, 4 + at, value)
    began = time.monotonic()
    found, _ = counted(bytes(raster))
    assert found.verdict in {"ok", "E_DAMAGED", "E_FORMAT", "E_LIMIT"}
    assert (found.verdict == "ok") <= (found.pages == 3)
    assert time.monotonic() - began < 10


def test_a_raster_bomb_is_refused_fast() -> None:
    """2,000 pages of a million lines each, all of them white, in 8 KB a page."""
    header = bytearray(32)
    header[0], header[1] = 24, 1
    struct.pack_into(">3I", header, 12, 30_000, 1 << 20, 300)
    page = bytes(header) + b"\xff\x80" * 4096
    began = time.monotonic()
    assert counted(b"UNIRAST\0\0\0\0\0" + page * 2000)[0].verdict == "E_LIMIT"
    assert time.monotonic() - began < 10


def test_a_raster_page_that_takes_too_long_is_refused() -> None:
    """A page of usual size, but 3 TB: a million lines of 3 MB, all white."""
    header = bytearray(32)
    header[0], header[1] = 24, 1
    struct.pack_into(">3I", header, 12, 1_000_000, 1_000_000, 100_000)
    found, _ = counted(b"UNIRAST\0\0\0\0\0" + bytes(header) + b"\xff\x80" * 4096, page_seconds=2)
    assert (found.verdict, found.reasons) == ("E_LIMIT", ("one of its pages takes too long",))
