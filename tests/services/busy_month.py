"""A month in which something happened of everything: a row in every register."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from gateway.domain.vocabulary import CarrierVerb, DestructionMethod, Found, IdKind, Level, VisitReason
from gateway.ledger.checkpoints import Signer, write_checkpoint
from gateway.services.carry_out import CarryOutRequest, approve_carry_out, hand_out, request_carry_out
from gateway.services.custody import bring_back, issue, sign
from gateway.services.destruction import Destroying, approve_list, destroy_list, draft_list, witness_list
from gateway.services.fax_tray import Arrival, Registration, receive, register_received
from gateway.services.handover import open_handover, sign_handover
from gateway.services.inventories import count_carriers, open_inventory, sign_inventory
from gateway.services.visitors import (
    Deposit,
    NewVisitor,
    approve_visitor,
    enter_visitor,
    leave_visitor,
    register_visitor,
    return_items,
)
from tests.room import Room
from tests.services.paper import jammed, printed

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONTH = "2026-03"


def zt(*numbers: int) -> list[str]:
    return [f"ZT-2026-{number:06d}" for number in numbers]


def busy_month(room: Room) -> None:
    """March 2026: printed, jammed, issued, carried out, destroyed, counted, handed over; a checkpoint at its end."""
    gate = room.gate
    zheng, wang, zhao, lin, wu, li, chen = (room.actor(name) for name in ("zheng", "wang", "zhao", "lin", "wu", "li", "chen"))
    wish = NewVisitor("何明", "某设备公司", IdKind.IDENTITY_CARD, "350100199001010017", VisitReason.REPAIR, "wang", device="PRN-JY-01")
    visit = register_visitor(gate, zheng, wish).visit_no
    approve_visitor(gate, room.actor("zhou"), visit)
    enter_visitor(gate, zheng, visit, [Deposit("手机", 1, "3")])
    return_items(gate, zheng, visit)
    leave_visitor(gate, zheng, visit)
    gate.spool.refill()
    came = receive(gate, Arrival("fax1.tif", "059187123456", 4, whole=True), b"pages")
    register_received(gate, zheng, came.fax_no, Registration(Level.NEIBU, "D03", "某省统计局", "林某", "会议时间调整"))
    printed(room, copies=6, scope={"D02": 6}, days=25)
    jammed(room, room.permit(copies=4, days=25), copies=4, good=3, spoiled_sheets=5)
    issue(gate, zheng, zt(1, 2), "zhao")
    sign(gate, zhao, zt(1, 2))
    bring_back(gate, zhao, zt(2), CarrierVerb.RETURN)
    sign(gate, zheng, zt(2))
    due = datetime(2026, 3, 13, 18, 0, tzinfo=SHANGHAI)
    out = request_carry_out(gate, zhao, CarryOutRequest(zt(3), "省里汇报", "省城", due)).carry_out_no
    approve_carry_out(gate, li, out)
    hand_out(gate, zheng, out)
    sign(gate, zhao, zt(3))
    made = draft_list(gate, zheng, [*zt(4, 5), "W-0001"], "到期").list_no
    approve_list(gate, wu, made)
    witness_list(gate, room.actor("sun"), made)
    witness_list(gate, chen, made)
    destroy_list(gate, wang, made, Destroying(DestructionMethod.SHRED, "机要室", "SH-01"))
    count = open_inventory(gate, zheng).inventory_no
    count_carriers(gate, zheng, count, zt(1, 6, 7, 8, 9), Found.PRESENT)
    count_carriers(gate, zheng, count, zt(3), Found.OUT_OK)
    count_carriers(gate, zheng, count, zt(2), Found.RETURNED)
    count_carriers(gate, zheng, count, zt(10), Found.MISSING)
    sign_inventory(gate, zheng, count)
    sign_inventory(gate, lin, count)
    handover = open_handover(gate, lin, "zheng", "wang", "lin", "transferred").handover_no
    for person in (zheng, wang, lin):
        sign_handover(gate, person, handover)
    write_checkpoint(gate.database, Signer(gate.settings.keys / "ledger.key"), gate.settings.checkpoint_file, room.clock.now())
