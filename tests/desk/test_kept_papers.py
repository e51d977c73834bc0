"""A paper that was taken in with a form which came back, and that is gone when the form is sent again."""

from __future__ import annotations

import io
import re

from tests.desk.three import JPEG, VILLAGE, ThreeNodes, post


def test_a_paper_that_the_form_outlived_is_asked_for_once_more(three: ThreeNodes) -> None:
    """Papers nothing names are cleared away after two days; a form may lie open over a weekend."""
    three.open(VILLAGE)
    number = three.file()
    client = three.client(VILLAGE, "agent")
    path = f"/case/{number}/report/papers_brought"
    good, bad = (io.BytesIO(JPEG + b"kept"), "a.jpg"), (io.BytesIO(b""), "b.jpg")
    answer = post(client, path, {"paper-id_card": [good, bad]})
    kept = re.search(r'name="kept" value="([^"]+)"', answer.text)
    assert answer.status_code == 400 and kept
    taken = three.node.blobs.unclaimed(2**50)[-1]
    names = [name for name in three.node.blobs.unclaimed(2**50) if three.node.blobs.remove(name, 2**50)]
    assert taken in names
    answer = post(client, path, {"kept": kept[1]})
    assert answer.status_code == 400 and "居民身份证：页面放得太久" in answer.text
    assert 'name="kept"' not in answer.text, "or every other try would fail as this one"
    again = (io.BytesIO(JPEG + b"kept"), "a.jpg")
    assert post(client, path, {"paper-id_card": again}).status_code == 303
