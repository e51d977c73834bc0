"""A forgotten administrator's password: challenge, signed answer, and everything that is not one."""

from __future__ import annotations

import random
from typing import Any

import pytest

from common.people.errors import NoChallenge, NotAdmin, NotBelow, WrongAnswer, WrongChallenge
from common.people.resets import Granted
from common.people.rules.challenge import (
    ALPHABET,
    SIGNED_AS,
    VALID_MS,
    Answer,
    Mistyped,
    grouped,
    make_challenge,
    read_answer,
    read_challenge,
    statement,
    write_answer,
)
from common.people.rules.roles import Role
from common.people.rules.staff import NewStaff
from common.store import audit
from sync.protocol import canonical
from sync.protocol.signing import RealSuite
from tests.desk.three import COUNTY, DAY_MS, NOW, TOWN, VILLAGE, ThreeNodes

NEW = "Xin-mima2027"
WEEK_MS = VALID_MS // 1000 * 1000


def challenge(three: ThreeNodes) -> str:
    with three.node.unit():
        return three.node.resets.challenge(three.clock.moment())


def answer(three: ThreeNodes, at: str, asked: str, login: str = "admin", node: str = VILLAGE) -> str:
    three.open(at)
    with three.node.unit():
        return three.node.resets.answer(node, asked, login, "admin", three.now())


def check(three: ThreeNodes, typed: str) -> Granted:
    with three.node.unit():
        return three.node.resets.check(typed, three.clock.moment())


def redeem(three: ThreeNodes, typed: str) -> None:
    granted = check(three, typed)
    ready = three.node.people.first_password(granted.login, NEW)
    with three.node.unit():
        three.node.resets.redeem(granted, ready, three.clock.moment())


def may_sign_in(three: ThreeNodes, login: str, password: str) -> bool:
    node, moment = three.node, three.clock.moment()
    proof = node.people.prove(login, password, "10.0.0.5", moment)
    with node.unit():
        return node.people.sign_in(proof, moment).refusal is None


@pytest.mark.parametrize("above", [TOWN, COUNTY])
def test_a_node_above_lets_the_administrator_have_a_first_password(three: ThreeNodes, above: str) -> None:
    three.open(VILLAGE)
    asked = challenge(three)
    for _ in range(5):
        assert not may_sign_in(three, "admin", "Wrong-2026x")
    typed = answer(three, above, asked)
    assert [row.action for row in audit.rows(f"{VILLAGE}/admin")] == ["people.reset_answered"]
    three.open(VILLAGE)
    redeem(three, typed)
    assert may_sign_in(three, "admin", NEW), "the pause is over, too"
    assert three.node.people.member("admin").must_change
    three.carry(VILLAGE, TOWN)
    three.carry(TOWN, COUNTY)
    for address in (TOWN, COUNTY):
        three.open(address)
        ((done, at),) = three.node.resets.at(VILLAGE)
        assert (done.login, done.way, done.author, at) == ("admin", "answer", above, three.now())
        assert audit.rows(VILLAGE)[-1].action == "people.reset_below"


def test_an_answer_is_good_once(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    typed = answer(three, TOWN, challenge(three))
    three.open(VILLAGE)
    redeem(three, typed)
    with pytest.raises(NoChallenge):
        redeem(three, typed)
    challenge(three)
    with pytest.raises(WrongAnswer):
        redeem(three, typed)


def test_two_who_redeem_one_answer_at_once_get_one_password(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    typed = answer(three, TOWN, challenge(three))
    three.open(VILLAGE)
    granted = check(three, typed)
    ready = three.node.people.first_password("admin", NEW)
    with three.node.unit():
        three.node.resets.redeem(granted, ready, three.clock.moment())
    with pytest.raises(NoChallenge), three.node.unit():
        three.node.resets.redeem(granted, ready, three.clock.moment())


def test_pressing_the_button_again_keeps_the_answer_under_way_good(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    asked = challenge(three)
    assert challenge(three) == asked
    typed = answer(three, TOWN, asked)
    three.open(VILLAGE)
    assert challenge(three) == asked
    redeem(three, typed)


def test_an_answer_for_another_node_or_challenge_or_login_is_none(three: ThreeNodes) -> None:
    three.open(TOWN)
    asked_by_town = challenge(three)
    three.open(VILLAGE)
    asked = challenge(three)
    with pytest.raises(WrongChallenge):
        answer(three, COUNTY, asked_by_town)
    for typed in (
        answer(three, COUNTY, asked_by_town, node=TOWN),
        answer(three, COUNTY, make_challenge(VILLAGE, b"another one")),
    ):
        three.open(VILLAGE)
        with pytest.raises(WrongAnswer):
            redeem(three, typed)
    genuine = read_answer(answer(three, COUNTY, asked))
    three.open(VILLAGE)
    for forged in (
        Answer(genuine.author, "agent", genuine.until, genuine.signature),
        Answer(genuine.author, "admin", genuine.until + 1000, genuine.signature),
        Answer(TOWN, "admin", genuine.until, genuine.signature),
    ):
        with pytest.raises(WrongAnswer):
            redeem(three, write_answer(forged))


@pytest.mark.parametrize("author", [VILLAGE, COUNTY, "511921108203"])
def test_a_signature_of_anybody_but_a_node_above_is_none(three: ThreeNodes, author: str) -> None:
    """The village signs for itself and in others' names; a stranger does, too."""
    three.open(VILLAGE)
    asked = challenge(three)
    suite, stranger = RealSuite(), RealSuite().pair(bytes(64))
    unsigned = Answer(author, "admin", three.now() // 1000 * 1000 + WEEK_MS, b"")
    payload = canonical.dumps(statement(VILLAGE, asked, unsigned))
    with three.node.unit():
        own = three.node.peer.core.own_key()
    for key in (own, stranger):
        signature = suite.sign(key, SIGNED_AS, payload)
        with pytest.raises(WrongAnswer):
            redeem(three, write_answer(Answer(author, "admin", unsigned.until, signature)))


def test_an_answer_names_an_administrator_in_service(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    asked = challenge(three)
    for login in ("agent", "nobody"):
        typed = answer(three, TOWN, asked, login)
        three.open(VILLAGE)
        with pytest.raises(NotAdmin):
            redeem(three, typed)
    typed = answer(three, TOWN, asked, "admin")
    with three.node.unit():
        three.node.staff_below.bar(VILLAGE, "admin", "admin", three.now())
    three.carry(TOWN, VILLAGE)
    with pytest.raises(NotAdmin):
        redeem(three, typed)


def test_a_challenge_lapses_by_running_time_whatever_the_date(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    asked = challenge(three)
    typed = answer(three, TOWN, asked)
    three.open(VILLAGE)
    for wall in (60_000, three.now() + 400 * DAY_MS):
        three.clock.set_wall(wall)
        assert check(three, typed).login == "admin"
    three.clock.advance(VALID_MS - 1)
    assert check(three, typed).login == "admin"
    three.clock.advance(1)
    with pytest.raises(NoChallenge):
        check(three, typed)
    assert challenge(three) != asked


@pytest.mark.parametrize("wall", [NOW, 60_000])
def test_a_challenge_lapses_at_a_pc_switched_off_every_night_too(three: ThreeNodes, wall: int) -> None:
    """An answer that nobody used lies beside the PC: months later it must open the account to nobody."""
    three.open(VILLAGE)
    typed = answer(three, TOWN, challenge(three))
    three.open(VILLAGE)
    three.clock.restart_machine()
    three.clock.set_wall(wall)
    assert check(three, typed).login == "admin", "a restart alone costs nobody the answer under way"
    for _day in range(7):
        three.clock.restart_machine()
        three.clock.advance(DAY_MS)
    # Where the date says nothing, its battery dead, there is only how long one run lasts.
    three.clock.advance(0 if wall == NOW else VALID_MS)
    with pytest.raises(NoChallenge):
        check(three, typed)


def test_nobody_answers_for_a_node_that_is_not_below(three: ThreeNodes) -> None:
    three.open(TOWN)
    asked = challenge(three)
    for at, node in ((VILLAGE, TOWN), (TOWN, TOWN), (TOWN, COUNTY)):
        with pytest.raises(NotBelow):
            answer(three, at, asked, node=node)
    with pytest.raises(WrongChallenge):
        answer(three, COUNTY, asked, node=TOWN, login="A B|x")


def test_the_console_gives_a_first_password_and_it_is_told_upward(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    ready = three.node.people.first_password("admin", NEW)
    with three.node.unit():
        three.node.resets.by_console(ready, three.now())
    assert may_sign_in(three, "admin", NEW)
    agent = three.node.people.first_password("agent", NEW)
    with pytest.raises(NotAdmin), three.node.unit():
        three.node.resets.by_console(agent, three.now())
    fresh = three.node.people.ready(NewStaff("rescue", "新来的", frozenset({Role.ADMIN}), "", NEW, True))
    with three.node.unit():
        three.node.resets.by_console(fresh, three.now())
    three.carry(VILLAGE, TOWN)
    assert [(done.login, done.way) for done, _ in three.node.resets.at(VILLAGE)] == [
        ("admin", "console"),
        ("rescue", "console"),
    ]


# --- the texts
def test_a_challenge_is_sixteen_signs_that_check_themselves_and_the_node() -> None:
    made = make_challenge(VILLAGE, random.Random(1).randbytes(10))
    assert len(made) == 16 and set(made) <= set(ALPHABET)
    assert read_challenge(f" {grouped(made).lower()}\n", VILLAGE) == made
    for place in range(16):
        for other in set(ALPHABET) - {made[place]}:
            with pytest.raises(Mistyped):
                read_challenge(made[:place] + other + made[place + 1 :], VILLAGE)
    for bad in ("", made[:-1], made + "0", made[:-1] + "!", "县" * 16):
        with pytest.raises(Mistyped):
            read_challenge(bad, VILLAGE)


def test_different_bytes_make_different_challenges() -> None:
    chance = random.Random(2)
    assert len({make_challenge(VILLAGE, chance.randbytes(10)) for _ in range(500)}) == 500


@pytest.mark.parametrize("login", ["ab", "a.very_long.login_of_32_signs_xxx"])
def test_an_answer_is_typed_in_few_lines_and_each_checks_itself(login: str) -> None:
    made = Answer(COUNTY, login, 1_772_500_000_000, random.Random(3).randbytes(64))
    text = write_answer(made)
    assert 3 <= len(text.splitlines()) <= 5
    assert max(len(line) for line in text.splitlines()) <= 50
    assert read_answer(text) == made
    assert read_answer(text.lower().replace("\n", " ").replace("1", "i").replace("0", "o")) == made
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        wrong = [*lines]
        wrong[number - 1] = ("B" if line[0] != "B" else "C") + line[1:]
        with pytest.raises(Mistyped) as caught:
            read_answer("\n".join(wrong))
        assert caught.value.line == number


@pytest.mark.parametrize("typed", ["", "x", "县" * 200, "A" * 5_000, "0" * 200, "!" * 200])
def test_rubbish_is_no_answer(typed: str) -> None:
    with pytest.raises(Mistyped):
        read_answer(typed)


@pytest.mark.parametrize("until", [10**15 * 1000, 10**30 * 1000, -1000])
def test_a_date_that_nobody_could_have_signed_is_no_answer(three: ThreeNodes, until: int) -> None:
    """The page is open to everybody: what is typed there is refused with a sentence, whatever it is."""
    three.open(VILLAGE)
    challenge(three)
    with pytest.raises(WrongAnswer):
        check(three, write_answer(Answer(TOWN, "admin", until, bytes(64))))


def test_hostile_answers_end_in_a_refusal_never_in_a_fault() -> None:
    chance: Any = random.Random(4)
    for _ in range(2_000):
        text = "".join(chance.choice(ALPHABET + " \n-ilou") for _ in range(chance.randint(0, 300)))
        try:
            read_answer(text)
        except Mistyped:
            continue
