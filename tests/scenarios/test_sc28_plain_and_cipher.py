"""SC-28 Plain/cipher mix (R44 R45): a cipher telegram is never answered in plain, nor a plain one in cipher; the alert is raised."""

from __future__ import annotations

from gateway.domain.codes import Code
from gateway.domain.fax import CryptClass, FaxResult
from gateway.domain.vocabulary import AlertKind, Level
from gateway.services import alerts, fax_tray, fax_views, faxing
from gateway.services.fax_filing import FaxWish, file_fax
from gateway.services.fax_tray import Registration
from tests.room import Room
from tests.services.test_faxing import NUMBER, codes_of, held, pages_of, received

MIX = [Code.E_CIPHER_PLAIN_MIX]


def told(room: Room) -> list[str]:
    """The faxes responsible people are told of since plain and cipher met."""
    open_alerts = alerts.list_alerts(room.gate, room.actor("chen"))
    return [alert.subject for alert in open_alerts if alert.kind is AlertKind.DENIED_JOB and alert.detail == Code.E_CIPHER_PLAIN_MIX]


def test_sc28_a_cipher_telegram_is_answered_by_the_cipher_clerk_only(room: Room) -> None:
    gate, zhao, zheng = room.gate, room.actor("zhao"), room.actor("zheng")
    cipher, plain = received(room), received(room, "fax2.tif", 0)
    fax_tray.register_received(gate, zheng, cipher, Registration(Level.JIMI, "D03", "某部", crypt_class=CryptClass.CIPHER))
    fax_tray.register_received(gate, zheng, plain, Registration(Level.NEIBU, "D03", "某部"))
    assert told(room) == []

    answer = FaxWish(NUMBER, "某部", "林某", Level.NEIBU, answers=cipher)
    assert codes_of(file_fax, gate, zhao, held(room), answer, pages_of()) == MIX
    (refused,) = (fax for fax in fax_views.list_faxes(gate, zheng) if fax.result is FaxResult.REFUSED)
    assert told(room) == [refused.fax_no]

    assert codes_of(fax_tray.note_answer, gate, zheng, plain, CryptClass.CIPHER) == MIX
    assert codes_of(fax_tray.note_answer, gate, zheng, cipher, CryptClass.CIPHER, by_telephone=True) == MIX
    fax_tray.note_answer(gate, zheng, cipher, CryptClass.CIPHER)

    both = FaxWish(NUMBER, "某部", "林某", Level.NEIBU, crypt_class=CryptClass.CIPHER, answers=plain)
    assert codes_of(file_fax, gate, zhao, held(room), both, pages_of()) == MIX
    assert faxing.faxes_to_send(gate) == []
    assert room.verify().ok
