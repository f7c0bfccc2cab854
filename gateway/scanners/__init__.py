"""Scanners 扫描仪: paper comes in page by page, each page as a stream nobody writes to a disk (issue 9, I7)."""

from gateway.scanners.interface import Colours, Fault, Scanner, ScannerError, ScanWish, Source
from gateway.scanners.opening import open_scanner

__all__ = ["Colours", "Fault", "ScanWish", "Scanner", "ScannerError", "Source", "open_scanner"]
