"""Places: the county's real list, addresses from codes, names and levels."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.node.demo_data.sites import SITES, TOWNSHIPS, VILLAGES, spoken_name
from common.places.rules import (
    PlacesError,
    full_name,
    is_dissolved,
    level,
    load_places,
    named,
    today_of,
    trim_code,
    within,
)

LIST = Path(__file__).parents[2] / "common" / "places" / "data" / "511921.json"


@pytest.fixture(scope="module")
def county():
    """The real list of the demonstration county."""
    return load_places(LIST.read_text(encoding="utf-8"))


def listing(*places, **source):
    """Return the text of a small list."""
    source = {"list": "测试名单", "valid_on": "2023-06-30"} | source
    return json.dumps({"source": source, "places": list(places)}, ensure_ascii=False)


def test_the_county_is_whole(county):
    """Counted once by hand in the published list: 33 townships, 367 villages and communities."""
    assert len(within(county, "511921", "county")) == 1
    assert len(within(county, "511921", "township")) == 33
    assert len(within(county, "511921", "village")) == 367
    assert len(county) == 401
    assert {place.valid_from for place in county.values()} == {"2023-06-30"}
    assert {place.successor for place in county.values()} == {""}


def test_the_list_names_its_source():
    source = json.loads(LIST.read_text(encoding="utf-8"))["source"]
    assert source["publisher"] == "国家统计局"
    assert "china-division 2.7.0" in source["transcription"]
    assert source["valid_on"] == "2023-06-30"


def test_a_village_is_called_as_people_call_it(county):
    village = county["511921126200"]
    assert (village.name, village.listed_name, village.kind) == ("青龙石村", "青龙石村民委员会", "village")
    assert full_name(county, "511921126200") == "通江县青峪镇青龙石村"
    assert (county["511921126001"].name, county["511921126001"].kind) == ("青峪口社区", "community")
    assert county["511921126"].kind == "town"
    assert county["511921001"].kind == "subdistrict"
    assert county["511921214"].kind == "township"


def test_no_place_keeps_its_committee_in_its_name(county):
    assert [place.name for place in county.values() if "委员会" in place.name] == []
    assert [place.name for place in county.values() if place.name.endswith(("村村", "社区社区"))] == []
    assert [place.address for place in named(county, "罗村")]


def test_a_name_finds_its_places_and_may_be_shared(county):
    assert [place.address for place in named(county, "青峪镇")] == ["511921126"]
    assert [place.address for place in named(county, " 通江县青峪镇青龙石村 ")] == ["511921126200"]
    assert [place.address for place in named(county, "青龙石村民委员会")] == ["511921126200"]
    assert named(county, "没有这个村") == ()
    namesakes = load_places(
        listing(
            {"code": "511921000000", "name": "通江县"},
            {"code": "511921108000", "name": "沙溪镇"},
            {"code": "511921126000", "name": "青峪镇"},
            {"code": "511921108201", "name": "王坪村民委员会"},
            {"code": "511921126201", "name": "王坪村民委员会"},
        )
    )
    assert [place.address for place in named(namesakes, "王坪村")] == ["511921108201", "511921126201"]
    assert [place.address for place in named(namesakes, "通江县青峪镇王坪村")] == ["511921126201"]


def test_demo_sites_are_those_of_the_list(county):
    for site in SITES:
        assert county[site.address].name == site.name
        assert spoken_name(site.address) == full_name(county, site.address)
    assert len(TOWNSHIPS) == 2
    assert len(VILLAGES) == 4
    assert all(site.address.startswith(site.parent) for site in SITES)
    assert {site.parent for site in VILLAGES} == {site.address for site in TOWNSHIPS}
    assert spoken_name("999999") == "999999"


@pytest.mark.parametrize(
    ("code", "address"),
    [
        ("511921000000", "511921"),
        ("511921126000", "511921126"),
        ("511921126200", "511921126200"),
        ("510000000000", "51"),
        ("511900", "5119"),
        ("511921", "511921"),
    ],
)
def test_trailing_zero_groups_are_cut(code, address):
    assert trim_code(code) == address
    assert trim_code(address) == address


@pytest.mark.parametrize(
    "code",
    [
        "",
        "5",
        "51192112600",
        "51192112600a",
        "511921000200",
        "510021126200",
        "000000000000",
        "５１１９２１",
        "511921\n",
    ],
)
def test_what_is_no_code_is_refused(code):
    with pytest.raises(PlacesError):
        trim_code(code)


@given(st.text(alphabet="0123456789", min_size=12, max_size=12))
def test_trimming_loses_only_zeros(code):
    """Method: any twelve digits; filling the address up again gives the code back."""
    try:
        address = trim_code(code)
    except PlacesError:
        return
    assert address.ljust(12, "0") == code
    assert len(address) in (2, 4, 6, 9, 12)


def test_levels_follow_from_length():
    addresses = ("51", "5119", "511921", "511921126", "511921126200")
    assert [level(address) for address in addresses] == ["province", "city", "county", "township", "village"]
    with pytest.raises(PlacesError):
        level("5119211")


def test_the_county_may_correct_an_entry():
    text = listing(
        {"code": "511921000000", "name": "通江县"},
        {"code": "511921108000", "name": "沙溪镇", "valid_from": "2024-01-01", "successor": "511921126000"},
        {"code": "511921126000", "name": "青峪镇", "kind": "subdistrict"},
    )
    places = load_places(text)
    assert (places["511921108"].valid_from, places["511921108"].successor) == ("2024-01-01", "511921126")
    assert places["511921126"].kind == "subdistrict"
    assert list(places) == ["511921", "511921108", "511921126"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "not json",
        json.dumps({"places": []}),
        json.dumps({"source": {"list": "x", "valid_on": 20230630}, "places": []}),
        json.dumps({"source": {"list": "x", "valid_on": "2023-06-30"}, "places": ["511921"]}),
        listing({"code": "511921000000"}),
        listing({"code": "511921000000", "name": ""}),
        listing({"code": 511921000000, "name": "通江县"}),
        listing({"code": "511921000000", "name": "通江县"}, {"code": "511921", "name": "又一个"}),
        listing({"code": "511921000000", "name": "通江县"}, {"code": "511921126200", "name": "没有镇的村"}),
    ],
)
def test_a_bad_list_is_refused_with_a_sentence(text):
    with pytest.raises(PlacesError) as caught:
        load_places(text)
    assert caught.value.code == "E311"
    assert caught.value.sentence


def test_an_unknown_address_has_no_full_name(county):
    with pytest.raises(PlacesError):
        full_name(county, "511921999")


def test_a_place_stands_for_itself_or_is_stood_for_by_the_last_that_took_over_from_it(county):
    """Villages are merged again and again; a list whose entries name each other in a ring helps nobody."""
    first, second, third = "511921126200", "511921126201", "511921126202"
    merged = {**county, first: replace(county[first], successor=second)}
    assert is_dissolved(merged, first) and not is_dissolved(merged, second)
    assert not is_dissolved(merged, "511921999999")
    assert (today_of(merged, first), today_of(merged, second)) == (second, second)
    merged[second] = replace(county[second], successor=third)
    assert today_of(merged, first) == third
    merged[third] = replace(county[third], successor=first)
    assert today_of(merged, second) == second
