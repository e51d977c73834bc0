"""Demonstration data: invented people with valid numbers, forms that pass, pictures of the promised size."""

import io
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from random import Random
from threading import Barrier

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops

from common.catalogue.rules.applicant import APPLICANT_FIELDS
from common.catalogue.rules.codes import FIELD_KIND_NAMES
from common.catalogue.rules.form import asked, check_fields, check_form
from common.catalogue.rules.identity import birth_date, id_number_problem
from common.catalogue.rules.item import FieldSpec, ServiceItem, parse_item
from common.node.demo.errands import Picture
from common.node.demo_data.people import fill, resident, resident_for
from common.node.demo_data.photos import HEIGHT, WIDTH, photograph
from common.node.demo_data.sites import VILLAGES
from common.places.rules import load_places
from tests.soak.residents import QuickAlbum

ROOT = Path(__file__).parents[2]
ITEMS = {
    file.stem: parse_item(json.loads(file.read_text("utf-8")))
    for file in sorted((ROOT / "common" / "catalogue" / "data" / "items").glob("*.json"))
}
PLACES = load_places((ROOT / "common" / "places" / "data" / "511921.json").read_text("utf-8"))
TODAY = date(2026, 11, 23)
PAPER_NAMES = sorted({paper.name for item in ITEMS.values() for paper in item.papers})
# What decides how a paper is drawn; any other name is the title of a sheet.
DRAWN_BY = ("身份证", "残疾人证", "银行卡", "户口簿", "照片", "")


def _names_to_draw() -> list[str]:
    """Return the shortest and the longest name of each way of drawing, and every twentieth of all names."""
    found = set(PAPER_NAMES[::20])
    rest = sorted(PAPER_NAMES, key=len)
    for word in DRAWN_BY:
        named = [name for name in rest if word in name]
        found.update((named[0], named[-1]))
        rest = [name for name in rest if name not in named]
    return sorted(found)


def _age(id_number: str) -> int:
    born = birth_date(id_number)
    return TODAY.year - born.year - ((TODAY.month, TODAY.day) < (born.month, born.day))


villages = st.sampled_from([site.address for site in VILLAGES])


@given(st.integers(0, 10**9), villages)
def test_every_resident_passes_the_applicants_check(seed, village):
    person = resident(seed, village)
    result = check_fields(APPLICANT_FIELDS, person.as_applicant(), today=TODAY)
    assert result.problems == []
    assert person.id_number.startswith("511921")
    assert person.as_applicant()["id_type"] == "111"
    assert _age(person.id_number) >= 18
    assert person.village == village


def test_a_resident_is_the_same_every_time_and_another_for_another_seed():
    village = VILLAGES[0].address
    assert resident(7, village) == resident(7, village)
    numbers = {resident(seed, village).id_number for seed in range(300)}
    assert len(numbers) >= 299


def test_demo_people_cannot_be_mistaken_for_real_ones():
    """Serials that no village's registry reaches, telephone numbers of one invented block."""
    for seed in range(200):
        person = resident(seed, VILLAGES[seed % 4].address)
        assert 980 <= int(person.id_number[14:17]) <= 999
        assert person.phone.startswith("1540000")


@pytest.mark.parametrize("stem", ITEMS)
def test_the_form_filled_in_passes_for_every_item(stem):
    """Method: 60 people of all villages; forms with and without the fields that are not required."""
    item = ITEMS[stem]
    for seed in range(60):
        person = resident_for(item, seed, VILLAGES[seed % 4].address)
        typed = fill(item, person, Random(seed))
        assert typed == fill(item, person, Random(seed))
        result = check_form(item, typed, today=TODAY, places=PLACES)
        assert result.problems == []
        shown = asked(item.fields, result.values)
        assert {spec.key for spec in shown if spec.required} <= set(result.values)


def test_people_are_of_an_age_that_suits_the_item():
    for seed in range(100):
        village = VILLAGES[seed % 4].address
        assert _age(resident_for(ITEMS["old_age_allowance"], seed, village).id_number) >= 80
        assert _age(resident_for(ITEMS["pension_recertification"], seed, village).id_number) >= 60
        assert 16 <= _age(resident_for(ITEMS["pension_registration"], seed, village).id_number) < 60


@given(
    st.sampled_from(tuple(FIELD_KIND_NAMES)), st.integers(0, 10**6), st.integers(0, 10**6), st.integers(1, 60)
)
def test_a_form_this_county_has_never_seen_is_filled_in_too(kind, one, other, max_length):
    """Method: an item with one field of any kind and bounds, under a key that a known item uses otherwise."""
    is_bounded = kind in ("number", "money_fen")
    low, high = sorted((one, other)) if is_bounded else (None, None)
    spec = FieldSpec(
        "start_year", "某项", kind, True, ("甲", "乙") if kind == "choice" else (), low, high, max_length, ""
    )
    item = ServiceItem(
        **{name: getattr(ITEMS["homestead"], name) for name in ServiceItem.__slots__} | {"fields": (spec,)}
    )
    person = resident(one, VILLAGES[0].address)
    assert check_form(item, fill(item, person, Random(other)), today=TODAY, places=PLACES).problems == []


def test_id_numbers_of_relatives_are_valid_too():
    item = ITEMS["destitute_support"]
    seen = 0
    for seed in range(30):
        typed = fill(item, resident_for(item, seed, VILLAGES[0].address), Random(seed))
        if "guardian_id_number" in typed:
            seen += 1
            assert id_number_problem(typed["guardian_id_number"], TODAY) == ""
    assert seen > 5


def red_share(picture):
    """Return the share of clearly red points; only the words 演示样本 are red."""
    red, green, blue = picture.resize((400, 300)).split()
    more = ImageChops.subtract(red, ImageChops.lighter(green, blue)).histogram()
    return sum(more[36:]) / sum(more)


@pytest.mark.parametrize("paper_name", _names_to_draw())
def test_every_kind_of_paper_in_the_catalogue_can_be_photographed(paper_name):
    """A real JPEG of 200–800 KB, marked as a sample, and not the same picture for another person."""
    person, neighbour = (resident(seed, VILLAGES[1].address) for seed in (1, 2))
    picture = photograph(paper_name, person, 5)
    assert 200_000 <= len(picture) <= 800_000
    with Image.open(io.BytesIO(picture)) as opened:
        opened.load()
        assert (opened.format, opened.size) == ("JPEG", (WIDTH, HEIGHT))
        assert red_share(opened) > 0.01
    assert photograph(paper_name, neighbour, 5) != picture


def test_a_photograph_is_the_same_for_the_same_arguments_and_differs_with_the_seed():
    person = resident(3, VILLAGES[2].address)
    first = photograph("申请人居民身份证", person, 11)
    assert photograph("申请人居民身份证", person, 11) == first
    assert photograph("申请人居民身份证", person, 12) != first


def test_a_sheet_takes_the_lines_it_is_given():
    person = resident(3, VILLAGES[2].address)
    assert photograph("申请表", person, 1, ["甲"]) != photograph("申请表", person, 1, ["乙"])


def test_residents_who_ask_for_a_quick_photograph_at_once_get_of_the_same_one(tmp_path):
    """Else a paper handed in first has other bytes than those it is compared with in the end."""
    album, gate = QuickAlbum(tmp_path), Barrier(3)
    pictures = [
        Picture(f"{n}.jpg", name, resident(n, VILLAGES[0].address), n) for n, name in enumerate(DRAWN_BY[:3])
    ]

    def ask(picture):
        gate.wait()
        return album.content(picture)

    with ThreadPoolExecutor(3) as pool:
        given = list(pool.map(ask, pictures))
    assert given == [album.content(picture) for picture in pictures]
