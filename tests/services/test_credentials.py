"""Passwords, lock-out, second factor: guessers learn nothing, a code is good once (R87, SC-40, RFC 6238)."""

from __future__ import annotations

import base64
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from sqlmodel import select

from gateway.db.tables import LedgerEntry, LoginFailure, User
from gateway.domain.one_time_codes import accepted_step
from gateway.domain.passwords import weakness
from gateway.errors import InvalidInputError, UnauthenticatedError
from gateway.services import credentials, second_factor, throttle
from gateway.services.credentials import Proof, authenticate, change_password
from gateway.services.second_factor import Place
from rehearsal.people import PASSWORD
from tests.room import Room

OTHER = "Battery-Staple-7"


@pytest.fixture
def as_the_product_hashes(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(credentials, "_HASHER", PasswordHasher())
    with room.gate.database.writing() as session:
        session.exec(select(User).where(User.username == "zheng")).one().password_hash = credentials.hash_password(PASSWORD)


def secret_of(room: Room, account: str) -> bytes:
    """Set up a second factor as its owner does; the authenticator's secret."""
    actor = room.actor(account)
    second_factor.begin_setup(room.gate, actor)
    enrolment = second_factor.pending_setup(room.gate, actor)
    assert enrolment is not None
    assert enrolment.uri.startswith("otpauth://totp/")
    assert f"secret={enrolment.secret}" in enrolment.uri
    secret = base64.b32decode(enrolment.secret)
    second_factor.finish_setup(room.gate, actor, code_of(secret, room.clock.now()))
    return secret


def code_of(secret: bytes, at: datetime) -> str:
    return TOTP(secret, 6, SHA1(), 30).generate(int(at.timestamp())).decode()  # noqa: S303 — RFC 6238's default


def kinds(room: Room, kind: str) -> list[str]:
    with room.gate.database.reading() as session:
        return list(session.exec(select(LedgerEntry.body).where(LedgerEntry.kind == kind)).all())


@pytest.mark.parametrize(
    "password", ["Short-1", "alllowercase", "lowercase1234", "ALLUPPER-----", "Aa1Aa1Aa1Aa1", "Zhengjie-zhengjie", "x" * 201 + "A1"]
)
def test_weak_passwords_are_refused(password: str) -> None:
    assert weakness(password, "zhengjie") or weakness(password, "zheng")


@pytest.mark.parametrize("password", [PASSWORD, "机要室的门锁好了Ab", "correct horse 9 battery", "P@ssw0rdP@ssw0rd"])
def test_strong_ones_are_taken(password: str) -> None:
    assert weakness(password, "zheng") is None


def test_full_width_letters_are_the_same_password(room: Room) -> None:
    change_password(room.gate, "zheng", Proof(PASSWORD), "Ｂattery-Ｓtaple-７")
    assert authenticate(room.gate, "zheng", Proof(OTHER)).username == "zheng"


def test_one_changes_ones_own_password(room: Room) -> None:
    with pytest.raises(UnauthenticatedError):
        change_password(room.gate, "zheng", Proof("wrong"), OTHER)
    for chosen in (PASSWORD, "weak"):
        with pytest.raises(InvalidInputError):
            change_password(room.gate, "zheng", Proof(PASSWORD), chosen)
    change_password(room.gate, "zheng", Proof(PASSWORD), OTHER)
    with pytest.raises(UnauthenticatedError):
        authenticate(room.gate, "zheng", Proof(PASSWORD))
    assert authenticate(room.gate, "zheng", Proof(OTHER)).username == "zheng"
    assert len(kinds(room, "user.password_changed")) == 1
    assert room.verify().ok


@pytest.mark.usefixtures("as_the_product_hashes")
def test_parameters_that_became_weak_are_renewed_at_the_next_log_in(room: Room) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    with room.gate.database.writing() as session:
        session.exec(select(User).where(User.username == "zheng")).one().password_hash = weak
    authenticate(room.gate, "zheng", Proof(PASSWORD))
    with room.gate.database.reading() as session:
        renewed = session.exec(select(User.password_hash).where(User.username == "zheng")).one()
    assert renewed is not None
    assert renewed != weak
    assert not PasswordHasher().check_needs_rehash(renewed)
    assert authenticate(room.gate, "zheng", Proof(PASSWORD)).username == "zheng"


def test_five_wrong_passwords_lock_for_15_minutes_and_not_longer(room: Room) -> None:
    for _ in range(5):
        with pytest.raises(UnauthenticatedError, match="wrong"):
            authenticate(room.gate, "zheng", Proof("wrong"))
    room.clock.advance(minutes=14, seconds=59)
    with pytest.raises(UnauthenticatedError, match="locked"):
        authenticate(room.gate, "zheng", Proof(PASSWORD))
    room.clock.advance(seconds=2)
    assert authenticate(room.gate, "zheng", Proof(PASSWORD)).username == "zheng"
    assert len(kinds(room, "user.locked")) == 1


def test_four_wrong_passwords_are_forgiven_by_a_right_one(room: Room) -> None:
    for _ in range(3):
        for _ in range(4):
            with pytest.raises(UnauthenticatedError):
                authenticate(room.gate, "zheng", Proof("wrong"))
        authenticate(room.gate, "zheng", Proof(PASSWORD))


def test_a_name_nobody_has_behaves_like_one_somebody_has(room: Room) -> None:
    told: dict[str, list[str]] = {}
    for name in ("zheng", "nobody-has-this-name"):
        for _ in range(7):
            with pytest.raises(UnauthenticatedError) as caught:
                authenticate(room.gate, name, Proof("wrong"))
            told.setdefault(name, []).append(caught.value.letter())
    assert told["zheng"] == told["nobody-has-this-name"]
    with room.gate.database.reading() as session:
        keys = session.exec(select(LoginFailure.key)).all()
    assert not any("nobody" in key for key in keys)
    assert not any("nobody" in body for kind in ("user.locked", "session.throttled") for body in kinds(room, kind))


@pytest.mark.usefixtures("as_the_product_hashes")
def test_the_time_a_wrong_name_takes_tells_nothing(room: Room) -> None:
    """Twelve tries each, interleaved so that a busy machine slows both alike; medians within a factor, far from a factor of ten."""
    spans: dict[str, list[float]] = {"zheng": [], "who": []}
    for number in range(12):
        for name, taken in spans.items():
            room.clock.advance(minutes=16)
            begun = time.perf_counter()
            with pytest.raises(UnauthenticatedError):
                authenticate(room.gate, name if name == "zheng" else f"who{number}", Proof("wrong", address=f"10.0.0.{number}"))
            taken.append(time.perf_counter() - begun)
    known, unknown = (sorted(taken)[6] for taken in spans.values())
    assert 0.5 < known / unknown < 2


def test_guesses_at_the_same_time_get_five_answers_not_more(room: Room) -> None:
    told: list[str] = []

    def guess() -> None:
        with pytest.raises(UnauthenticatedError) as caught:
            authenticate(room.gate, "zheng", Proof("wrong"))
        told.append(caught.value.happened)

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum("wrong." in text for text in told) == 5
    assert sum("locked" in text for text in told) == 7


def test_thirty_wrong_passwords_close_an_address_to_everybody(room: Room) -> None:
    for number in range(30):
        with pytest.raises(UnauthenticatedError):
            authenticate(room.gate, f"name{number}", Proof("wrong", address="10.9.8.7"))
    with pytest.raises(UnauthenticatedError, match="locked"):
        authenticate(room.gate, "zheng", Proof(PASSWORD, address="10.9.8.7"))
    assert authenticate(room.gate, "zheng", Proof(PASSWORD, address="10.9.8.8")).username == "zheng"
    room.clock.advance(minutes=31)
    throttle.sweep(room.gate)
    with room.gate.database.reading() as session:
        assert session.exec(select(LoginFailure)).all() == []


def test_accepted_codes_are_those_of_the_rfc() -> None:
    """RFC 6238, appendix B (SHA-1), the last six of its eight digits."""
    secret = b"12345678901234567890"
    for seconds, code in ((59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")):
        at = datetime.fromtimestamp(seconds, UTC)
        assert accepted_step(secret, code, at, 0) == seconds // 30
        assert accepted_step(secret, f"{code[:3]} {code[3:]}", at + timedelta(seconds=30), 0) == seconds // 30
        assert accepted_step(secret, code, at + timedelta(seconds=61), 0) is None
        assert accepted_step(secret, code, at, seconds // 30) is None
    for nonsense in ("", "12345", "1234567", "２８７０８２", "abcdef", "28708\x00"):
        assert accepted_step(secret, nonsense, datetime.fromtimestamp(59, UTC), 0) is None


def test_with_a_second_factor_the_password_alone_opens_nothing(room: Room) -> None:
    secret = secret_of(room, "zheng")
    room.clock.advance(minutes=1)
    for proof in (Proof(PASSWORD), Proof(PASSWORD, "000000"), Proof("wrong", code_of(secret, room.clock.now()))):
        with pytest.raises(UnauthenticatedError, match="one-time code is wrong"):
            authenticate(room.gate, "zheng", proof)
    assert authenticate(room.gate, "zheng", Proof(PASSWORD, code_of(secret, room.clock.now()))).username == "zheng"


def test_a_code_is_good_once(room: Room) -> None:
    secret = secret_of(room, "zheng")
    first = code_of(secret, room.clock.now())
    with pytest.raises(UnauthenticatedError):
        authenticate(room.gate, "zheng", Proof(PASSWORD, first))  # the one that finished the set-up
    room.clock.advance(seconds=30)
    code = code_of(secret, room.clock.now())
    results: list[bool] = []

    def use() -> None:
        try:
            authenticate(room.gate, "zheng", Proof(PASSWORD, code))
            results.append(True)
        except UnauthenticatedError:
            results.append(False)

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [False, False, False, True]


def test_a_code_covers_later_acts_at_its_place_for_five_minutes(room: Room) -> None:
    secret = secret_of(room, "zheng")
    room.clock.advance(minutes=1)
    authenticate(room.gate, "zheng", Proof(PASSWORD, code_of(secret, room.clock.now()), place=Place.WEB))
    room.clock.advance(minutes=4, seconds=59)
    authenticate(room.gate, "zheng", Proof(PASSWORD, place=Place.WEB))
    for proof in (Proof(PASSWORD, place=Place.CONTROL), Proof(PASSWORD), Proof("wrong", place=Place.WEB)):
        with pytest.raises(UnauthenticatedError):
            authenticate(room.gate, "zheng", proof)
    with pytest.raises(UnauthenticatedError):
        authenticate(room.gate, "zheng", Proof(PASSWORD, place=Place.WEB), log_in=True)
    room.clock.advance(seconds=2)
    with pytest.raises(UnauthenticatedError):
        authenticate(room.gate, "zheng", Proof(PASSWORD, place=Place.WEB))


def test_secrets_do_not_rest_readable(room: Room) -> None:
    secret = secret_of(room, "zheng")
    for file in room.gate.settings.data.glob("imprimatur.db*"):
        content = file.read_bytes()
        assert secret not in content
        assert base64.b32encode(secret) not in content
        assert PASSWORD.encode() not in content


def test_a_secret_is_of_no_use_to_another_account(room: Room) -> None:
    """Whoever can write the database cannot give himself somebody's second factor: it is bound to its account."""
    secret = secret_of(room, "zheng")
    with room.gate.database.writing() as session:
        sealed = session.exec(select(User.totp_secret).where(User.username == "zheng")).one()
        session.exec(select(User).where(User.username == "wang")).one().totp_secret = sealed
    room.clock.advance(minutes=1)
    with pytest.raises(UnauthenticatedError, match="another key"):
        authenticate(room.gate, "wang", Proof(PASSWORD, code_of(secret, room.clock.now())))


@pytest.mark.usefixtures("as_the_product_hashes")
def test_hashing_waits_in_line(room: Room) -> None:
    """Argon2 takes 64 MiB each: never more than four at once."""
    busy, most, lock = 0, 0, threading.Lock()
    inner = credentials._HASHER

    class Counting:
        memory_cost, time_cost, parallelism = inner.memory_cost, inner.time_cost, inner.parallelism

        def verify(self, known: str, password: str) -> bool:
            nonlocal busy, most
            with lock:
                busy += 1
                most = max(most, busy)
            try:
                return inner.verify(known, password)
            finally:
                with lock:
                    busy -= 1

    def guess(name: str) -> None:
        with pytest.raises(UnauthenticatedError):
            authenticate(room.gate, name, Proof("x"))

    original, credentials._HASHER = credentials._HASHER, Counting()  # type: ignore[assignment]
    try:
        threads = [threading.Thread(target=guess, args=(f"name{number}",)) for number in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        credentials._HASHER = original
    assert 1 <= most <= 4
