"""A paper whose signature is good and whose step is no more: the page that checks it does not turn green.

Method: real nodes and keys; decisions are corrected, suspended and revoked by hand, as their approver would.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from common.casework.rules.words import Action
from common.node.cli import main
from common.notices.rules.kinds import Kind
from common.proofs.rules.claim import Claim
from common.proofs.rules.text import from_text
from common.proofs.rules.verdict import DOUBTS, SENTENCES, OnFile, Verdict, sentence_of
from common.proofs.wire import from_bytes
from common.store.database import close_database
from tests.casework.story import Story
from tests.desk.three import COUNTY, PROFILES, TOWN, VILLAGE, ThreeNodes
from tests.notices.laid import lay
from tests.notices.stories import A, accepted, decided
from tests.proofs.test_claims import Slip, resigned
from tests.proofs.test_verify_page import asked, browser_at

GOOD = 'class="notice good'


def claimed(three: ThreeNodes, story: Story, kind: str = "approval") -> str:
    """Return the code of a paper about a case as its story stands now, signed at the open node."""
    text: str = three.node.proofs.claim(kind, story.state, three.now())
    return text


@pytest.mark.parametrize(
    ("word", "found"), [("revoked", OnFile.REVOKED), ("suspended", OnFile.SUSPENDED)], ids=str
)
def test_a_decision_revoked_or_suspended_since_is_no_good_paper(
    three: ThreeNodes, word: str, found: OnFile
) -> None:
    story, _ = decided()
    three.open(COUNTY)
    paper, before = claimed(three, story), len(story.events)
    story.move(A.MARK_DECISION, data={"standing": {"word": word, "document": "复议决定7号"}})
    lay(three, story)
    checked = three.node.proofs.check(paper)
    assert (checked.verdict, checked.on_file) == (Verdict.VALID, found)
    page = asked(browser_at(three, COUNTY), paper)
    assert GOOD not in page and DOUBTS[found][1] in page and "复议决定7号" not in page
    close_database()
    assert main(PROFILES[COUNTY], ["verify-claim", paper, "--data", str(three.folder / COUNTY)]) == 1
    three.open(COUNTY)
    story.move(A.MARK_DECISION, data={"standing": {"word": "restored", "document": "判决2号"}})
    again = Story.branch(story)
    again.events = story.events[before + 1 :]
    lay(three, again)
    assert three.node.proofs.check(paper).on_file is OnFile.AGREES
    assert GOOD in asked(browser_at(three, COUNTY), paper)


def test_what_was_before_the_decision_stays_good(three: ThreeNodes) -> None:
    story = accepted()
    three.open(COUNTY)
    paper = claimed(three, story, "acceptance")
    story.go_to(A.REVIEW, A.APPROVE)
    story.move(A.MARK_DECISION, data={"standing": {"word": "revoked", "document": "复议决定7号"}})
    lay(three, story)
    assert three.node.proofs.check(paper).on_file is OnFile.AGREES


def test_a_decision_corrected_since_sends_for_the_correction(three: ThreeNodes) -> None:
    story, _ = decided()
    three.open(COUNTY)
    paper = claimed(three, story)
    story.move(A.CORRECT_DECISION)
    lay(three, story)
    assert three.node.proofs.check(paper).on_file is OnFile.CORRECTED
    assert "《更正决定书》" in asked(browser_at(three, COUNTY), paper)
    assert three.node.proofs.check(claimed(three, story, "correction")).on_file is OnFile.AGREES


def test_a_step_struck_out_counts_for_nothing(three: ThreeNodes) -> None:
    story = accepted().go_to(A.REVIEW)
    other = story.branch()
    refusal = other.move(Action.REFUSE)
    three.open(COUNTY)
    paper = claimed(three, other, Kind.REFUSAL.value)
    story.move(A.APPROVE)
    lay(three, story, refusal, story.strike(refusal.id))
    assert three.node.proofs.check(paper).on_file is OnFile.OUT
    page = asked(browser_at(three, COUNTY), paper)
    assert GOOD not in page and DOUBTS[OnFile.OUT][1] in page


def test_while_two_steps_contradict_each_other_neither_is_green(three: ThreeNodes) -> None:
    story = accepted().go_to(A.REVIEW)
    other = story.branch()
    refusal = other.move(Action.REFUSE)
    # The township has heard of both steps, and of no ruling yet.
    three.open(TOWN)
    before = claimed(three, story, "acceptance")
    papers = [claimed(three, other, Kind.REFUSAL.value)]
    story.move(A.APPROVE)
    papers.append(claimed(three, story))
    lay(three, story, refusal)
    assert [three.node.proofs.check(one).on_file for one in papers] == [OnFile.DISPUTED] * 2
    assert three.node.proofs.check(before).on_file is OnFile.AGREES
    browser = browser_at(three, TOWN)
    assert all(DOUBTS[OnFile.DISPUTED][1] in asked(browser, one) for one in papers)


def test_what_a_village_says_of_a_step_the_record_here_does_not_bear_out_is_not_green(
    three: ThreeNodes, slip: Slip
) -> None:
    """Any site's key signs any sentence: an agent can print an approval of a case just filed."""
    three.carry(VILLAGE, TOWN)
    honest: Claim = from_bytes(from_text(slip[1])).claim
    lie = replace(honest, stage="APPROVED", kind="approval")
    unheard = replace(lie, act="f" * 32)
    for claim, found in ((lie, OnFile.DIFFERS), (unheard, OnFile.NOT_YET)):
        text = resigned(three.open(VILLAGE), claim)
        page = asked(browser_at(three, TOWN), text)
        assert three.node.proofs.check(text).on_file is found
        assert GOOD not in page and DOUBTS[found][1] in page
    assert GOOD in asked(browser_at(three, TOWN), slip[1])


def test_no_doubt_makes_a_bad_paper_better() -> None:
    for verdict, said in SENTENCES.items():
        for on_file in OnFile:
            light = sentence_of(verdict, on_file)[0]
            assert light == "bad" or said[0] != "bad", (verdict, on_file)
            assert light != "good" or on_file in (OnFile.AGREES, OnFile.ABSENT)
