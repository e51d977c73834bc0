"""Service items: every file of the catalogue is whole, and a bad item tells all its faults at once."""

import copy
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.catalogue.rules.item import FIELD_KINDS, TYPE_NAMES, CatalogueError, parse_item

FOLDER = Path(__file__).parents[2] / "common" / "catalogue" / "data" / "items"
FILES = sorted(FOLDER.glob("*.json"))
OBJECTS = {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in FILES}
ITEMS = {stem: parse_item(obj) for stem, obj in OBJECTS.items()}


def changed(stem="homestead", **parts):
    """Return a copy of an item's object with some parts replaced."""
    return copy.deepcopy(OBJECTS[stem]) | parts


def problems_of(obj):
    """Return the problems of an object that is no item."""
    with pytest.raises(CatalogueError) as caught:
        parse_item(obj)
    assert caught.value.code == "E301"
    assert all(problem in caught.value.sentence for problem in caught.value.problems)
    return caught.value.problems


def leaves(value):
    """Yield every scalar inside a decoded JSON value."""
    if isinstance(value, dict):
        for part in value.values():
            yield from leaves(part)
    elif isinstance(value, list):
        for part in value:
            yield from leaves(part)
    else:
        yield value


def test_the_catalogue_has_a_route_of_every_sort():
    """Village → township; village → township checks → county; on the spot; township hall → county."""
    routes = {
        (item.kind, item.route.intake_levels[0], item.route.checker, item.route.competent)
        for item in ITEMS.values()
    }
    assert ("promised", "village", "", "township") in routes
    assert ("promised", "village", "township", "county") in routes
    assert ("promised", "township", "", "county") in routes
    assert ("instant", "village", "", "origin") in routes
    assert any(item.is_instant and item.may_be_filed_at("township") for item in ITEMS.values())
    assert len(ITEMS) >= 6


def test_codes_are_unique():
    assert len({item.code for item in ITEMS.values()}) == len(ITEMS)
    assert len({item.base_code for item in ITEMS.values()}) == len(ITEMS)


@pytest.mark.parametrize("stem", ITEMS)
def test_an_item_can_be_signed_as_it_stands(stem):
    """Signed data holds strings and integers only."""
    assert {type(leaf) for leaf in leaves(OBJECTS[stem])} <= {str, int}


@pytest.mark.parametrize("stem", ITEMS)
def test_the_five_disclosures_are_there(stem):
    """内容、程序、材料、时限、收费 of every item are public; sources and sample data are named."""
    item = ITEMS[stem]
    assert item.name and item.conditions and item.papers and item.result_name and item.source
    assert item.basis and all(basis.text and basis.source for basis in item.basis)
    assert all(basis.article or "示例" in basis.text for basis in item.basis)
    assert "示例" in item.consult_phone and "示例" in item.complaint_phone
    assert item.type_code in TYPE_NAMES
    assert item.fee_fen == 0
    assert any(paper.required for paper in item.papers)


def test_an_item_knows_where_it_is_taken_in():
    felling = ITEMS["felling_licence"]
    assert felling.may_be_filed_at("township")
    assert not felling.may_be_filed_at("village")
    assert ITEMS["pension_recertification"].is_instant
    assert not ITEMS["homestead"].is_instant


def test_every_kind_of_field_but_no_other_is_used():
    kinds = {spec.kind for item in ITEMS.values() for spec in item.fields}
    assert kinds <= set(FIELD_KINDS)
    assert {
        "text",
        "number",
        "choice",
        "date",
        "phone",
        "id_number",
        "money_fen",
        "place",
        "textarea",
        "yesno",
    } == kinds


def test_bounds_lengths_and_defaults_are_read():
    fields = {spec.key: spec for spec in ITEMS["temporary_relief"].fields}
    assert (fields["amount"].minimum, fields["amount"].maximum) == (10_000, 200_000)
    assert fields["account"].max_length == 800
    assert fields["cause"].choices[0] == "火灾"
    assert fields["has_subsistence_allowance"].minimum is None
    papers = {paper.key: paper for paper in ITEMS["temporary_relief"].papers}
    assert (papers["id_card"].required, papers["id_card"].originals, papers["id_card"].copies) == (True, 1, 1)


def test_what_a_later_version_adds_is_kept_under_more():
    item = parse_item(changed(more={"hours": "工作日 9:00—17:00", "links": [1, 2]}))
    assert item.more == {"hours": "工作日 9:00—17:00", "links": [1, 2]}
    obj = changed()
    del obj["more"]
    assert parse_item(obj).more == {}


def test_all_faults_are_told_at_once():
    obj = changed(code="", version=0, fee_fen=1.5, kind="quick", nmae="typo")
    obj["papers"][0]["required"] = True
    obj["fields"][1]["choices"] = []
    del obj["fields"][2]["label"]
    told = problems_of(obj)
    for place in (
        "code",
        "version",
        "fee_fen",
        "kind",
        "nmae",
        "papers[0].required",
        "fields[1].choices",
        "fields[2].label",
    ):
        assert any(problem.startswith(f"{place}：") for problem in told), place


@pytest.mark.parametrize(
    ("stem", "parts"),
    [
        ("homestead", {"acceptor": "county"}),
        ("homestead", {"intake_levels": ["county"]}),
        ("homestead", {"intake_levels": []}),
        ("homestead", {"intake_levels": ["village", "village"]}),
        ("homestead", {"intake_levels": ["hamlet"]}),
        ("homestead", {"checker": "township"}),
        ("destitute_support", {"checker": "county"}),
        ("destitute_support", {"competent": "province"}),
        ("pension_registration", {"intake_levels": ["village", "township"]}),
        ("pension_recertification", {"competent": "county"}),
    ],
)
def test_a_route_that_cannot_be_walked_is_refused(stem, parts):
    obj = changed(stem)
    obj["route"] |= parts
    assert any(problem.startswith("route.") for problem in problems_of(obj))


@pytest.mark.parametrize(
    ("stem", "parts"),
    [
        ("homestead", {"promised_days": 0}),
        ("homestead", {"promised_days": 21}),
        ("pension_registration", {"promised_days": 1}),
    ],
)
def test_days_must_fit_the_kind_and_the_law(stem, parts):
    assert any(problem.startswith("promised_days") for problem in problems_of(changed(stem, **parts)))


def test_repeated_keys_and_contradicting_bounds_are_refused():
    obj = changed()
    obj["papers"].append(obj["papers"][0])
    obj["fields"].append(obj["fields"][0])
    obj["fields"][0] = obj["fields"][0] | {"min": 9, "max": 3}
    told = problems_of(obj)
    assert any(problem.startswith("papers：") for problem in told)
    assert any(problem.startswith("fields：") for problem in told)
    assert any(problem.startswith("fields[0].min") for problem in told)


@pytest.mark.parametrize("obj", [None, 3, "item", [], {}, {"route": []}, {1: 2}])
def test_what_is_no_object_is_refused(obj):
    assert problems_of(obj)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)


@given(st.sampled_from(sorted(OBJECTS)), st.data())
def test_no_damage_makes_reading_fail_otherwise(stem, data):
    """Method: one part of a real item is replaced by any JSON value; it is read or it is refused."""
    obj = copy.deepcopy(OBJECTS[stem])
    holder = data.draw(
        st.sampled_from([obj, obj["route"], obj["fields"][0], obj["papers"][0], obj["basis"][0]])
    )
    holder[data.draw(st.sampled_from(sorted(holder)))] = data.draw(json_values)
    try:
        parse_item(obj)
    except CatalogueError as error:
        assert error.problems
