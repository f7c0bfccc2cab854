"""Stamp templates: TOML files that say what is written where on which pages (docs/stamping.md).

The house's own lie in `watermark/templates/`, one for each kind of permit; a site may put files of the same names into a
folder of its own. A template that is not right is refused when it is read, with the file, the key and what is allowed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator

from watermark.errors import TemplateError
from watermark.fields import NUMBERS, Scope, fields_of, literals_of, scopes_of
from watermark.model import PageClass

KINDS = ("print", "copy", "reproduction", "proof", "fax")
PACKAGED = Path(__file__).parent / "templates"
SAMPLE_WORDS = "样张"
SAMPLE_LINE = "样张 · 非密 · 编号未登记"
BLANK_WORDS = "此页无正文"

Anchor = Literal["top-left", "top", "top-right", "middle", "bottom-left", "bottom", "bottom-right"]
Tone = Literal["two-tone", "dark", "outline"]
_ALWAYS = ("permit_no", "release_tag")
_ORDINARY = frozenset({PageClass.STANDARD, PageClass.LARGE})


def _as_pieces(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Pieces = Annotated[tuple[str, ...], BeforeValidator(_as_pieces), Field(min_length=1)]

WIDE = 1.2
"""From this ratio of width to height on a page is a leaf turned; what is nearly square is set upright, which leaves more room."""


class Element(BaseModel):
    """What all elements have: the kinds of page they stand on."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    sizes: frozenset[PageClass] = Field(_ORDINARY, min_length=1, description="Kinds of page that bear it: tiny, small, standard, large.")


class Placed(Element):
    """An element with a place: distances in mm from the edges its anchor names."""

    at: Anchor = Field(description="Corner, edge or middle of the page the distances count from.")
    x_mm: float = Field(0.0, ge=0, le=2000, description="From the left or right edge; nothing for top, middle and bottom.")
    y_mm: float = Field(ge=0, le=2000, description="From the top or bottom edge; for text to its baseline; downwards from the middle.")
    wide_x_mm: float | None = Field(None, ge=0, le=2000, description="As x_mm, on pages wider than high by a fifth.")
    wide_y_mm: float | None = Field(None, ge=0, le=2000, description="As y_mm, on pages wider than high by a fifth.")
    shrink: bool = Field(False, description="Whether place and size shrink in proportion on pages smaller than A4.")

    def distances(self, width: float, height: float) -> tuple[float, float]:
        """Millimetres from the side and from the top or bottom on a page of these sides."""
        wide = width >= WIDE * height
        x = self.wide_x_mm if wide and self.wide_x_mm is not None else self.x_mm
        return x, self.wide_y_mm if wide and self.wide_y_mm is not None else self.y_mm


class Worded(Element):
    """An element that shows text: pieces of literal words and {fields}, joined by ' · '; pieces without any value are left out."""

    text: Pieces = Field(description="One piece or a list of pieces; fields are written {name}.")

    @field_validator("text")
    @classmethod
    def _known_fields(cls, pieces: tuple[str, ...]) -> tuple[str, ...]:
        if Scope.COPY in (scopes := scopes_of(pieces)) and Scope.PAGE in scopes:
            raise ValueError("one element cannot show fields of the copy and of the page; make two of it")
        return pieces

    @property
    def scope(self) -> Scope:
        """With what its text changes."""
        scopes = scopes_of(self.text)
        return Scope.COPY if Scope.COPY in scopes else Scope.PAGE if Scope.PAGE in scopes else Scope.RUN

    @property
    def field_names(self) -> frozenset[str]:
        """Names of the fields it shows."""
        return frozenset(field.name for piece in self.text for field in fields_of(piece))


class Written(Worded, Placed):
    """Text at a place of its own."""

    on: Literal["every", "first"] = Field("every", description="Every page of a copy, or only its first.")


class Text(Written):
    """A line of text, or several where it may wrap."""

    size_pt: float = Field(ge=4, le=200, description="Size of the type in points.")
    least_pt: float = Field(3.5, ge=3, le=200, description="Size down to which it shrinks to find room, before it wraps.")
    bold: bool = Field(False, description="Whether it is written with the bold font (黑体).")
    ink: Literal["rimmed", "plain", "outline"] = Field("rimmed", description="Black on a white rim, plain black, or outlines only.")
    clear_mm: float = Field(6.0, ge=0, le=1000, description="What stays clear at the other end of the line.")
    wrap: bool = Field(False, description="Whether it may go on in further lines, one piece or more in each.")
    compare: bool = Field(False, description="Not written where page 1 bears the same already; another mark there is an error.")

    @model_validator(mode="after")
    def _comparable(self) -> Self:
        if self.compare and (self.text != ("{mark}",) or self.on != "first"):
            raise ValueError('compare is for text = "{mark}" with on = "first"')
        return self


class Tiles(Worded):
    """The watermark: its text tiled slantwise over the page, paint only."""

    angle: float = Field(30.0, ge=-90, le=90, description="Degrees by which the lines rise.")
    size_pt: float | None = Field(None, ge=4, le=200, description="Size of the type; without it a 42nd of the page's short side.")
    density: float = Field(1.0, ge=0.2, le=3, description="How close the tiles stand: 2 is twice as close as 1.")
    strength: float = Field(0.22, gt=0, le=1, description="How dark: 0 to 1; outlines are always black.")
    tone: Tone = Field("two-tone", description="Dark on a white outline (shows on any ground), dark alone, or black outlines.")

    @field_validator("text")
    @classmethod
    def _no_pages(cls, pieces: tuple[str, ...]) -> tuple[str, ...]:
        if Scope.PAGE in scopes_of(pieces):
            raise ValueError("a watermark cannot show fields of the page")
        return pieces


class Code(Placed):
    """A QR code with the copy's registered number, error correction Q, quiet zone included in its side."""

    side_mm: float = Field(16.0, ge=9, le=30, description="Side in mm; 15 to 18 on standard and large pages.")

    @model_validator(mode="after")
    def _large_enough(self) -> Self:
        if self.sizes & _ORDINARY and not 15 <= self.side_mm <= 18:
            raise ValueError("side_mm must be 15 to 18 on standard and large pages")
        return self


class Seal(Written):
    """A framed stamp 戳记, one piece of its text on each line."""

    width_mm: float = Field(ge=10, le=120, description="Outer width of the frame.")
    height_mm: float = Field(ge=6, le=60, description="Outer height of the frame.")
    size_pt: float = Field(8.0, ge=4, le=40, description="Size of the type in points; shrinks to fit the frame.")

    @field_validator("text")
    @classmethod
    def _no_pages(cls, pieces: tuple[str, ...]) -> tuple[str, ...]:
        if Scope.PAGE in scopes_of(pieces):
            raise ValueError("a seal cannot show fields of the page")
        return pieces


GROUPS: dict[str, type[Element]] = {"text": Text, "tiles": Tiles, "code": Code, "seal": Seal}
"""The tables of a template file: `[text.NAME]`, `[tiles.NAME]`, `[code.NAME]`, `[seal.NAME]`."""


class Template(BaseModel):
    """All elements of one kind of stamp, by name."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    text: dict[str, Text] = Field(default_factory=dict)
    tiles: dict[str, Tiles] = Field(default_factory=dict)
    code: dict[str, Code] = Field(default_factory=dict)
    seal: dict[str, Seal] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _says_the_least(self) -> Self:
        for size in PageClass:
            written: tuple[Written, ...] = (*self.text.values(), *self.seal.values())
            everywhere = [one for one in written if one.on == "every"]
            shown = {name for one in everywhere if size in one.sizes for name in one.field_names}
            if lacking := [name for name in _ALWAYS if name not in shown]:
                raise ValueError(f"no text on every {size} page shows {{{lacking[0]}}}; each page must say which release it is of (I9)")
            if not shown & NUMBERS:
                raise ValueError(f"no text on every {size} page shows {{copy_number}} or {{proof_number}}; every copy is numbered (R52)")
            if size in _ORDINARY and sum(size in code.sizes for code in self.code.values()) < 2:
                raise ValueError(f"{size} pages need two QR codes, in opposite corners")
        return self

    @property
    def worded(self) -> Iterator[Worded]:
        """Everything that shows text."""
        yield from (*self.text.values(), *self.tiles.values(), *self.seal.values())

    def literals(self) -> str:
        """Every character the template writes by itself, whatever the values are."""
        return "".join(literals_of(piece) for one in self.worded for piece in one.text)


def load_template(kind: str, folder: Path | None = None) -> Template:
    """The template for `kind`: the site's, if its folder has one, else the house's own. Raises TemplateError."""
    if folder is not None and (file := folder / f"{kind}.toml").is_file():
        return read_template(file)
    if kind not in KINDS:
        raise TemplateError(f"there is no template '{kind}'; known are {', '.join(KINDS)}")
    return read_template(PACKAGED / f"{kind}.toml")


def load_templates(folder: Path | None = None) -> dict[str, Template]:
    """The template of every kind, as `load_template`; a file in the site's folder that is for no kind is an error, not ignored."""
    if folder is not None:
        if not folder.is_dir():
            raise TemplateError(f"there is no folder {folder}; make it, or leave stamp_templates empty")
        for file in sorted(folder.glob("*.toml")):
            if file.stem not in KINDS:
                raise TemplateError(f"the template {file.name} is for no kind of permit; allowed are {', '.join(KINDS)}, each with .toml")
    return {kind: load_template(kind, folder) for kind in KINDS}


def read_template(file: Path) -> Template:
    """Read and check one file; raises TemplateError."""
    try:
        return parse_template(file.read_text(encoding="utf-8"), file.name)
    except (OSError, UnicodeDecodeError) as error:
        raise TemplateError(f"the template {file.name} cannot be read ({error}); give a TOML file in UTF-8") from error


@cache
def parse_template(text: str, name: str) -> Template:
    """The template in `text`; `name` is its file's, for messages. Raises TemplateError."""
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise TemplateError(f"the template {name} is no TOML file: {error}; docs/stamping.md shows one") from error
    if (like := found.pop("like", None)) is not None:
        found = _merged(_model(like, name), found, name)
    try:
        template = Template.model_validate(found)
    except ValidationError as error:
        raise TemplateError(f"the template {name} is not right: {_fault(error)}") from error
    _try_out(template, name)
    return template


def _model(like: Any, name: str) -> dict[str, Any]:
    if like not in KINDS:
        raise TemplateError(f"the template {name} is not right: like = {like!r}; allowed are {', '.join(KINDS)}")
    model = tomllib.loads((PACKAGED / f"{like}.toml").read_text(encoding="utf-8"))
    return model if "like" not in model else _merged(_model(model.pop("like"), name), model, name)


def _merged(model: dict[str, Any], own: dict[str, Any], name: str) -> dict[str, Any]:
    """The model's elements, those of the same name replaced or left out."""
    merged = {**own, **{group: dict(model.get(group, {})) for group in GROUPS}}
    for group in GROUPS:
        elements = own.get(group, {})
        if not isinstance(elements, dict):
            raise TemplateError(f"the template {name} is not right: {group} must be tables such as [{group}.NAME]")
        for key, element in elements.items():
            if element == {"leave_out": True}:
                merged[group].pop(key, None)
            else:
                merged[group][key] = element
    return merged


def _fault(error: ValidationError) -> str:
    """The first fault: where, what, and what is allowed there."""
    first = error.errors(include_url=False, include_input=False)[0]
    place = [str(part) for part in first["loc"]]
    where, says = ".".join(place), first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        model = GROUPS.get(place[0]) if len(place) > 1 else None
        allowed = model.model_fields if model is not None else ("like", *GROUPS)
        says = f"there is no such key; allowed are {', '.join(allowed)}"
    elif first["type"] == "missing":
        says = "it is missing"
    return f"{where}: {says}" if where else says


def _try_out(template: Template, name: str) -> None:
    from watermark.placing import faults_of

    if fault := next(iter(faults_of(template)), None):
        raise TemplateError(f"the template {name} is not right: {fault}")
