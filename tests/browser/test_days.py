"""A day of each role, told in the browser alone: what he is shown, what he does, what he is refused and why (docs/scenarios.md A)."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from rehearsal.house import House
from rehearsal.papers import write_pdf
from rehearsal.people import PASSWORD
from rehearsal.processes import wait_until
from tests.architecture.repository import ROOT
from tests.browser.window import Window
from tests.cups.paper import permit_for, release

pytestmark = [pytest.mark.browser, pytest.mark.cups]


def printed(house: House, folder: Path, title: str, *, pages: int = 1, copies: int = 1) -> str:
    """zhao prints; the number of the held job."""
    return str(house.print_file(write_pdf(folder / f"{title}.pdf", title, pages), "-n", str(copies))["job"])


def carrier_of(house: House, permit: str) -> str:
    """The first copy of a permit."""
    return str(house.ask("zheng", "carrier", "list", "--permit", permit)[0]["carrier"])


def test_the_requester(house: House, browser: Browser, tmp_path: Path) -> None:
    job = printed(house, tmp_path, "请示")
    zhao = Window(browser, house, "")
    page = zhao.open("mine")
    expect(page.locator("h1")).to_have_text("登录")
    page.fill("input[name=username]", "zhao")
    zhao.press("登录", "not the password")
    zhao.is_refused("E_UNAUTHENTICATED")
    page.fill("input[name=username]", "zhao")
    zhao.confirm("登录")
    assert zhao.doors() == ["我的"], "only the doors of her role"

    held = zhao.open("mine").locator("article", has_text=job)
    expect(held).to_contain_text("印制须凭有效的《秘密载体准印证》") if "印制须凭" in held.inner_text() else expect(held).to_contain_text(
        "E_NO_PERMIT"
    )
    held.get_by_role("link", name="E_NO_PERMIT").click()
    expect(page.locator("main")).to_contain_text("R01")
    page.go_back()
    page.locator("article", has_text=job).get_by_role("link", name="为此作业申请准印证").click()
    page.fill("input[name=purpose]", "呈报领导")
    page.get_by_role("button", name="提交审批").click()
    permit = page.locator("h1").inner_text().split()[-1]
    zhao.is_turned_away(f"release/{job}", 403)
    zhao.is_turned_away(f"approve/{permit}", 403)

    house.approve(permit, "li", "wu")
    release(house, job)
    expect(zhao.open("mine").locator("article", has_text=job)).to_contain_text("完成")
    carrier = carrier_of(house, permit)
    house.run("carrier", "issue", carrier, "--to", "zhao", account="zheng")
    zhao.open("carriers?mine=1").get_by_role("link", name=carrier).click()
    zhao.press("清点无误，签收", "not the password")
    zhao.is_refused("E_UNAUTHENTICATED")
    zhao.confirm("清点无误，签收")
    expect(page.locator("h1 + .chip")).to_have_text("已分发")
    assert house.ask("zheng", "carrier", "show", carrier)["custodian"] == "zhao"
    zhao.press("退出")
    expect(page.locator("h1")).to_have_text("登录")
    assert zhao.complaints == []


def test_the_approver(house: House, browser: Browser, tmp_path: Path) -> None:
    asked = []
    for title in ("方案", "草稿"):
        job = printed(house, tmp_path, title, pages=2)
        request = ("--job", job, "--level", "mimi", "--term", "5年", "--copies", "1", "--purpose", "讨论")
        asked.append(str(house.ask("zhao", "permit", "request", *request)["permit"]))
    li = Window(browser, house, "li")
    assert li.doors() == ["我的", "审批", "登记"]
    page = li.open(f"approve/{asked[0]}")
    expect(page.locator("img.page")).to_have_js_property("complete", True)
    li.confirm("同意")
    li.is_refused("E_NOT_REVIEWED")
    page.get_by_role("link", name="下一页").click()
    expect(page.locator(".pager")).to_contain_text("已看 2 / 2 页")
    li.press("同意", "not the password")
    li.is_refused("E_UNAUTHENTICATED")
    li.confirm("同意")
    expect(page.get_by_role("status")).to_contain_text(asked[0])

    page = li.open(f"approve/{asked[1]}")
    li.confirm("不同意")
    li.is_refused("E_INVALID")
    page.fill("input[name=comment]", "份数说明不清")
    li.confirm("不同意")
    assert [house.ask("zhao", "permit", "show", number)["state"] for number in asked] == ["requested", "refused"]
    assert li.open(f"approve/{asked[0]}").get_by_role("button", name="同意", exact=True).count() == 0, "the second step is another's"
    li.is_turned_away("release", 403)
    assert li.complaints == []


def test_the_operator(house: House, browser: Browser, tmp_path: Path, clock: Path) -> None:
    unpermitted, job, left = (printed(house, tmp_path, title, copies=2) for title in ("无证", "通知", "离开"))
    permit = permit_for(house, job, copies=2)
    permit_for(house, left, copies=2)
    zheng = Window(browser, house, "zheng")
    assert zheng.doors() == ["我的", "放行", "登记", "设置"]
    page = zheng.open(f"release/{unpermitted}")
    expect(page.locator(".act")).to_contain_text("还不能放行")
    expect(page.locator("main")).to_contain_text("E_NO_PERMIT")

    zheng.open("release").get_by_role("link", name=job).click()
    zheng.press("我到设备旁，认领此作业")
    now = datetime.now(UTC)
    clock.write_text((now + timedelta(minutes=6)).isoformat())
    zheng.confirm("放行 2 份")
    expect(page.locator("h1")).to_have_text("页面已锁定")
    assert house.ask("zheng", "job", "show", job)["stage"] == "held", "nothing is printed by a locked window"
    zheng.press("解锁", "not the password")
    zheng.is_refused("E_UNAUTHENTICATED")
    zheng.confirm("解锁")
    zheng.open(f"release/{job}")
    zheng.confirm("放行 2 份")
    expect(page.locator(".act")).to_contain_text("完好 2 份", timeout=20_000)

    zheng.open("carriers").get_by_role("link", name=carrier_of(house, permit)).click()
    page.fill("input[name=to]", "zhao")
    zheng.press("分发")
    expect(page.locator("main")).to_contain_text("待签收")

    zheng.open(f"release/{left}")
    zheng.press("我到设备旁，认领此作业")
    clock.write_text((now + timedelta(minutes=40)).isoformat())
    zheng.open(f"release/{left}")
    expect(page.locator("h1")).to_have_text("登录")
    wait_until(lambda: house.ask("zheng", "job", "show", left)["operator"] == "", "the claim's end", 20)
    page.fill("input[name=username]", "zheng")
    zheng.confirm("登录")
    zheng.open("visitors")
    expect(page.locator("main")).to_contain_text("下班检查")
    assert zheng.complaints == []


def test_the_three_administrators(house: House, browser: Browser, tmp_path: Path) -> None:
    job = printed(house, tmp_path, "不可见")
    feng, chen, chu = (Window(browser, house, account) for account in ("feng", "chen", "chu"))
    assert (feng.doors(), chen.doors(), chu.doors()) == (["设置"], ["设置"], ["登记", "设置"])
    for window in (feng, chen, chu):
        window.is_turned_away("release", 403)
        window.is_turned_away("approve", 403)
    feng.is_turned_away(f"jobs/{job}", 403)

    page = feng.open("people")
    page.get_by_text("新建帐号").click()
    fields = {"username": "yang", "display_name": "杨帆"}
    for name, value in fields.items():
        page.fill(f"details input[name={name}]", value)
    page.locator("details select[name=department]").select_option("D02")
    page.locator("details").get_by_label("承办人").check()
    feng.press("新建")
    expect(page.get_by_role("status").first).to_contain_text("yang")
    page = feng.open("policy")
    page.locator("select[name=profile]").select_option("office")
    page.locator("form", has=page.locator("select[name=profile]")).locator("input[name=comment]").fill("内部文件多，减一步")
    feng.press("提交批准")
    expect(page.locator("main")).to_contain_text("提出的人不能批准")

    page = chen.open("policy")
    chen.press("同意", "not the password")
    chen.is_refused("E_UNAUTHENTICATED")
    chen.confirm("同意")
    expect(page.locator(".head .chip")).to_contain_text("办公")
    proposed = house.ask("feng", "policy", "propose", "--profile", "strict")
    house.run("policy", "approve", str(proposed["version"]), account="chen")

    page = chu.open("books")
    chu.press("核验账本")
    expect(page.get_by_role("status")).to_contain_text("账本完整")
    with page.expect_download() as export:
        page.get_by_role("button", name="导出").click()
    assert Path(export.value.path()).read_bytes().startswith(b"%PDF")
    for window in (feng, chen, chu):
        assert window.complaints == []


def test_the_inspector(house: House, browser: Browser, tmp_path: Path) -> None:
    """He looks at the books, and checks a month's evidence with nothing but Python and the key he was given."""
    house.run("user", "add", "xun", "--name", "巡检", "--dept", "D05", "--role", "inspector", account="feng")
    halves = []
    feng, chen = Window(browser, house, "feng"), Window(browser, house, "chen")
    feng.open("people/xun").fill("input[name=reason]", "新帐号")
    feng.confirm("提出重置")
    halves.append(feng.page.locator(".half").inner_text().strip())
    feng.is_turned_away("people/resets/1/confirm", 405)
    chen.open("people")
    chen.confirm("确认重置")
    halves.append(chen.page.locator(".half").inner_text().strip())
    xun = Window(browser, house, "")
    page = xun.open("login")
    page.fill("input[name=username]", "xun")
    xun.press("登录", halves[0])
    xun.is_refused("E_UNAUTHENTICATED")
    page.fill("input[name=username]", "xun")
    xun.press("登录", "-".join(halves))
    expect(page.locator("h1")).to_have_text("更改口令")
    for name, value in {"password": "-".join(halves), "chosen": PASSWORD, "again": PASSWORD}.items():
        page.fill(f"input[name={name}]", value)
    page.get_by_role("button", name="更改口令").click()
    assert xun.doors() == ["登记", "设置"]
    page = xun.open("books")
    expect(page.locator("h1")).to_contain_text("登记")
    for path in ("release", "approve"):
        xun.is_turned_away(path, 403)
    bundle = tmp_path / "month.bundle"
    house.run("ledger", "bundle", str(bundle), account="")
    key = house.settings.keys / "ledger.pub"
    said = subprocess.run(
        [sys.executable, "-I", "-S", str(ROOT / "verify_bundle.py"), str(bundle), "--trusted-key", str(key)],
        capture_output=True, text=True, check=False, cwd=tmp_path, env={"PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    assert said.returncode == 0, said.stdout
    assert xun.complaints == []


@pytest.mark.long
def test_a_printer_that_is_off(house: House, browser: Browser, tmp_path: Path) -> None:
    """Both languages say what is wrong while it lasts; when it is on again the paper comes by itself, once."""
    job = printed(house, tmp_path, "关机")
    permit_for(house, job, copies=1)
    before = len(house.printer.received())
    house.printer.stop()
    zheng = Window(browser, house, "zheng")
    page = zheng.open(f"release/{job}")
    zheng.press("我到设备旁，认领此作业")
    zheng.confirm("放行 1 份")
    expect(page.locator(".act")).to_contain_text("设备没有应答：请看电源和网线", timeout=20_000)
    zheng.open("language/en")
    expect(zheng.open(f"release/{job}").locator(".act")).to_contain_text("the device does not answer: look at power and cable")
    zheng.open("language/zh_CN")
    zheng.open(f"release/{job}")
    house.printer.start()
    expect(page.locator(".act")).to_contain_text("完好 1 份", timeout=40_000)
    assert len(house.printer.received()) == before + 1
    assert zheng.complaints == []


@pytest.mark.long
def test_the_emergency(house: House, browser: Browser, tmp_path: Path) -> None:
    """The last of the day: one person locks, two unlock; meanwhile nothing is released and everybody is logged out (R102)."""
    job = printed(house, tmp_path, "紧急")
    permit_for(house, job, copies=1)
    zheng, chen = Window(browser, house, "zheng"), Window(browser, house, "chen")
    page = chen.open("room")
    page.fill("input[name=reason]", "陌生人闯入")
    chen.press("紧急封锁")
    expect(zheng.open("release").locator("h1")).to_have_text("登录")
    zheng = Window(browser, house, "zheng")
    expect(zheng.open("release").locator(".notice.bad").first).to_contain_text("紧急封锁")
    zheng.open(f"release/{job}")
    zheng.press("我到设备旁，认领此作业")
    zheng.confirm("放行 1 份")
    zheng.is_refused("E_EMERGENCY")
    for account, left in (("chen", "还须另一人同意"), ("wu", "")):
        window = Window(browser, house, account)
        window.open("room")
        window.confirm("解除封锁（须两人）")
        if left:
            expect(window.page.locator("main")).to_contain_text(left)
            window.confirm("解除封锁（须两人）")
            window.is_refused("E_EMERGENCY")
        else:
            expect(window.page.locator(".head .chip")).to_have_text("开放")
        assert window.complaints == []
    assert zheng.complaints == []
    assert len(release(house, job)) == 1
