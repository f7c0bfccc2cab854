"""Who may witness a destruction 监销 (R39, D07): neither who made the list nor who had the papers made; two besides the destroyer."""

from __future__ import annotations

from collections.abc import Collection

from gateway.domain.codes import Code, Reason

WITNESSES = 2


def witness_reason(witness: str, *, maker: str, applicants: Collection[str]) -> Reason | None:
    """Why this account is no witness of the list, or None."""
    if witness == maker:
        return Reason(Code.E_WITNESS, f"{witness} made the list")
    if witness in applicants:
        return Reason(Code.E_WITNESS, f"{witness} had the paper made")
    return None


def closing_reason(witnesses: Collection[str], *, destroyer: str, maker: str) -> Reason | None:
    """Why the list cannot be closed by `destroyer` with those who have confirmed, or None."""
    valid = set(witnesses) - {destroyer, maker}
    return Reason(Code.E_WITNESS, f"{len(valid)} < {WITNESSES}") if len(valid) < WITNESSES else None
