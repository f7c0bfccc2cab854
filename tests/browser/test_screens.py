"""Every screen, in both languages, wide and narrow: nothing axe-core minds, nothing from elsewhere, no word in the other language."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from rehearsal.busy_day import BusyDay, make_busy
from rehearsal.house import UNIT, House
from rehearsal.people import CHARACTERS, DEPARTMENTS
from rehearsal.screens import SCREENS, Screen
from rehearsal.screenshots import LANGUAGES, SIZES, log_in

pytestmark = [pytest.mark.browser, pytest.mark.cups, pytest.mark.timeout(600)]
ACCOUNTS = list(dict.fromkeys(screen.account for screen in SCREENS))
DATA = sorted(
    {
        *(one.name for one in CHARACTERS),
        *(name for _, name in DEPARTMENTS),
        *("关于做好文印工作的意见", "年度计划", "会议议程", "会卡纸的打印机", "机要室打印机", "财务处打印机", "会议时间调整"),
        *(
            "征求意见",
            "上会",
            "向省里汇报",
            "省城",
            "日常办公",
            "日常用纸",
            "内部文件由批准人放行",
            "忘记口令",
            "试印",
            "委〔2026〕1号",
            "省统计局",
            "林某",
        ),
        *UNIT.split(),
    },
    key=len,
    reverse=True,
)
"""What people wrote: it stands on the page as they wrote it, in any language."""
TERMS = tuple(
    "准印证号 准印证 准印 中文 密码电报 绝密 机密 秘密 内部 公开 清样 份号 保密期限 密级 常年 知悉人员 载体 发行范围 重印 预览".split()  # noqa: SIM905
)
"""Words of the trade that English keeps beside its own (docs/glossary.md)."""
HANZI = re.compile(r"[\u4e00-\u9fff]")
LATIN = re.compile(r"[A-Za-z]{3,}")
NAMES = re.compile(
    r"\b(Imprimatur|English|CSV|XLSX|JSONL|OpenAPI|TOML|IPP|CUPS|PDF|USB|JSON|API|Example Printer|ipp://\S+|permit-id=\S+|strict|office|gateway|operator|"
    r"approver|min|E_[A-Z_]+|caiwu|jiyao|jams|counter|dpi|root|Custom|placeholder|Clear-Site-Data|GPL-[\d.]+-or-later)\b|\b\S*\d\S*\b|\b[a-z]+\.[a-z.]+\b"
)
"""Names and what people type: the same in every language."""
WORDS_SHOWN = """() => {
  const found = [];
  const kept = node => node.closest('code, [lang]:not(html), script, style, svg, textarea, .notice .detail');
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    if (text && !kept(walker.currentNode.parentElement)) found.push(text);
  }
  for (const node of document.body.querySelectorAll('[placeholder], [aria-label], [title], [alt]'))
    for (const name of ['placeholder', 'aria-label', 'title', 'alt'])
      if (node.getAttribute(name) && !kept(node)) found.push(node.getAttribute(name));
  return found;
}"""


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    root = Path(tempfile.mkdtemp(prefix="imprimatur-test-", dir="/tmp"))
    try:
        with House(root, passwords=True) as opened:
            yield opened
    finally:
        shutil.rmtree(root, ignore_errors=True)


@pytest.fixture(scope="module")
def day(house: House) -> BusyDay:
    return make_busy(house)


class Walk:
    """One person's window through all his screens; what is wrong is collected, so that one walk tells all of it."""

    def __init__(self, browser: Browser, house: House, account: str) -> None:
        self.page: Page = browser.new_context().new_page()
        self.faults: list[str] = []
        self._house, self._where, self._axe = house, "log-in", Axe()
        self.page.on("console", lambda message: self.note(message.text) if message.type in {"error", "warning"} else None)
        self.page.on("pageerror", lambda error: self.note(str(error)))
        self.page.on("request", lambda request: None if request.url.startswith((house.address, "data:")) else self.note(request.url))
        if account:
            log_in(self.page, house, account)

    def note(self, fault: str) -> None:
        if not ("404 (NOT FOUND)" in fault and self._where.startswith("not-found")):
            self.faults.append(f"{self._where}: {fault}")

    def speak(self, language: str) -> None:
        self.page.goto(f"{self._house.address}language/{language}")

    def look(self, screen: Screen, day: BusyDay, language: str) -> None:
        """Both widths must fit; what axe and a reader look at is the same in both, so that each language is examined in one of them."""
        self._where = f"{screen.name} {language}"
        answer = self.page.goto(self._house.address + screen.address(day))
        assert answer is not None
        if answer.status != (404 if screen.name == "not-found" else 200):
            self.note(f"HTTP {answer.status}")
        for size, (width, height) in SIZES.items():
            self._where = f"{screen.name} {language} {size}"
            self.page.set_viewport_size({"width": width, "height": height})
            if self.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                self.note("scrolls sideways")
            if (language == "zh") == (size == "wide"):
                self._examine(language)

    def _examine(self, language: str) -> None:
        for violation in self._axe.run(self.page).response["violations"]:
            if violation["impact"] in {"serious", "critical"}:
                targets = [str(node["target"][0]) for node in violation["nodes"][:3]]
                self.note(f"axe {violation['impact']}: {violation['id']} at {', '.join(targets)}")
        foreign = foreign_to_english if language == "en" else foreign_to_chinese
        for text in dict.fromkeys(text for text in self.page.evaluate(WORDS_SHOWN) if foreign(text)):
            self.note(f"in the other language: {text[:80]}")


def without(text: str, words: list[str]) -> str:
    for word in words:
        text = text.replace(word, " ")
    return text


def foreign_to_english(text: str) -> bool:
    """Chinese that is neither what somebody wrote nor a term English keeps."""
    return bool(HANZI.search(re.sub(r"\d+年", "", without(text, [*DATA, *TERMS]))))


def foreign_to_chinese(text: str) -> bool:
    """Words of English with no Chinese beside them, names left out."""
    accounts = [one.username for one in CHARACTERS]
    return not HANZI.search(text) and bool(LATIN.search(NAMES.sub(" ", " ".join(word for word in text.split() if word not in accounts))))


@pytest.mark.parametrize("account", ACCOUNTS, ids=lambda account: account or "nobody")
def test_every_screen_of(house: House, day: BusyDay, browser: Browser, account: str) -> None:
    walk = Walk(browser, house, account)
    for language, code in LANGUAGES.items():
        walk.speak(code)
        for screen in (screen for screen in SCREENS if screen.account == account):
            walk.look(screen, day, language)
    walk.page.context.close()
    assert not walk.faults, "\n".join(walk.faults)


def test_axe_finds_what_it_should(browser: Browser) -> None:
    page = browser.new_context().new_page()
    page.set_content("<html lang=en><title>x</title><main><h1>x</h1><input><img src='data:,'></main>")
    found = {violation["id"] for violation in Axe().run(page).response["violations"] if violation["impact"] in {"serious", "critical"}}
    assert {"label", "image-alt"} <= found


def test_what_counts_as_the_other_language() -> None:
    assert foreign_to_english("等待审批")
    assert not foreign_to_english("Confidential 秘密★5年 赵敏")
    assert foreign_to_chinese("The form was too old")
    assert not foreign_to_chinese("ZYZ-2026-000001-4 zhao")
