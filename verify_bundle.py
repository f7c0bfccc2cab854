#!/usr/bin/env python3
"""Checks a month's evidence of Imprimatur on a machine without the product: one file, standard library only (Python 3.10 or newer).

    python3 verify_bundle.py BUNDLE.zip --trusted-key ledger.pub [--checkpoint KEPT.jsonl]

Bring the key and the checkpoint from outside the machine that made the bundle; without them it can only be shown that the bundle agrees
with itself. Formats: docs/bundle-format.md, docs/ledger-format.md. Steps, in this order:
1. the files are those the manifest names;  2. every entry: sequence, hash, link to the one before;  3. checkpoints: signatures (Ed25519,
RFC 8032) and the entries they name;  4. opening balance = what the month before closed with;  5. register rows, copy numbers, quantities,
carriers folded from the entries;  6. registers in the bundle = the fold;  7. the month's paper = the sum of the postings, and of the rows;
8. closing balance;  9. disclosed titles = their commitments. Exit: 0 all right, 1 something is wrong, 2 the bundle cannot be read.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import json
import sys
import zipfile
from collections import Counter
from pathlib import Path

ENTRY, CHECKPOINT = b"imprimatur.ledger.entry.v1\n", b"imprimatur.ledger.checkpoint.v1\n"
COMMITMENT, BALANCE = b"imprimatur.ledger.commitment.v1\n", b"imprimatur.ledger.balance.v1\n"
GENESIS, MOST_FINDINGS, GONE = "0" * 64, 200, {"destroyed", "void", "transferred"}
ENDED, DROPPED, SECRET = {"completed", "canceled", "refused", "aborted"}, {"permit.refused", "permit.closed"}, {"mimi", "jimi", "juemi"}
NEW_ROW = {
    **dict.fromkeys(("received_at", "released_at", "completed_at", "pages", "copies_approved", "copies_total")),
    **dict.fromkeys(("year", "seq", "copies_this", "copies_good", "sheets_good", "sheets_waste", "impressions"), 0),
    **dict.fromkeys(("permit_no", "level", "term", "copy_from", "copy_to", "paper", "department", "requester", "approvers"), ""),
    **dict.fromkeys(("operator", "device", "page_hash", "status", "codes"), ""),
    "duplex": False,
}
NEW_CARRIER = dict.fromkeys(("permit", "copy", "level", "term", "parent", "state", "custodian", "department"), "")
PAPER, AMOUNTS = ("month", "channel", "department", "paper", "level", "device", "requester"), ("jobs", "impressions", "good", "waste")


# --- Ed25519 verification in pure Python (RFC 8032 §5.1.7) -------------------------------------------------------------------

P, Q = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D, ROOT = -121665 * pow(121666, -1, P) % P, pow(2, (P - 1) // 4, P)


def _add(a, b):
    m, n = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    k, z = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = n - m, z - k, z + k, n + m
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(factor, point):
    total = (0, 1, 1, 0)
    while factor:
        total, point, factor = _add(total, point) if factor & 1 else total, _add(point, point), factor >> 1
    return total


def _same(a, b):
    return not ((a[0] * b[2] - b[0] * a[2]) % P or (a[1] * b[2] - b[1] * a[2]) % P)


def _x_of(y, sign):
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    root = pow(square, (P + 3) // 8, P)
    x = root if (root * root - square) % P == 0 else root * ROOT % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    return P - x if x & 1 != sign else x


def _point(encoded):
    sign, y = divmod(int.from_bytes(encoded, "little"), 1 << 255)
    return None if (x := _x_of(y, sign)) is None else (x, y, 1, x * y % P)


BASE_Y = 4 * pow(5, -1, P) % P
BASE = (_x_of(BASE_Y, 0), BASE_Y, 1, _x_of(BASE_Y, 0) * BASE_Y % P)


def ed25519_verify(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature of the message is this key's; strict: small-order keys and unreduced numbers are refused."""
    if len(public_key) != 32 or len(signature) != 64:
        return False
    key, r, s = _point(public_key), _point(signature[:32]), int.from_bytes(signature[32:], "little")
    if key is None or r is None or s >= Q or _same(_times(8, key), (0, 1, 1, 0)):
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public_key + message).digest(), "little") % Q
    return _same(_times(s, BASE), _add(r, _times(h, key)))


def canonical(value) -> bytes:
    """RFC 8785 for the values that occur here: integers, strings, booleans, null, lists, objects with ASCII keys."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


class Books:
    """The state folded from opening balance and entries."""

    def __init__(self, opening: dict | None, start: str, end: str, say) -> None:
        opening = opening or {}
        self.rows: dict[str, dict] = {job: dict(row) for job, row in opening.get("rows", {}).items()}
        self.last_row: dict[str, int] = dict(opening.get("last_row", {}))
        self.permits: dict[str, dict] = {
            no: {**one, "open": set(one["open"]), "again": set(one["again"])} for no, one in opening.get("permits", {}).items()
        }
        self.carriers: dict[str, dict] = {no: dict(one) for no, one in opening.get("carriers", {}).items()}
        self.corrections, self.paper = {}, {}
        self._post(opening.get("paper", ()))
        self.start, self.end, self.say = start, end, say

    def hear(self, entry: dict) -> None:
        """Fold one entry."""
        data, seq, kind = entry["data"], entry["seq"], entry["kind"]
        if kind == "permit.requested":
            approved, counts = data.get("copies", 0), {"reserved": 0, "good": 0, "next": 1}
            self.permits[entry["subject"]] = {"approved": approved, **counts, "open": set(), "again": set()}
        if change := data.get("print_register"):
            self._row(entry["subject"], change, seq)
        if allowance := data.get("allowance"):
            self._quantity(allowance, kind, data, seq)
        if carriers := data.get("carriers"):
            self._custody(carriers, seq)
        self._post(data.get("paper_used", ()), by_hand=kind == "paper.entered")
        if told := data.get("correction"):
            self.corrections.setdefault(told["no"], {}).update({k: told[k] for k in told if k != "no"}, ledger_seq=seq)
        if kind in DROPPED:
            self.permits.pop(entry["subject"], None)

    def _row(self, job: str, change: dict, seq: int) -> None:
        if job not in self.rows:
            if "seq" not in change:
                return  # a late word about a row of an earlier month, which stands in that month's books
            year = str(change["year"])
            if change["seq"] != (last := self.last_row.get(year, 0)) + 1:
                self.say(seq, f"登记簿序号 {change['seq']} 不连续", f"register number {change['seq']} does not follow {last}")
            self.last_row[year] = change["seq"]
            self.rows[job] = dict(NEW_ROW)
        if unknown := set(change) - set(NEW_ROW):
            self.say(seq, f"未知的登记栏目 {sorted(unknown)}", f"unknown register columns {sorted(unknown)}")
        self.rows[job].update(change, ledger_seq=seq)

    def _quantity(self, told: dict, kind: str, data: dict, seq: int) -> None:
        no, permit = told["permit"], self.permits.get(told["permit"])
        if permit is None:
            self.say(seq, f"准印证 {no} 不在账上", f"permit {no} is not in the books")
            return
        self._numbers(permit, no, kind, data, seq)
        permit["approved"] = told["approved"]
        if told["reserved"] + told["good"] > told["approved"]:
            self.say(seq, f"{no} 超过批准份数", f"{no}: more copies than approved")
        if (told["reserved"], told["good"]) != (len(permit["open"]), permit["good"]):
            self.say(seq, f"{no} 份数与经过不符", f"{no}: the counts told differ from what happened")
        permit["reserved"], permit["good"] = told["reserved"], told["good"]

    def _numbers(self, permit: dict, no: str, kind: str, data: dict, seq: int) -> None:
        """Copy numbers: given once and without gap, each ended once; a spoiled one may be given again."""
        void, spoiled = (set(data.get(name, ())) for name in ("copies_void", "copies_spoiled"))
        if kind == "job.released":
            first, last = data["copies"]
            given = set(range(first, last + 1))
            if (given - permit["again"] if "reprint" in data else first != permit["next"]) or not given:
                self.say(seq, f"{no} 份号 {first}–{last} 不连续或重复", f"{no}: copy numbers {first}-{last} repeat or leave a gap")
            permit["open"], permit["again"] = permit["open"] | given, permit["again"] - given
            permit["next"] = max(permit["next"], last + 1)
        if kind == "copies.spoiled":  # found after it was good
            stray = sorted(number for number in void | spoiled if number >= permit["next"] or number in permit["open"] | permit["again"])
            permit["good"] -= len(void | spoiled)
            permit["again"] |= spoiled
        else:
            good = set(data.get("copies", ())) if kind == "copies.good" else set()
            stray = sorted((good | void) - permit["open"])
            permit["open"] -= good | void
            permit["good"] += len(good)
        if stray:
            self.say(seq, f"{no} 份号 {stray} 未领用即了结", f"{no}: copies {stray} ended without being reserved")

    def _custody(self, told: dict, seq: int) -> None:
        """Carriers: each made once, none moved after its end, none that is secret without somebody who answers for it."""
        for at, no in enumerate(told["numbers"]):
            made, row = "copies" in told, self.carriers.setdefault(no, dict(NEW_CARRIER))
            if made != (row["state"] == "") or row["state"] in GONE or set(told["set"]) - set(NEW_CARRIER):
                self.say(seq, f"载体 {no} 不能这样变动", f"carrier {no} cannot move like this")
            row.update(told["set"], **({"copy": told["copies"][at]} if made else {}))
            if row["level"] in SECRET and row["state"] not in GONE and not row["custodian"]:
                self.say(seq, f"涉密载体 {no} 无人保管", f"nobody answers for the secret carrier {no}")

    def _post(self, postings, *, by_hand: bool = False) -> None:
        for one in postings:
            line = self.paper.setdefault((*(one[name] for name in PAPER), one.get("by_hand", by_hand)), [0, 0, 0, 0])
            line[:] = [amount + one[name] for amount, name in zip(line, AMOUNTS, strict=True)]

    def posted(self, wanted) -> list[dict]:
        """Paper of the months that are `wanted`, by key."""
        kept = sorted(key for key, line in self.paper.items() if any(line) and wanted(key[0]))
        return [dict(zip((*PAPER, "by_hand", *AMOUNTS), (*key, *self.paper[key]), strict=True)) for key in kept]

    def closing(self, month: str) -> dict:
        """The balance the month closes with."""
        rows = {job: row for job, row in self.rows.items() if row["status"] not in ENDED or (row["completed_at"] or "") >= self.end}
        permits = {no: {**one, "open": sorted(one["open"]), "again": sorted(one["again"])} for no, one in self.permits.items()}
        living = {no: row for no, row in self.carriers.items() if row["state"] not in GONE}
        told = {"rows": rows, "last_row": self.last_row, "permits": permits, "carriers": living, "end": self.end, "month": month}
        return {"v": 1, **told, "paper": self.posted(lambda label: label > month)}

    def paper_of_rows(self, month: str) -> bool:
        """Whether the month's paper, but for what people entered, is that of the jobs whose last sheet came out in it."""
        lines: Counter = Counter()
        for row in self.rows.values():
            if row["completed_at"] and self.start <= row["completed_at"] < self.end:
                used = (1, row["impressions"], row["sheets_good"], row["sheets_waste"])
                lines.update({(row["department"], row["paper"] or "other", name): n for name, n in zip(AMOUNTS, used, strict=True)})
        for one in self.posted(lambda label: label == month):
            if not one["by_hand"]:
                lines.subtract({(one["department"], one["paper"], name): one[name] for name in AMOUNTS})
        return not any(lines.values())


class Verifier:
    """One look at one bundle."""

    def __init__(self, bundle: zipfile.ZipFile, key: bytes | None, kept: list[dict]) -> None:
        self.bundle, self.key, self.kept = bundle, key, kept
        self.findings, self.hashes, self.signed, self.outside = [], {}, 0, 0
        self.manifest = self._json("manifest.json")
        if self.manifest.get("format") != "imprimatur.bundle" or self.manifest.get("v") != 1:
            raise ValueError("不认识的证据包格式 / not a bundle of a known format")

    def say(self, seq: int, zh: str, en: str) -> None:
        """One finding, at the first entry concerned; 0 when none can be named."""
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append((seq, zh, en))

    def run(self) -> None:
        """All steps."""
        self._files()
        opening = self._json("opening.json") if "opening.json" in self.manifest["files"] else None
        if opening is not None and opening.get("end") != self.manifest["start"]:
            self.say(self.manifest["first_seq"], "期初余额不是上月末的", "the opening balance is not that of the month before")
        books = Books(opening, self.manifest["start"], self.manifest["end"], self.say)
        closed = self._entries(books, opening)
        self._checkpoints()
        self._register("print", "job_no", books.rows, "登记簿中作业", "register: the row of job")
        self._register("carriers", "carrier_no", books.carriers, "载体", "carriers: the row of carrier")
        if books.corrections or "registers/corrections.jsonl" in self.manifest["files"]:  # older bundles have none
            self._register("corrections", "no", books.corrections, "更正", "corrections: no.")
        month = self.manifest["month"]
        if self._json("statistics.json") != books.posted(month.__eq__) or not books.paper_of_rows(month):
            self.say(0, "本月用纸统计与账本、登记簿不符", "the month's paper is not the sum of postings and rows")
        if self.manifest["closed"] and not closed:
            self.say(0, "没有月结条目", "the entry that closes the month is missing")
        self._titles()

    def _json(self, name: str):
        try:
            return json.loads(self.bundle.read(name))
        except (KeyError, ValueError):
            raise ValueError(f"{name}: 缺失或损坏 / missing or damaged") from None

    def _lines(self, name: str):
        with self.bundle.open(name) as file:
            yield from (line.rstrip(b"\n") for line in file)

    def _files(self) -> None:
        present = set(self.bundle.namelist()) - {"manifest.json"}
        for name in sorted(present | set(self.manifest["files"])):
            digest = hashlib.sha256()
            if name in present:
                with self.bundle.open(name) as file:
                    while piece := file.read(1 << 20):
                        digest.update(piece)
            if name not in present or digest.hexdigest() != self.manifest["files"].get(name):
                self.say(0, f"文件 {name} 缺失或被改动", f"file {name} is missing or was changed")

    def _entries(self, books: Books, opening: dict | None) -> bool:
        """Steps 2, 4, 5 and 8; whether the month's closing entry was met."""
        expected, previous, closed = self.manifest["first_seq"], None, False
        if (expected == 1) != (opening is None):
            self.say(expected, "期初余额与起始条目不符", "the opening balance does not fit the first entry")
        for body in self._lines("entries.jsonl"):
            entry = json.loads(body)
            seq = entry["seq"]
            self._link(entry, body, expected, GENESIS if seq == 1 else previous)
            previous = self.hashes[seq] = hashlib.sha256(ENTRY + body).hexdigest()
            expected = seq + 1
            if closed:
                continue
            if seq == self.manifest["first_seq"] and opening is not None:
                self._bound(entry, opening, "期初余额", "opening balance")
            elif entry["kind"] == "books.balanced" and entry["subject"] == self.manifest["month"]:
                closed = True
                self._bound(entry, books.closing(entry["subject"]), "期末余额", "closing balance")
            else:
                books.hear(entry)
        if expected - 1 != self.manifest["last_seq"]:
            self.say(expected, "末尾条目被截断", "the last entries are missing")
        return closed

    def _link(self, entry: dict, body: bytes, expected: int, previous: str | None) -> None:
        if (seq := entry["seq"]) != expected:
            self.say(min(seq, expected), f"缺少或错位的条目 {expected}", f"entry {expected} is missing or out of place")
        if entry["v"] != 1 or canonical(entry) != body:
            self.say(seq, "条目不是规范格式", "the entry is not in canonical form")
        if previous is not None and entry["prev"] != previous:
            self.say(seq, "与前一条不相接:有条目被改、删、插或移", "it does not follow the entry before: one was edited, removed or moved")

    def _bound(self, entry: dict, balance: dict, zh: str, en: str) -> None:
        if entry["kind"] != "books.balanced" or entry["data"].get("balance") != hashlib.sha256(BALANCE + canonical(balance)).hexdigest():
            self.say(entry["seq"], f"{zh}与月结条目不符", f"the {en} is not the one the books were closed with")

    def _checkpoints(self) -> None:
        for line in self._lines("checkpoints.jsonl"):
            self._checkpoint(json.loads(line))
        for one in self.kept:
            if self._checkpoint(one):
                self.outside = max(self.outside, one["seq"])
            elif one["seq"] > self.manifest["last_seq"] and not self.manifest["closed"]:
                after = self.manifest["last_seq"] + 1
                self.say(after, f"缺少直到外存校验点 {one['seq']} 的条目", f"entries up to {one['seq']} are missing")
        if self.key is not None and self.signed < self.manifest["last_seq"]:
            self.say(self.signed + 1, f"第 {self.signed} 条之后没有签名", f"nothing after entry {self.signed} is signed")

    def _checkpoint(self, one: dict) -> bool:
        if not self.manifest["first_seq"] <= (seq := one["seq"]) <= self.manifest["last_seq"]:
            return False
        if self.hashes.get(seq) != one["hash"]:
            self.say(seq, f"校验点 {seq} 与条目不符", f"the checkpoint at {seq} names another entry")
            return False
        message = CHECKPOINT + canonical({name: one[name] for name in ("at", "hash", "key_id", "seq")})
        if self.key is not None and not ed25519_verify(self.key, message, base64.b64decode(one["signature"])):
            self.say(seq, f"校验点 {seq} 签名无效", f"the checkpoint at {seq} is not signed by the trusted key")
            return False
        self.signed = max(self.signed, seq)
        return True

    def _register(self, name: str, key: str, told: dict[str, dict], zh: str, en: str) -> None:
        shown: dict[str, dict] = {}
        for row in map(json.loads, self._lines(f"registers/{name}.jsonl")):
            number = row.pop(key)
            if number in shown:
                self.say(row.get("ledger_seq", 0), f"{zh} {number} 重复", f"{en} {number} is there twice")
            shown[number] = row
        for number in sorted(number for number in shown.keys() | told.keys() if shown.get(number) != told.get(number)):
            where = (told.get(number) or shown[number]).get("ledger_seq", 0)
            self.say(where, f"{zh} {number} 与账本不符", f"{en} {number} is not what the ledger says")

    def _titles(self) -> None:
        if "titles.jsonl" not in self.manifest["files"]:
            return
        speaking = (json.loads(body) for body in self._lines("entries.jsonl") if b'"title":"' in body)
        told = {entry["subject"]: entry["data"].get("title", "") for entry in speaking}
        for line in self._lines("titles.jsonl"):
            one = json.loads(line)
            made = hmac.new(bytes.fromhex(one["salt"]), COMMITMENT + one["title"].encode(), hashlib.sha256).hexdigest()
            if told.get(one["subject"]) != made:
                self.say(0, f"{one['subject']} 的标题与账本不符", f"the title given for {one['subject']} is not the registered one")


def report(verifier: Verifier) -> str:
    """One page, Chinese and English."""
    told = verifier.manifest
    lines = [f"{told['unit']}  {told['month']}  条目 entries {told['first_seq']}–{told['last_seq']}", ""]
    if verifier.findings:
        verdict = f"有误 WRONG,{len(verifier.findings)} 处 findings:"
    elif verifier.key is None:
        verdict = "仅自身一致;未提供可信公钥 / internally consistent only: no trusted key was given."
    elif verifier.outside:
        verdict = f"无误 OK。签名与外存校验点(第 {verifier.outside} 条)相符 / signatures and the kept checkpoint agree."
    else:
        verdict = "无误 OK。签名有效;未提供外存校验点 / signatures are valid; no checkpoint kept outside was given."
    lines += [f"结论 VERDICT: {verdict}", *(f"  [{seq or '–'}] {zh} / {en}" for seq, zh, en in sorted(verifier.findings)[:40])]
    return "\n".join([*lines, *([] if told["closed"] else ["本月尚未月结 / the month is not closed yet."])])


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description="Verify a month's evidence of Imprimatur / 核验准印月度证据包")
    parser.add_argument("bundle")
    parser.add_argument("--trusted-key", metavar="FILE", help="the gateway's public key (hexadecimal), kept outside / 外存公钥")
    parser.add_argument("--checkpoint", metavar="FILE", help="checkpoints kept outside, one JSON object a line / 外存校验点")
    asked = parser.parse_args()
    try:
        key = bytes.fromhex(Path(asked.trusted_key).read_text("ascii").strip()) if asked.trusted_key else None
        lines = Path(asked.checkpoint).read_text("utf-8").splitlines() if asked.checkpoint else []
        with zipfile.ZipFile(asked.bundle) as bundle:
            verifier = Verifier(bundle, key, [json.loads(line) for line in lines if line.strip()])
            verifier.run()
    except (OSError, ValueError, KeyError, TypeError, AttributeError, zipfile.BadZipFile, EOFError) as error:
        print(f"无法读取 UNREADABLE: {type(error).__name__}: {error}", file=sys.stderr)
        return 2
    print(report(verifier))
    return 1 if verifier.findings else 0


if __name__ == "__main__":
    sys.exit(main())
