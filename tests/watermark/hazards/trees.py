"""Page trees that programs count differently: 13 of 38 such files gave different numbers to different parsers."""

from __future__ import annotations

from functools import partial

from tests.watermark.hazards.writing import A4, Maker, page, plain, written


def tree(kids: str, count: str, **changed: str | bytes) -> bytes:
    return written(plain(o2=f"<</Type/Pages/Kids[{kids}]/Count {count}>>", **changed))


def deep() -> bytes:
    """A page below seventy nodes."""
    nodes = {f"o{20 + level}": f"<</Type/Pages/Parent {19 + level} 0 R/Kids[{21 + level} 0 R]/Count 1>>" for level in range(70)}
    return tree("20 0 R", "1", **nodes, o90=page(parent=89))


def wide() -> bytes:
    """Twenty nodes of five hundred times the same page each: ten thousand pages in one kilobyte."""
    return tree("20 0 R " * 20, "10000", o20="<</Type/Pages/Parent 2 0 R/Kids[" + "3 0 R " * 500 + "]/Count 500>>")


MAKERS: dict[str, Maker] = {
    "count too high": partial(tree, "3 0 R 4 0 R", "9"),
    "count too low": partial(tree, "3 0 R 4 0 R", "1"),
    "count zero": partial(tree, "3 0 R 4 0 R", "0"),
    "count negative": partial(tree, "3 0 R 4 0 R", "-2"),
    "count a string": partial(tree, "3 0 R 4 0 R", "(2)"),
    "count a real": partial(tree, "3 0 R 4 0 R", "2.7"),
    "count enormous": partial(tree, "3 0 R 4 0 R", "99999999999999999999"),
    "count an object that is not there": partial(tree, "3 0 R 4 0 R", "99 0 R"),
    "no count": lambda: written(plain(o2="<</Type/Pages/Kids[3 0 R 4 0 R]>>")),
    "count twice": lambda: written(plain(o2="<</Type/Pages/Count 1/Kids[3 0 R 4 0 R]/Count 2>>")),
    "kids twice": lambda: written(plain(o2="<</Type/Pages/Kids[3 0 R]/Kids[3 0 R 4 0 R]/Count 2>>")),
    "kids twice, other order": lambda: written(plain(o2="<</Type/Pages/Kids[3 0 R 4 0 R]/Kids[3 0 R]/Count 2>>")),
    "one page twice": partial(tree, "3 0 R 3 0 R", "2"),
    "one node twice": partial(tree, "20 0 R 20 0 R", "4", o20="<</Type/Pages/Parent 2 0 R/Kids[3 0 R 4 0 R]/Count 2>>"),
    "a page under two nodes": partial(
        tree,
        "20 0 R 21 0 R",
        "2",
        o20="<</Type/Pages/Parent 2 0 R/Kids[3 0 R]/Count 1>>",
        o21="<</Type/Pages/Parent 2 0 R/Kids[3 0 R]/Count 1>>",
    ),
    "a tree in itself": partial(tree, "3 0 R 2 0 R", "2"),
    "a node in itself": partial(tree, "3 0 R 20 0 R", "2", o20="<</Type/Pages/Parent 2 0 R/Kids[20 0 R]/Count 1>>"),
    "a null kid": partial(tree, "3 0 R null 4 0 R", "2"),
    "a kid that is not there": partial(tree, "3 0 R 99 0 R", "2"),
    "a kid of another generation": partial(tree, "3 0 R 4 1 R", "2"),
    "a kid that is a number": partial(tree, "3 0 R 7", "2"),
    "a kid that is a font": partial(tree, "3 0 R 8 0 R", "2"),
    "a page that calls itself a node": partial(tree, "3 0 R 4 0 R", "2", o4=page().replace("/Type/Page", "/Type/Pages")),
    "a node that calls itself a page": partial(tree, "3 0 R 20 0 R", "2", o20="<</Type/Page/Parent 2 0 R/Kids[4 0 R]/Count 1>>"),
    "a page without a type": partial(tree, "3 0 R 4 0 R", "2", o4=page().replace("/Type/Page", "")),
    "a page written into the tree": partial(tree, f"3 0 R <</Type/Page/Parent 2 0 R{A4}/Contents 9 0 R>>", "2"),
    "an inner node that lies": partial(tree, "20 0 R", "2", o20="<</Type/Pages/Parent 2 0 R/Kids[3 0 R 4 0 R]/Count 7>>"),
    "an empty inner node": partial(tree, "3 0 R 20 0 R 4 0 R", "2", o20="<</Type/Pages/Parent 2 0 R/Kids[]/Count 0>>"),
    "a page with another parent": partial(tree, "3 0 R 4 0 R", "2", o4=page(parent=8)),
    "kids that are no list": lambda: written(plain(o2="<</Type/Pages/Kids 3 0 R/Count 1>>")),
    "no kids": lambda: written(plain(o2="<</Type/Pages/Count 2>>")),
    "no tree": lambda: written(plain(o1="<</Type/Catalog>>")),
    "a page for a tree": lambda: written(plain(o1="<</Type/Catalog/Pages 3 0 R>>")),
    "a tree too deep": deep,
    "a tree too wide": wide,
}
