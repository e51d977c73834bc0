"""Characters, fonts and rings without printing; damaged character maps are refused, never misread."""

from __future__ import annotations

import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.documents.fonts import coverages
from common.documents.rules.coverage import Coverage, NotAFont, read_cmap
from common.documents.rules.ring import seal_ring
from common.documents.rules.text import marked, possible_characters, shown, visible_characters
from common.documents.service import Documents

GROUPS = [(0x41, 0x5A, 1), (0x4E00, 0x4E02, 27), (0x20164, 0x20164, 30)]


def cmap(groups: list[tuple[int, int, int]], platform: int = 3, encoding: int = 10) -> bytes:
    body = b"".join(struct.pack(">III", *group) for group in groups)
    table = struct.pack(">HHIII", 12, 0, 16 + len(body), 0, len(groups)) + body
    return struct.pack(">HH", 0, 1) + struct.pack(">HHI", platform, encoding, 12) + table


def test_a_map_says_which_characters_the_font_has():
    found = read_cmap(cmap(GROUPS))
    assert all(found.holds(character) for character in "AZ一丁丂\U00020164")
    assert found.lacking("@[丄三\U00020163\U00020165A") == set("@[丄三\U00020163\U00020165")


def test_the_box_for_missing_characters_counts_as_missing():
    assert not read_cmap(cmap([(0x41, 0x41, 0)])).holds("A")


def test_an_empty_map_holds_nothing():
    assert Coverage((), ()).lacking("a") == {"a"}


@pytest.mark.parametrize("length", range(0, len(cmap(GROUPS)), 3))
def test_a_map_cut_short_is_refused(length: int):
    with pytest.raises(NotAFont):
        read_cmap(cmap(GROUPS)[:length])


def test_a_map_of_a_part_of_unicode_is_refused():
    with pytest.raises(NotAFont):
        read_cmap(cmap(GROUPS, platform=1, encoding=0))


@given(st.binary(max_size=400))
def test_noise_is_a_map_or_refused(table: bytes):
    with contextlib.suppress(NotAFont):
        assert isinstance(read_cmap(table), Coverage)


def test_our_fonts_have_the_names_people_bear():
    """Each of these stands in a real register; an ordinary system font lacks half of them."""
    assert Documents().missing_characters("䶮㛃𠅤𬱖𬭚㙓喆彧淼犇骉羴") == set()
    assert len(coverages()) == 2


def test_our_fonts_and_fonttools_agree_on_what_is_there():
    """The reader of ours against the library that knows every format, over all of Unicode."""
    from fontTools.ttLib import TTFont

    from common.documents.fonts import font_files

    for path, coverage in zip(font_files().values(), coverages(), strict=True):
        ours = {c for a, b in zip(coverage.starts, coverage.ends, strict=True) for c in range(a, b + 1)}
        assert ours == set(TTFont(path, lazy=True)["cmap"].getBestCmap())


def test_what_cannot_be_known_is_missing():
    """A character of somebody's private font, or a variant marked by a selector, may look quite different."""
    assert Documents().missing_characters("\ue000葛\U000e0100") == {"\ue000", "\U000e0100"}


def test_spaces_and_joiners_need_no_glyph():
    assert shown("a\n\t\u200bb") == {"a", "b"}


def test_references_are_characters_and_scripts_are_not():
    page = "<title>㐀</title><style>㐁</style><script>㐂</script><!--㐃--><p title='㐄'>&#x4DAE;&amp;㐅</p>"
    assert visible_characters(page) == set("䶮&㐅")
    assert {"㐁", "㐄", "䶮", "&", "㐅"} <= possible_characters(page)


def test_an_unclosed_style_hides_what_follows_as_a_browser_does():
    assert visible_characters("<p>一<style>二</p>") == {"一"}


def test_marks_stand_for_missing_characters_alone():
    assert marked("张\ue000三", {"\ue000"}) == "张〓三"


@pytest.mark.parametrize(
    "organ", ["", "县", "南江县民政局", "四川省巴中市南江县人力资源和社会保障局行政审批服务中心"]
)
def test_a_ring_bears_every_letter_of_the_organ_once(organ: str):
    ring = seal_ring(organ, "行政审批专用章")
    assert ring.count("<text") == len(organ) + 1 and "行政审批专用章</text>" in ring
    assert all(f">{letter}</text>" in ring for letter in organ)


def test_a_ring_quotes_what_it_is_given():
    assert "<script" not in seal_ring("<script>", "<b>") and 'label="&lt;' in seal_ring("<a>")
