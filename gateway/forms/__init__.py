"""Filled forms as files: spreadsheets, JSON lines, and printed pages in the look of the paper form. Knows columns and rows, no register."""

from gateway.forms.filled import Filled
from gateway.forms.printed import as_pdf
from gateway.forms.spreadsheet import as_csv, as_jsonl, as_xlsx

__all__ = ["Filled", "as_csv", "as_jsonl", "as_pdf", "as_xlsx"]
