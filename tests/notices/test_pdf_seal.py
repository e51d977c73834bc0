"""Sealed notices as PDF at real nodes: sealed once, kept, and given out no more once out of force."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Barrier, BrokenBarrierError

import pytest

from common.casework.rules.words import Action
from common.clock import FixedClock
from common.errors import LiandongError
from common.notices import pages
from common.notices.rules.kinds import Kind
from common.seal.addition import before_seal
from common.seal.errors import SealNotRunning
from common.seal.keys import FOLDER as SEALS
from common.seal.keys import SealKeys
from common.seal.log import SealLog
from common.seal.sealer import Sealer
from common.seal.signer import check_seal
from tests.casework.story import Story
from tests.desk.three import COUNTY, ThreeNodes
from tests.documents.paper import text_of
from tests.notices.laid import address_of, client_with, lay
from tests.notices.stories import A, accepted, decided
from tests.seal.stage import NOW_EARLIEST


class _Seals:
    """The seal process's inside, without its socket."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer
        self.count = 0
        self.runs = True

    def is_running(self) -> bool:
        return self.runs

    def seal(self, pdf: bytes, case: str, act: str) -> bytes:
        self.count += 1
        if not self.runs:
            raise SealNotRunning
        return self._sealer.seal(pdf, case, act)

    def standing(self, case: str, act: str, organ: str) -> dict[str, str]:
        return self._sealer.standing(case, act, organ) if self.runs else {}


def seals_at(three: ThreeNodes, *organs: str) -> tuple[_Seals, SealKeys]:
    folder: Path = three.node.config.path("")
    keys = SealKeys(folder / SEALS)
    keys.found("通江县政务服务中心", COUNTY, NOW_EARLIEST)
    for organ in organs:
        keys.issue(organ, COUNTY, NOW_EARLIEST)
    seals = _Seals(Sealer(folder, COUNTY, FixedClock(NOW_EARLIEST)))
    three.node.seals = seals
    return seals, keys


@pytest.mark.parametrize("kind", [Kind.APPROVAL, Kind.REFUSAL, Kind.CORRECTION])
def test_a_decision_is_sealed_once_and_kept(three: ThreeNodes, kind: Kind) -> None:
    story, event = decided(kind)
    client = client_with(three, COUNTY, "clerk", story)
    seals, keys = seals_at(three, "县民政局")
    first = client.get(address_of(story, event) + ".pdf").data
    found = check_seal(first, keys.root())
    assert found.trusted and found.organ == "县民政局" and event.id in found.reason
    assert SealLog(three.node.config.path(SEALS)).has(found.serial, before_seal(first))
    assert "电子印章在本文件内" in text_of(first) and len(first) <= 150_000
    seals.runs = False
    assert client.get(address_of(story, event) + ".pdf").data == first and seals.count == 1


def test_a_decision_is_not_sealed_a_second_time_in_other_words(
    three: ThreeNodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The township is called otherwise years later, and a newer program draws its papers otherwise."""
    story, event = decided()
    client = client_with(three, COUNTY, "clerk", story)
    seals, _ = seals_at(three, "县民政局")
    first = client.get(address_of(story, event) + ".pdf").data
    monkeypatch.setattr(pages, "_section", lambda _folder: ".legal { color: #111 }")
    monkeypatch.setattr(pages, "place_words", lambda _address: "诺水河街道")
    assert client.get(address_of(story, event) + ".pdf").data == first and seals.count == 1


def test_two_clerks_who_print_a_decision_at_once_get_one_and_the_same(
    three: ThreeNodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    story, event = decided()
    client = client_with(three, COUNTY, "clerk", story)
    other = three.again("clerk")
    seals, _ = seals_at(three, "县民政局")
    seal, both = seals.seal, Barrier(2, timeout=1)

    def slowly(pdf: bytes, case: str, act: str) -> bytes:
        with suppress(BrokenBarrierError):
            both.wait()
        return seal(pdf, case, act)

    monkeypatch.setattr(seals, "seal", slowly)
    with ThreadPoolExecutor(2) as clerks:
        done = list(clerks.map(lambda one: one.get(address_of(story, event) + ".pdf").data, (client, other)))
    assert done[0] == done[1] and seals.count == 1


def test_a_decision_whose_item_is_not_here_waits_for_it(
    three: ThreeNodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its basis and its remedies stand in the item: sealed without them it could not be put right."""
    story, event = decided()
    client = client_with(three, COUNTY, "clerk", story)
    seals, _ = seals_at(three, "县民政局")
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(three.node.catalogue, "version", lambda *_: None)
        assert b"/ByteRange" not in client.get(address_of(story, event) + ".pdf").data
    assert seals.count == 0
    assert b"/ByteRange" in client.get(address_of(story, event) + ".pdf").data


def test_without_a_seal_the_paper_says_that_a_stamp_is_needed(three: ThreeNodes) -> None:
    story, event = decided()
    client = client_with(three, COUNTY, "clerk", story)
    seals, _ = seals_at(three, "县医疗保障局")
    plain = client.get(address_of(story, event) + ".pdf").data
    assert seals.count == 1 and "未加盖印章的" in text_of(plain) and b"/ByteRange" not in plain
    # As soon as the department has its seal, the next print bears it.
    SealKeys(three.node.config.path("") / SEALS).issue("县民政局", COUNTY, NOW_EARLIEST)
    assert b"/ByteRange" in client.get(address_of(story, event) + ".pdf").data


def test_what_is_no_decision_or_does_not_stand_is_never_taken_to_the_seal(three: ThreeNodes) -> None:
    story = accepted().go_to(A.REVIEW)
    other = story.branch().move(Action.REFUSE)
    event = story.move(A.APPROVE)
    client = client_with(three, COUNTY, "clerk", story, other, story.strike(other.id))
    seals, _ = seals_at(three, "县民政局")
    assert b"/ByteRange" not in client.get(address_of(story, other) + ".pdf").data
    assert b"/ByteRange" not in client.get(address_of(story, story.events[2]) + ".pdf").data
    assert seals.count == 0
    assert b"/ByteRange" in client.get(address_of(story, event) + ".pdf").data


@pytest.mark.parametrize(("word", "said"), [("revoked", "已被撤销"), ("suspended", "已中止执行")])
def test_a_sealed_decision_is_not_given_out_again_once_it_is_not_in_force(
    three: ThreeNodes, word: str, said: str
) -> None:
    """The seal refuses what was revoked; what it had sealed before lay on the shelf and was printed on."""
    story, event = decided()
    client = client_with(three, COUNTY, "clerk", story)
    seals_at(three, "县民政局")
    sealed = client.get(address_of(story, event) + ".pdf").data
    assert b"/ByteRange" in sealed
    for standing, is_sealed in ((word, False), ("restored", True)):
        marked = {"standing": {"word": standing, "document": "复议决定7号"}}
        lay(three, Story.branch(story), story.move(A.MARK_DECISION, data=marked))
        pdf = client.get(address_of(story, event) + ".pdf").data
        assert (b"/ByteRange" in pdf) is is_sealed is (said not in text_of(pdf))
    assert pdf == sealed


def test_a_seal_that_breaks_down_stops_no_paper(three: ThreeNodes) -> None:
    story, event = decided()
    client = client_with(three, COUNTY, "clerk", story)
    seals, _ = seals_at(three, "县民政局")

    def broken(pdf: bytes, case: str, act: str) -> bytes:
        raise LiandongError

    seals.seal = broken  # type: ignore[method-assign]
    assert "未加盖印章的" in text_of(client.get(address_of(story, event) + ".pdf").data)
