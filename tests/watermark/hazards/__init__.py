"""Documents that mean harm, by family. Each is made by a function without arguments; `ALL` names them for the tests."""

from __future__ import annotations

from tests.watermark.hazards import bombs, files, pages, trees
from tests.watermark.hazards.writing import Maker

FAMILIES: dict[str, dict[str, Maker]] = {"trees": trees.MAKERS, "files": files.MAKERS, "pages": pages.MAKERS, "bombs": bombs.MAKERS}
ALL: dict[str, Maker] = {f"{family}/{name}": maker for family, makers in FAMILIES.items() for name, maker in makers.items()}
