"""Addresses and the tree: arithmetic where the roster is silent, the roster wherever it speaks."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from pytest import mark, raises

from sync.protocol.address import LENGTHS, Tree, arithmetic_parent, is_address, level, parse

COUNTY, TOWN, EAST, WEST = "511921", "511921108", "511921108203", "511921108207"
FAR_TOWN, FAR = "511921109", "511921109200"
PARENTS = {COUNTY: "", TOWN: COUNTY, EAST: TOWN, WEST: TOWN, FAR_TOWN: COUNTY, FAR: FAR_TOWN}
TREE = Tree(PARENTS)


@mark.parametrize(
    ("text", "address"),
    [
        ("511921000000", "511921"),
        ("511921108000", "511921108"),
        ("511921108203", "511921108203"),
        ("511921000", "511921"),
        ("510000000000", "51"),
        ("511900", "5119"),
        ("511921", "511921"),
    ],
)
def test_trailing_zero_groups_are_trimmed(text: str, address: str) -> None:
    assert parse(text) == address
    assert is_address(address)
    assert is_address(text) == (text == address)


@mark.parametrize(
    "text",
    ["", "5", "511", "51192", "51192110820", "5119211082030", "51192a", " 511921", "-11921", "000000", "00"],
)
def test_what_is_no_division_code_is_refused(text: str) -> None:
    with raises(ValueError):
        parse(text)
    assert not is_address(text)


@mark.parametrize("thing", [None, 511921, b"511921", ["511921"], "５１１９２１", "511921\n"])
def test_only_plain_digits_are_an_address(thing: object) -> None:
    assert not is_address(thing)


def test_levels_and_parents_follow_from_the_digits() -> None:
    chain = ["51", "5119", COUNTY, TOWN, EAST]
    assert [level(a) for a in chain] == [1, 2, 3, 4, 5]
    assert [arithmetic_parent(a) for a in chain] == [None, *chain[:-1]]


def test_a_zero_group_in_the_middle_is_kept() -> None:
    """A county-level unit may have villages directly: only trailing groups are trimmed."""
    assert parse("511921000203") == "511921000203"


def test_the_tree_climbs_to_the_top() -> None:
    assert TREE.top == COUNTY
    assert TREE.up(EAST) == (EAST, TOWN, COUNTY)
    assert TREE.parent(EAST) == TOWN
    assert TREE.parent(COUNTY) == ""
    assert TREE.children(TOWN) == (EAST, WEST)
    assert TREE.children(EAST) == ()
    assert TREE.addresses() == tuple(sorted(PARENTS))
    assert EAST in TREE
    assert "511921110" not in TREE


def test_paths_rise_to_the_meeting_point_and_fall() -> None:
    assert TREE.path(EAST, COUNTY) == (EAST, TOWN, COUNTY)
    assert TREE.path(COUNTY, EAST) == (COUNTY, TOWN, EAST)
    assert TREE.path(EAST, WEST) == (EAST, TOWN, WEST)
    assert TREE.path(EAST, FAR) == (EAST, TOWN, COUNTY, FAR_TOWN, FAR)
    assert TREE.path(TOWN, TOWN) == (TOWN,)


def test_holding_is_standing_on_the_path() -> None:
    assert TREE.holds(EAST, COUNTY, TOWN)
    assert not TREE.holds(EAST, COUNTY, FAR_TOWN)
    assert not TREE.holds(EAST, TOWN, COUNTY)


def test_below_is_strict() -> None:
    assert TREE.is_below(EAST, COUNTY)
    assert TREE.is_below(EAST, TOWN)
    assert not TREE.is_below(EAST, EAST)
    assert not TREE.is_below(TOWN, EAST)
    assert not TREE.is_below(FAR, TOWN)


def test_the_roster_may_place_a_village_elsewhere() -> None:
    tree = Tree({**PARENTS, EAST: FAR_TOWN})
    assert tree.up(EAST) == (EAST, FAR_TOWN, COUNTY)
    assert tree.children(TOWN) == (WEST,)


def test_a_parent_out_of_service_is_replaced_by_its_own_ancestor() -> None:
    tree = Tree({a: p for a, p in PARENTS.items() if a != TOWN})
    assert tree.up(EAST) == (EAST, COUNTY)
    assert tree.path(EAST, WEST) == (EAST, COUNTY, WEST)


def test_an_address_not_in_service_stands_where_arithmetic_puts_it() -> None:
    assert TREE.up("511921108299") == ("511921108299", TOWN, COUNTY)
    assert TREE.up("511922") == ("511922", COUNTY)


def test_addresses_of_strangers_are_not_remembered() -> None:
    """Anyone may name any address in a frame; the tree must not grow by it."""
    tree = Tree(PARENTS)
    for number in range(200):
        tree.holds(f"5119211{number:05d}", COUNTY, TOWN)
    assert len(tree._up) <= len(PARENTS)


def test_a_county_without_anyone_is_a_tree() -> None:
    assert Tree({}).top == ""
    assert Tree({}).cover(EAST, [EAST]) == (EAST,)
    assert Tree({COUNTY: ""}).cover(COUNTY, [COUNTY]) == (COUNTY,)


@mark.parametrize("parents", [{TOWN: FAR_TOWN, FAR_TOWN: TOWN}, {**PARENTS, TOWN: FAR_TOWN, FAR_TOWN: TOWN}])
def test_a_circle_in_the_roster_does_not_hang_anyone(parents: dict[str, str]) -> None:
    chain = Tree(parents).up(EAST)
    assert len(set(chain)) == len(chain)
    assert Tree(parents).path(EAST, FAR)[0] == EAST


@mark.parametrize(
    ("author", "parties", "to"),
    [
        (EAST, [EAST, COUNTY], (COUNTY,)),
        (EAST, [EAST, TOWN], (COUNTY,)),
        (COUNTY, [EAST, TOWN], (EAST,)),
        (COUNTY, [EAST, FAR_TOWN], (EAST, FAR_TOWN)),
        (TOWN, [EAST, WEST], (COUNTY, EAST, WEST)),
        (TOWN, [EAST, FAR], (COUNTY, EAST)),
        (COUNTY, [COUNTY], (COUNTY,)),
        (COUNTY, [], (COUNTY,)),
    ],
)
def test_an_act_goes_to_the_top_and_the_deepest_parties_below(
    author: str, parties: list[str], to: tuple[str, ...]
) -> None:
    assert TREE.cover(author, parties) == tuple(sorted(to))


@st.composite
def trees(draw: st.DrawFn) -> Tree:
    """A county with a few townships and villages; some townships out of service, some villages re-homed."""
    towns = draw(st.lists(st.integers(1, 30), min_size=1, max_size=4, unique=True))
    names = [f"{COUNTY}{n:03d}" for n in towns]
    villages = [f"{name}{n:03d}" for name in names for n in draw(st.sets(st.integers(1, 99), max_size=3))]
    live = draw(st.lists(st.sampled_from(names), unique=True, min_size=1))
    parents = {COUNTY: "", **dict.fromkeys(live, COUNTY)}
    for village in villages:
        parents[village] = draw(st.sampled_from([arithmetic_parent(village) or "", *live]))
    return Tree(parents)


@given(trees(), st.data())
def test_every_path_is_a_walk_from_child_to_parent_and_back_the_same(tree: Tree, data: st.DataObject) -> None:
    one, two = (data.draw(st.sampled_from(tree.addresses())) for _ in range(2))
    path = tree.path(one, two)
    assert (path[0], path[-1]) == (one, two)
    assert tree.path(two, one) == path[::-1]
    assert len(set(path)) == len(path)
    for a, b in pairwise(path):
        assert tree.parent(a) == b or tree.parent(b) == a


@given(trees(), st.data())
def test_the_cover_reaches_every_party_below_and_the_top(tree: Tree, data: st.DataObject) -> None:
    author = data.draw(st.sampled_from(tree.addresses()))
    parties = data.draw(st.lists(st.sampled_from(tree.addresses()), max_size=5))
    to = tree.cover(author, parties)
    reached = {address for dst in to for address in tree.path(author, dst)}
    assert tree.top in reached
    assert {p for p in parties if tree.is_below(p, author)} <= reached
    assert not any(tree.is_below(a, b) for a in to for b in to if b != tree.top)


@given(st.sampled_from(LENGTHS).flatmap(lambda n: st.text("0123456789", min_size=n, max_size=n)))
def test_parsing_gives_an_address_that_parses_to_itself(text: str) -> None:
    if set(text) == {"0"}:
        with raises(ValueError):
            parse(text)
    else:
        address = parse(text)
        assert text.startswith(address)
        assert set(text[len(address) :]) <= {"0"}
        assert parse(address) == address
        assert is_address(address)
