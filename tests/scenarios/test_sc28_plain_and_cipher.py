"""SC-28 Plain/cipher mix (R44 R45): plain is answered in plain, cipher in cipher, and the gate itself sends plain only."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gateway.domain.codes import Code
from gateway.domain.fax import CryptClass, FaxState
from gateway.domain.vocabulary import AlertKind, Level
from gateway.services import alerts, fax_filing, fax_printing, fax_tray
from gateway.services.fax_filing import FaxWish
from gateway.services.fax_tray import Registration
from rehearsal.exchange import Exchange
from rehearsal.papers import write_pdf
from tests.fax.office import Office, codes_of
from tests.room import Room

WISH = FaxWish("0591 8712 3451", "某部", "林某", Level.NEIBU)


@pytest.mark.timeout(240)
def test_sc28_cipher_and_plain_do_not_mix(room: Room, telephone: Exchange, tmp_path: Path) -> None:
    gate, zheng, zhao, office = room.gate, room.actor("zheng"), room.actor("zhao"), Office(room, telephone)
    room.gate.spool.refill()
    received = []
    with office.open():
        for pages in (1, 2):
            office.receive(pages)
            (fax,) = office.quarantined()
            crypt_class = CryptClass.CIPHER if pages == 1 else CryptClass.PLAIN
            said = Registration(Level.JIMI if pages == 1 else Level.NEIBU, "D03", "某部", crypt_class=crypt_class)
            received.append(fax_tray.register_received(gate, zheng, fax.fax_no, said).fax_no)
        cipher, plain = received
        paper = write_pdf(tmp_path / "answer.pdf", "答复", 1).read_bytes()
        assert codes_of(office.file, paper, replace(WISH, answers=cipher)) == [Code.E_CIPHER_PLAIN_MIX]
        told = [(alert.kind, alert.detail) for alert in alerts.list_alerts(gate, room.actor("chen"))]
        assert told == [(AlertKind.DENIED_JOB, Code.E_CIPHER_PLAIN_MIX)]  # the cipher clerk answers

        assert codes_of(fax_tray.note_answer, gate, zheng, plain, CryptClass.CIPHER) == [Code.E_CIPHER_PLAIN_MIX]
        by_telephone = codes_of(fax_tray.note_answer, gate, zheng, cipher, CryptClass.CIPHER, by_telephone=True)
        assert by_telephone == [Code.E_CIPHER_PLAIN_MIX]
        job = room.submit(paper)
        both = replace(WISH, answers=plain, crypt_class=CryptClass.CIPHER)
        assert codes_of(fax_filing.file_job, gate, zhao, job, both) == [Code.E_CIPHER_PLAIN_MIX]
        assert codes_of(fax_printing.print_received, gate, zheng, cipher, recipient="sun", device="PRN-JY-01") == [Code.E_CIPHER_TELEGRAM]
        fax_tray.note_answer(gate, zheng, cipher, CryptClass.CIPHER)
    assert {office.fax(fax_no).state for fax_no in received} == {FaxState.REGISTERED}
    assert telephone.dials() == 0
    assert room.verify().ok
