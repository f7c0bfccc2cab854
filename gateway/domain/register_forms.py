"""The registers as forms: titles, columns in the order of the paper, who signs below (docs/forms.md F1-F10).

A form is data; who fills it reads rows (`gateway.services.registers`), who writes it out knows no register (`gateway.forms`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from gateway.domain.register_form import CORRECTIONS, Column, Kind, RegisterForm


def _number(key: str, zh: str, en: str, *, on_paper: bool = True) -> Column:
    return Column(key, zh, en, Kind.NUMBER, on_paper=on_paper)


def _time(key: str, zh: str, en: str, *, on_paper: bool = True) -> Column:
    return Column(key, zh, en, Kind.TIME, on_paper=on_paper)


_TITLE, _MARK = Column("title", "文件名称", "Title"), Column("mark", "密级/保密期限", "Mark")
_PERMIT, _COPY = Column("permit_no", "准印证号", "Permit"), Column("copy_number", "份号", "Copy")
_DEPARTMENT, _REQUESTER = Column("department", "申请部门", "Department"), Column("requester", "承办人", "Requester")
_CARRIER = Column("carrier_no", "载体编号", "Carrier")

PRINT = RegisterForm(
    "print",
    "F3",
    "打印涉密信息登记表",
    "Print register",
    (
        _number("seq", "序号", "No."),
        Column("job", "作业号", "Job", on_paper=False),
        _time("received_at", "提交时间", "Received", on_paper=False),
        _time("released_at", "放行时间", "Released"),
        _time("completed_at", "完成时间", "Completed"),
        _PERMIT,
        _TITLE,
        _MARK,
        _number("pages", "页数", "Pages"),
        _number("copies_approved", "批准份数", "Copies approved"),
        _number("copies_this", "本次份数", "Copies of this job"),
        _number("copies_total", "累计份数", "Copies so far"),
        Column("copy_from", "份号起", "First copy"),
        Column("copy_to", "份号止", "Last copy"),
        _number("copies_good", "完好份数", "Good copies"),
        Column("paper", "纸张规格", "Paper"),
        Column("sides", "单双面", "Sides"),
        _number("sheets_good", "用纸张数", "Good sheets"),
        _number("sheets_waste", "废页张数", "Waste sheets"),
        _DEPARTMENT,
        _REQUESTER,
        Column("approvers", "审批人", "Approvers"),
        Column("operator", "操作人", "Operator"),
        Column("device", "打印机", "Device"),
        Column("page_hash", "文件哈希", "Page hash", Kind.HASH),
        Column("status", "状态", "Status", words="stage"),
        Column("codes", "原因代码", "Codes", on_paper=False),
        _number("ledger_seq", "账本序号", "Ledger entry", on_paper=False),
    ),
)

PERMIT = RegisterForm(
    "permit",
    "F4",
    "秘密载体准印证登记表",
    "Permit register",
    (
        _PERMIT,
        Column("kind", "种类", "Kind", words="kind"),
        _DEPARTMENT,
        _REQUESTER,
        Column("title", "载体名称", "Title"),
        Column("doc_no", "文号", "Document no."),
        Column("origin", "来源", "Origin", words="origin"),
        Column("issuer", "发文单位", "Issuer", on_paper=False),
        Column("consent", "发文单位同意", "Issuer's consent", on_paper=False),
        _MARK,
        Column("classifier", "定密责任人", "Classifier", on_paper=False),
        _number("pages", "页数", "Pages"),
        _number("copies_approved", "印制数量", "Copies approved"),
        _number("copies_good", "已印", "Good"),
        _number("copies_reserved", "印制中", "Reserved"),
        Column("scope", "发行范围", "Scope"),
        Column("purpose", "用途", "Purpose"),
        Column("devices", "指定设备", "Devices"),
        _time("valid_from", "有效期起", "Valid from"),
        _time("valid_to", "有效期止", "Valid to"),
        Column("approvals", "审批", "Approvals"),
        Column("page_hash", "文件哈希", "Page hash", Kind.HASH, on_paper=False),
        Column("status", "状态", "Status", words="state"),
        _time("created_at", "申请时间", "Asked for", on_paper=False),
    ),
)

WASTE = RegisterForm(
    "waste",
    "F6",
    "废页登记表",
    "Waste register",
    (
        Column("waste_no", "废页号", "Waste"),
        _time("recorded_at", "登记时间", "Recorded"),
        _PERMIT,
        Column("job", "作业号", "Job"),
        _COPY,
        _TITLE,
        _MARK,
        _number("sheets", "张数", "Sheets"),
        Column("reason", "原因", "Reason", words="waste"),
        Column("withdrawn_from", "收回自", "Withdrawn from"),
        Column("kept_in", "存放处", "Kept in"),
        Column("recorded_by", "登记人", "Recorded by"),
        Column("list_no", "销毁清单", "Destruction list"),
        _time("destroyed_at", "销毁时间", "Destroyed"),
    ),
)

DESTRUCTION = RegisterForm(
    "destruction",
    "F6",
    "涉密载体销毁清单",
    "Destruction register",
    (
        Column("list_no", "清单号", "List"),
        _number("line_no", "行", "Line"),
        Column("item", "载体/废页", "Item"),
        _TITLE,
        Column("doc_no", "文号", "Document no."),
        _MARK,
        _COPY,
        _number("sheets", "张数", "Sheets"),
        _time("formed_at", "形成时间", "Formed"),
        Column("made_by", "制单人", "Made by"),
        Column("reason", "销毁理由", "Reason"),
        Column("approver", "批准人", "Approver"),
        _time("decided_at", "批准时间", "Decided"),
        Column("method", "方式", "Method", words="method"),
        Column("place", "地点", "Place"),
        Column("unit", "设备/单位", "Machine or unit"),
        Column("receipt_no", "回执", "Receipt", on_paper=False),
        Column("witnesses", "监销人", "Witnesses"),
        Column("destroyed_by", "销毁人", "Destroyed by"),
        _time("destroyed_at", "销毁时间", "Destroyed"),
        Column("status", "状态", "Status", words="destruction"),
    ),
    (("批准人", "Approver"), ("销毁人", "Destroyed by"), ("监销人", "Witness"), ("监销人", "Witness")),
)

CARRIERS = RegisterForm(
    "carrier",
    "F7",
    "涉密载体台账",
    "Carriers",
    (
        _CARRIER,
        _TITLE,
        Column("doc_no", "文号", "Document no."),
        _MARK,
        _PERMIT,
        _COPY,
        Column("job", "作业号", "Job", on_paper=False),
        Column("parent", "原件", "Copied from"),
        _time("made_at", "制作时间", "Made"),
        Column("custodian", "保管人", "Custodian"),
        Column("department", "部门", "Department"),
        Column("location", "存放处", "Place"),
        Column("status", "状态", "State", words="carrier"),
        _time("since", "自", "Since"),
    ),
)

CUSTODY = RegisterForm(
    "custody",
    "F7",
    "涉密载体签收登记表",
    "Custody register",
    (
        _CARRIER,
        _TITLE,
        _MARK,
        _PERMIT,
        _COPY,
        Column("verb", "事由", "Move", words="move"),
        Column("given_by", "交出人", "Given by"),
        Column("taken_by", "接收人", "Taken by"),
        Column("department", "部门", "Department"),
        Column("delivery", "递送方式", "Delivery", words="delivery"),
        _time("offered_at", "交出时间", "Offered"),
        _time("due_at", "应还时间", "Due"),
        Column("signed_by", "签收人", "Signed by"),
        _time("signed_at", "签收时间", "Signed"),
        Column("status", "状态", "State", words="passing"),
        Column("reason", "备注", "Note"),
    ),
)

INVENTORY = RegisterForm(
    "inventory",
    "F7",
    "涉密载体清查登记表",
    "Inventory register",
    (
        Column("inventory_no", "清查编号", "Inventory"),
        _CARRIER,
        _TITLE,
        _MARK,
        _COPY,
        Column("state", "账面状态", "By the books", words="carrier"),
        Column("custodian", "保管人", "Custodian"),
        Column("found", "清查结果", "Found", words="found"),
        Column("found_by", "清查人", "Counted by"),
        _time("found_at", "清查时间", "Counted"),
        Column("incident_no", "事件", "Incident"),
        Column("signed_by", "签字", "Signed by"),
    ),
)

PAPER = RegisterForm(
    "paper",
    "F8",
    "月度用纸统计表",
    "Paper of the month",
    (
        Column("department", "部门", "Department"),
        Column("paper", "纸型", "Paper"),
        _number("jobs", "任务数", "Jobs"),
        _number("denied", "拒绝数", "Refused"),
        _number("impressions", "面", "Impressions"),
        _number("sheets_print", "打印张数", "Print sheets"),
        _number("sheets_copy", "复印张数", "Copy sheets"),
        _number("sheets_fax", "传真张数", "Fax sheets"),
        _number("sheets_waste", "废页张数", "Waste sheets"),
        _number("sheets_total", "合计", "Total"),
        _number("a4_equivalent", "折合A4", "A4 equivalent"),
        _number("sheets_classified", "涉密张数", "Classified sheets"),
        _number("last_month", "上月", "Month before"),
        _number("delta_pct", "与上月比%", "Change %"),
    ),
    (("统计人", "Made by"), ("确认", "Confirmed")),
)

CARRY_OUT = RegisterForm(
    "carry_out",
    "F9",
    "涉密载体外出携带审批登记表",
    "Carrying out",
    (
        Column("carry_out_no", "编号", "No."),
        _REQUESTER,
        Column("department", "部门", "Department"),
        Column("carriers", "载体", "Carriers"),
        Column("max_level", "最高密级", "Highest level", words="level"),
        Column("purpose", "事由", "Purpose"),
        Column("destination", "目的地", "Destination"),
        Column("abroad", "境外", "Abroad"),
        Column("escorts", "同行人", "Escorts"),
        _time("requested_at", "申请时间", "Asked for"),
        Column("approver", "批准人", "Approver"),
        _time("decided_at", "批准时间", "Decided"),
        _time("left_at", "带出时间", "Left"),
        _time("due_back", "应还时间", "Due back"),
        _time("back_at", "归还时间", "Back"),
        Column("status", "状态", "State", words="carry_out"),
    ),
    (("批准人", "Approver"), ("携带人", "Bearer"), ("机要管理员", "Operator")),
)

HANDOVER = RegisterForm(
    "handover",
    "F10",
    "涉密岗位交接单",
    "Hand-overs",
    (
        Column("handover_no", "编号", "No."),
        Column("leaver", "移交人", "Leaver"),
        Column("successor", "接收人", "Successor"),
        Column("supervisor", "监交人", "Supervisor"),
        Column("reason", "事由", "Reason", words="handover"),
        _time("opened_at", "开始时间", "Opened"),
        _number("count", "件数", "Items"),
        Column("items", "交接事项", "What passed"),
        _time("leaver_signed_at", "移交人签字", "Leaver signed"),
        _time("successor_signed_at", "接收人签字", "Successor signed"),
        _time("supervisor_signed_at", "监交人签字", "Supervisor signed"),
        _time("completed_at", "完成时间", "Completed"),
    ),
    (("移交人", "Leaver"), ("接收人", "Successor"), ("监交人", "Supervisor")),
)

VISITOR = RegisterForm(
    "visitor",
    "F1",
    "来访登记表",
    "Visitors",
    (
        Column("visit_no", "编号", "No."),
        Column("visitor_name", "姓名", "Name"),
        Column("visitor_org", "单位/部门", "Unit"),
        Column("visitor_title", "职务/身份", "Position"),
        Column("id_type", "证件类型", "Document", words="id"),
        Column("id_no", "证件号码", "Its number"),
        Column("phone", "联系方式", "Phone"),
        Column("reason_kind", "来访事由", "Reason", words="visit"),
        Column("reason", "事由说明", "In words"),
        Column("device", "涉及设备", "Device"),
        Column("approver", "批准人", "Approver"),
        _time("approved_at", "批准时间", "Approved"),
        Column("escort", "陪同人", "Escort"),
        Column("items", "暂存物品", "Deposited"),
        _time("enter_at", "进入时间", "In"),
        _time("items_returned_at", "物品归还", "Given back"),
        _time("leave_at", "离开时间", "Out"),
        Column("officer", "值班人", "Officer"),
        Column("note", "备注", "Note", on_paper=False),
    ),
)

FAX = RegisterForm(
    "fax",
    "F2",
    "传真信息登记表",
    "Faxes",
    (
        Column("fax_no", "编号", "No."),
        Column("direction", "收/发", "Direction", words="fax_way"),
        _time("registered_at", "日期时间", "Time"),
        Column("peer", "对方单位", "Peer"),
        Column("number", "传真号码", "Number"),
        Column("person", "接收人/发件人", "Person"),
        Column("doc_no", "文号", "Document no.", on_paper=False),
        Column("summary", "标题/内容摘要", "Subject"),
        _number("pages", "页数", "Pages"),
        _number("pages_sent", "已发页数", "Pages sent"),
        Column("level", "密级", "Level", words="level"),
        Column("crypt_class", "明/密", "Plain or cipher", words="crypt"),
        Column("answers", "答复对象", "In reply to", on_paper=False),
        Column("tpr_no", "技术处理记录", "Processing record"),
        Column("department", "部门", "Department"),
        Column("requester", "经办人", "Requester"),
        Column("approver", "批准人", "Approver"),
        Column("operator", "操作人", "Operator"),
        Column("sha256", "文件哈希", "Document hash", Kind.HASH, on_paper=False),
        Column("permit_no", "准印证号", "Permit"),
        _number("attempts", "呼叫次数", "Attempts"),
        Column("result", "结果", "Result", words="fax_result"),
        Column("signed_by", "收件签收", "Signed for by"),
        _time("signed_at", "签收时间", "Signed"),
    ),
)

COPY = RegisterForm(
    "copy",
    "F5",
    "复印登记表",
    "Copy register",
    (
        *(column for column in PRINT.columns if column.key not in ("page_hash", "codes", "ledger_seq")),
        Column("original_carrier", "原件载体", "Original"),
        Column("original_copy", "原件份号", "Original's copy"),
        Column("origin", "来源", "Origin", words="origin"),
        Column("issuer_consent", "发文单位同意", "Issuer's consent"),
        Column("declared_by", "原件说明人", "Declared by", on_paper=False),
        Column("seconded_by", "复看人", "Second look by", on_paper=False),
        Column("copy_stamp", "复制戳记", "Copy stamp"),
        Column("wet_stamp", "戳记已盖", "Stamped in ink", words="wet_stamp"),
        Column("method", "方式", "Method", words="copy_method"),
        _number("counter_before", "计数器（前）", "Counter before"),
        _number("counter_after", "计数器（后）", "Counter after"),
        Column("codes", "原因代码", "Codes", on_paper=False),
        _number("ledger_seq", "账本序号", "Ledger entry", on_paper=False),
    ),
)

_KEYS: Mapping[str, tuple[str, ...]] = {
    "visitor": ("visit_no",), "fax": ("fax_no",), "print": ("job",), "copy": ("job",), "permit": ("permit_no",), "waste": ("waste_no",),
    "destruction": ("list_no", "line_no"), "carrier": ("carrier_no",), "custody": ("carrier_no", "offered_at"),
    "inventory": ("inventory_no", "carrier_no"), "carry_out": ("carry_out_no",), "handover": ("handover_no",),
}  # fmt: skip
"""Paper has none: what is wrong there is entered by hand beside it (docs/statistics.md)."""


FORMS: Mapping[str, RegisterForm] = {
    form.name: replace(form, key=_KEYS[form.name], columns=(*form.columns, CORRECTIONS)) if form.name in _KEYS else form
    for form in (VISITOR, FAX, PRINT, COPY, PERMIT, WASTE, DESTRUCTION, CARRIERS, CUSTODY, INVENTORY, PAPER, CARRY_OUT, HANDOVER)
}
"""Every register by its name on command line and API."""
