"""A slip printer for demos and tests: takes the same bytes as a real one, and shows as a picture what the paper would."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from gateway.slips.commands import commands, width_of
from gateway.slips.interface import SlipPrinterError
from gateway.slips.paper import read_commands


class VirtualSlipPrinter:
    """Writes `NAME.png` into a folder."""

    def __init__(self, folder: Path, profile: str) -> None:
        self._folder = folder
        self._profile = profile
        self.width = width_of(profile) or 0

    def print(self, picture: Image.Image, name: str) -> None:
        """Print, and show it."""
        paper = read_commands(commands(picture, self._profile), self.width)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            paper.picture().save(self.output(name))
        except OSError as error:
            raise SlipPrinterError(
                f"The virtual slip printer cannot write ({type(error).__name__}).", "Is its folder there, and the disk not full?"
            ) from error

    def output(self, name: str) -> Path:
        """Where the picture of a slip is."""
        return self._folder / f"{name}.png"
