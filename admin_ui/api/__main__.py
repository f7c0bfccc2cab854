"""`python -m admin_ui.api`: renew the committed description of the API."""

from admin_ui.api import NOUNS
from admin_ui.api.openapi import FILE, openapi_text

FILE.write_text(openapi_text(NOUNS), encoding="utf-8")
