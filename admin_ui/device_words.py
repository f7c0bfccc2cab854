"""The words of devices in both languages: what they say, how their meters are read, what may be done at them."""

from __future__ import annotations

DEVICE_WORDS: dict[str, tuple[str, str]] = {
    **{
        f"device.{keyword}": words
        for keyword, words in {
            "unreachable": ("设备没有应答：请看电源和网线", "the device does not answer: look at power and cable"),
            "rejecting-jobs": ("设备不接收作业", "the device takes no jobs"),
            "takes-no-pdf": ("设备不收 PDF：请改用隐藏队列", "the device takes no PDF: use a hidden queue"),
            "stopped": ("设备已停", "the device has stopped"),
            "paused": ("设备已暂停", "the device is paused"),
            "media-empty": ("缺纸", "out of paper"),
            "media-needed": ("请装纸", "load paper"),
            "media-low": ("纸快用完", "paper is low"),
            "media-jam": ("卡纸", "paper jam"),
            "door-open": ("机盖开着", "a door is open"),
            "cover-open": ("机盖开着", "a cover is open"),
            "toner-empty": ("墨粉用尽", "toner is empty"),
            "toner-low": ("墨粉不足", "toner is low"),
            "marker-supply-empty": ("墨粉用尽", "toner is empty"),
            "marker-supply-low": ("墨粉不足", "toner is low"),
            "output-area-full": ("出纸盘已满", "the output tray is full"),
            "input-tray-missing": ("缺纸盒", "a tray is missing"),
            "offline": ("设备离线", "the device is offline"),
            "meter-silent": ("计数器没有读数：国家秘密等待", "the meter gives no reading: state secrets wait"),
            "meter-at-work": ("计数器在走：设备在做别的事", "the meter moves: the device is at other work"),
            "meter-disagrees": ("计数与账本不符：国家秘密等待查清", "the meter disagrees with the ledger: state secrets wait"),
            "printer-stopped": ("设备已停", "the device has stopped"),
        }.items()
    },
    "meter_verdict.agrees": ("相符", "agrees"),
    "meter_verdict.wrapped": ("回零，相符", "began again at 0, agrees"),
    "meter_verdict.unexplained": ("多出", "more than the gate let out"),
    "meter_verdict.lost": ("少了", "fewer than the gate let out"),
    "meter_verdict.swapped": ("换了设备", "another device"),
    "meter_verdict.reset": ("计数器复位", "the counter was reset"),
    "care.maintenance": ("维护", "maintenance"),
    "care.repair": ("送修", "to repair"),
    "care.back": ("修复", "back from repair"),
    "meter_kind.none": ("不自动读", "not by itself"),
    "meter_kind.ipp": ("IPP", "IPP"),
    "meter_kind.snmp": ("SNMP", "SNMP"),
}
