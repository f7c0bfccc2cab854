"""The words of the copy station in both languages: why a scan ended, where the paper lies, what is kept of a page."""

from __future__ import annotations

from gateway.domain.copying import CopyMethod
from gateway.domain.vocabulary import DocType
from gateway.scanners import Colours, Fault, Source
from gateway.services import copy_scans

COPY_WORDS: dict[str, tuple[str, str]] = {
    **{
        f"scan_fault.{fault}": words
        for fault, words in {
            Fault.JAM: (
                "卡纸了：取出卡住的纸，从这一页起重新放好，再扫描。",
                "Paper is stuck: take it out, lay in that page and all after it, scan on.",
            ),
            Fault.EMPTY: ("进纸器里没有纸：放好原件再扫描；都扫完了就成为作业。", "The feeder is empty: lay the original in, or finish."),
            Fault.COVER_OPEN: (
                "扫描仪的盖子开着：盖好，补上缺的页，再扫描。",
                "The cover is open: close it, lay in what is missing, scan on.",
            ),
            Fault.BUSY: ("扫描仪正忙：等它空闲再扫描。", "The scanner is in use: wait, then scan on."),
            Fault.UNREACHABLE: (
                "连不上扫描仪：检查电源和连线，再扫描。",
                "The scanner cannot be reached: look at power and cable, scan on.",
            ),
            Fault.SILENT: ("扫描仪太久没有动静：检查后补上缺的页，再扫描。", "The scanner was silent for too long: look at it, scan on."),
            Fault.CUT: (
                "有一页没有传完，已丢弃：检查连线，从这一页起再扫描。",
                "A page did not come through whole and was dropped: look at the cable, scan on.",
            ),
            Fault.UNSUITABLE: (
                "扫描仪不支持这种方式：换一种进纸或颜色。",
                "The scanner cannot scan in this way: choose another source or colours.",
            ),
            copy_scans.INTERRUPTED: (
                "系统在扫描时停止过：补上缺的页，再扫描。",
                "The gateway stopped while it scanned: lay in what is missing, scan on.",
            ),
            copy_scans.SPOOL_FULL: (
                "加密存储已满：先放行或撤回别的作业，再扫描。",
                "The spool is full: release or withdraw other jobs, then scan on.",
            ),
            copy_scans.TOO_LARGE: (
                "页面的数据太多，这一页没有保留：改用灰度或较低的分辨率重扫，或先成为作业。",
                "There is too much data, this page was not kept: scan in grey or coarser, or make a job of what is there.",
            ),
            copy_scans.UNREADABLE: ("有一页无法读取，已丢弃：重新扫描这一页。", "A page could not be read and was dropped: scan it again."),
        }.items()
    },
    **{
        f"scan_source.{source.value}": words
        for source, words in {
            Source.FEEDER: ("进纸器，单面", "feeder, one side"),
            Source.FEEDER_DUPLEX: ("进纸器，双面", "feeder, both sides"),
            Source.FLATBED: ("平板", "flatbed"),
        }.items()
    },
    **{
        f"scan_colours.{colours.value}": words
        for colours, words in {
            Colours.GREY: ("灰度", "grey"),
            Colours.COLOUR: ("彩色", "colour"),
            Colours.BLACK_AND_WHITE: ("黑白", "black and white"),
        }.items()
    },
    f"copy_method.{CopyMethod.SCANNED.value}": ("扫描后打印", "scanned, then printed"),
    f"copy_method.{CopyMethod.DROPPED.value}": ("设备推送", "pushed by a device"),
    "wet_stamp.yes": ("已盖", "yes"),
    "wet_stamp.no": ("未盖", "no"),
    f"copy_method.{CopyMethod.BY_HAND.value}": ("人工登记", "copied elsewhere, entered by hand"),
    f"doc_type.{DocType.ORDINARY.value}": ("一般文件", "ordinary paper"),
    f"doc_type.{DocType.CIPHER_TELEGRAM.value}": ("密码电报", "cipher telegram 密码电报"),
}
