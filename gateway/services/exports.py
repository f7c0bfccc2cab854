"""Registers as files: every form of docs/forms.md that is kept, as CSV, XLSX, JSON lines or printed pages (R56)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlmodel import Session, col, select

from gateway.db.tables import Checkpoint, LedgerHead
from gateway.domain.duties import Act
from gateway.domain.register_form import RegisterForm
from gateway.domain.register_forms import FORMS
from gateway.errors import ConfigurationError, InvalidInputError, NotFoundError
from gateway.forms import Filled, as_csv, as_jsonl, as_pdf, as_xlsx
from gateway.forms.filled import Words
from gateway.ledger.checkpoints import SignedHead
from gateway.services import copy_register, custody_registers, fax_register, permit_register, registers, statistics, visitors
from gateway.services.gate import Actor, Gate
from gateway.services.months import Month, parse_month
from gateway.services.register_notes import with_corrections
from gateway.services.register_reading import Reading
from watermark import FontFiles, StampError

PDF = "application/pdf"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS = ("csv", "xlsx", "pdf", "jsonl")
Rows = Iterable[dict[str, object]]

_READERS: dict[str, Callable[[Reading], Rows]] = {
    "visitor": visitors.visitor_rows,
    "fax": fax_register.fax_rows,
    "copy": copy_register.copy_rows,
    "permit": permit_register.permit_rows,
    "waste": custody_registers.waste_rows,
    "destruction": custody_registers.destruction_rows,
    "carrier": custody_registers.carrier_rows,
    "custody": custody_registers.custody_rows,
    "inventory": custody_registers.inventory_rows,
    "carry_out": custody_registers.carry_out_rows,
    "handover": custody_registers.handover_rows,
}


@dataclass(frozen=True, slots=True)
class Export:
    """A file to hand over."""

    file_name: str
    media_type: str
    content: bytes


def form_of(name: str) -> RegisterForm:
    """The register of this name. Raises NotFoundError."""
    if name not in FORMS:
        raise NotFoundError(f"There is no register '{name[:20]}'.", f"Use one of {', '.join(FORMS)}.")
    return FORMS[name]


def register_rows(gate: Gate, actor: Actor, name: str, month_text: str = "") -> list[dict[str, object]]:
    """A month of the register: keys as the form's columns, times as local ISO text, codes as they are.

    Raises ForbiddenError, NotFoundError for the register, InvalidInputError for the month.
    """
    with gate.database.reading() as session:
        return list(rows_in(gate, session, actor, name, month_text))


def rows_in(gate: Gate, session: Session, actor: Actor, name: str, month_text: str = "", *, number: str = "") -> Rows:
    """The same rows one by one, while the session lasts: who stops early pays for no more.

    With `number`, of a permit or carrier, a long register leaves out rows that cannot name it.
    """
    actor.require(Act.SEE_BOOKS)
    form, month = form_of(name), parse_month(gate, month_text)
    return with_corrections(gate, session, form, month.label, _as_written(gate, session, actor, form.name, month, number))


def _as_written(gate: Gate, session: Session, actor: Actor, name: str, month: Month, number: str) -> Rows:
    if name == "print":
        return registers.print_register(gate, actor, month.label)
    if name == "paper":
        return (_paper_row(share) for share in statistics.paper_of_month(gate, actor, month.label))
    return _READERS[name](Reading(gate, session, actor, month, number))


def _paper_row(share: statistics.PaperShare) -> dict[str, object]:
    shown = {name: getattr(share, name) for name in FORMS["paper"].keys if hasattr(share, name)}
    return {**shown, "department": f"{share.group} {share.name}".strip()}


def export_register(gate: Gate, actor: Actor, name: str, month_text: str, file_format: str, locale: str, words: Words) -> Export:
    """The month's register as a file, told in `words`. Raises what `register_rows` raises, and InvalidInputError for the format."""
    if file_format not in FORMATS:
        raise InvalidInputError(f"'{file_format[:10]}' is not a format of registers.", f"Use one of {', '.join(FORMATS)}.")
    rows = register_rows(gate, actor, name, month_text)
    form, month = form_of(name), parse_month(gate, month_text)
    with gate.database.reading() as session:
        head, code = _head(gate, session, locale)
    filled = Filled(form, gate.settings.unit, month.label, locale, rows, words, head, code, _note(gate, actor, form, month, locale))
    file_name = f"{form.name.replace('_', '-')}-register-{month.label}.{file_format}"
    if file_format == "pdf":
        return Export(file_name, PDF, as_pdf(filled, _font(gate)))
    if file_format == "xlsx":
        return Export(file_name, XLSX, as_xlsx(filled))
    if file_format == "csv":
        return Export(file_name, "text/csv", as_csv(filled))
    return Export(file_name, "application/jsonl", as_jsonl(filled))


def _head(gate: Gate, session: Session, locale: str) -> tuple[str, str]:
    """Where the ledger stood when this was written, in words; and the newest signed checkpoint as a code, if there is one."""
    head = session.get_one(LedgerHead, 1)
    at = gate.now().strftime("%Y-%m-%d %H:%M")
    words = "账本第 {seq} 条 {hash}，{at} 导出" if locale == "zh_CN" else "Ledger entry {seq} {hash}, exported {at}"
    newest = session.exec(select(Checkpoint).order_by(col(Checkpoint.seq).desc(), col(Checkpoint.id).desc()).limit(1)).first()
    code = SignedHead.of(newest.seq, newest.hash, newest.at, newest.key_id, newest.signature).code() if newest else ""
    return words.format(seq=head.seq, hash=head.hash, at=at), code


def _note(gate: Gate, actor: Actor, form: RegisterForm, month: Month, locale: str) -> str:
    """Of the paper statistics: who confirmed them, or that nobody has."""
    if form.name != "paper":
        return ""
    state = statistics.month_state(gate, actor, month.label)
    if state.confirmed_at is None:
        return "(草稿)" if locale == "zh_CN" else "(draft)"
    day = state.confirmed_at.astimezone(gate.settings.zone).strftime("%Y-%m-%d")
    return f"{state.confirmed_by} {day} 确认" if locale == "zh_CN" else f"confirmed by {state.confirmed_by}, {day}"


def _font(gate: Gate) -> bytes:
    try:
        regular, _ = FontFiles(gate.settings.font_regular, gate.settings.font_bold).read()
    except StampError as error:
        raise ConfigurationError(f"Registers cannot be printed: {error}.", "Install fonts-noto-cjk, or set font_regular.") from error
    return regular
