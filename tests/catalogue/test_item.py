"""Reading a service item: every part of both formats, and a bad item tells all its faults at once."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.catalogue.rules.item import CatalogueError, Route, ShowIf, parse_item, read_stored
from common.catalogue.rules.schema import ITEM, Part
from common.catalogue.rules.typed import key_of
from common.catalogue.rules.values import Fee, Joint, Limit
from tests.catalogue.sample import CODE, a_first_item, an_item, put


def problems_of(obj, file=""):
    """Return the problems of an object that is no item."""
    with pytest.raises(CatalogueError) as caught:
        parse_item(obj, file)
    assert caught.value.code == "E301"
    assert all(problem in caught.value.sentence for problem in caught.value.problems)
    return caught.value.problems


def test_every_part_of_an_item_is_read():
    item = parse_item(an_item(effective_from="2026-05-01"))
    assert (item.code, item.version, item.effective_from, item.is_instant) == (CODE, 1, "2026-05-01", False)
    assert item.route == Route(("township", "county"), "", "county", "county", "县综合行政执法局", "centre")
    assert (item.statutory, item.promised) == (Limit(20, "work", "示例"), Limit(8, "work"))
    assert (item.statutory_days, item.promised_days, item.promised.words) == (20, 8, "8 个工作日")
    assert item.fees == (
        Fee("占道费", "每平方米 2 元（示例）", 20_000, "平方米", "示例文件", True, "残疾人免收（示例）"),
    )
    assert (item.fee_fen, item.is_free, item.is_joint) == (20_000, False, True)
    assert item.joint == (Joint("县公安局", "交通影响意见", 3, True, "示例"),)
    assert (item.result_name, item.result.valid, item.consult_phone) == (
        "临时占用道路许可证",
        "三个月",
        "0827-0000000（示例）",
    )
    assert item.supports.appointment and not item.supports.online
    assert (item.supervision.accept_days, item.questions[1].a) == (2, "按面积交。")
    assert item.may_be_filed_at("county") and not item.may_be_filed_at("village")


def test_papers_and_fields_are_read_with_what_format_2_adds():
    item = parse_item(an_item())
    application, plan = item.papers
    assert (application.required, application.note, application.issued_within) == (True, "签名", "三个月内")
    assert (plan.tolerant, plan.originals, plan.copies, plan.source) == (True, 0, 1, "applicant")
    fields = {spec.key: spec for spec in item.fields}
    assert (fields["area"].minimum, fields["area"].maximum, fields["area"].hint) == (1, 500, "取整数")
    assert (fields["other_reason"].max_length, fields["reason"].max_length) == (50, 100)
    assert fields["other_reason"].show_if == ShowIf("reason", "其他")
    assert fields["depth"].show_if == ShowIf("digs", 1)
    assert [(name, len(specs)) for name, specs in item.topics()] == [("占用情况", 3), ("恢复", 3)]


@pytest.mark.parametrize("word", ["1", "是", 1])
def test_yes_may_be_written_as_people_write_it(word):
    item = parse_item(put(an_item(), "fields.4.show_if.equals", word))
    assert item.fields[4].show_if == ShowIf("digs", 1)


def test_optional_parts_may_be_left_out_and_others_may_not():
    obj = an_item()
    for part in ITEM:
        without = {key: value for key, value in obj.items() if key != part.key}
        if part.optional:
            parse_item(without)
        elif part.key != "format":
            assert f"{part.key}：没有填写" in problems_of(without)
    assert parse_item(put(obj, "more", ...)).more == {}


def test_format_1_is_read_for_ever():
    """Documents signed by earlier programs; what they did not say is empty."""
    item = parse_item(a_first_item())
    assert (item.promised, item.statutory, item.fee_fen) == (Limit(5), Limit(20), 500)
    assert (item.papers[0].note, item.papers[0].tolerant, item.result_name) == ("正反面", False, "优待证")
    assert item.route.checker == "township" and item.topics()[0][0] == "申请内容"
    assert item.fields[0].group == "申请内容" and item.questions == ()
    assert "fee_fen：没有填写" in problems_of(put(a_first_item(), "fee_fen", ...))
    assert "format：不认识的字段" not in problems_of(a_first_item(nmae="x"))


def test_the_old_word_for_the_node_where_a_case_is_filed_is_read_as_origin():
    route = {"intake_levels": ["village"], "checker": "", "acceptor": "village", "competent": "village"}
    old = a_first_item(kind="instant", promised_days=0, route={**route, "department": "村便民服务室"})
    assert (parse_item(old).route.acceptor, parse_item(old).route.competent) == ("origin", "origin")
    assert any(
        problem.startswith("route.acceptor")
        for problem in problems_of(put(an_item(), "route.acceptor", "village"))
    )


def test_all_faults_are_told_at_once_with_the_file_and_the_place():
    obj = an_item(code="", version=0, visits=1.5, kind="quick", nmae="typo", statutory=None)
    obj["papers"][0]["required"] = True
    obj["fields"][0]["choices"] = []
    del obj["fields"][2]["label"]
    obj["fees"][0]["fen"] = "20"
    told = problems_of(obj, "road.json")
    for place in (
        "code", "version", "visits", "kind", "nmae", "statutory", "papers[0].required", "fields[0].choices",
        "fields[2].label", "fees[0].fen",
    ):  # fmt: skip
        assert any(problem.startswith(f"road.json：{place}：") for problem in told), place
    assert all(problem.rpartition("：")[2] for problem in told)


def test_what_cannot_be_read_is_not_also_blamed_for_what_it_seems_to_say():
    told = problems_of(put(an_item(), "route.intake_levels", ["hamlet"]))
    assert len(told) == 1 and told[0].startswith("route.intake_levels：")
    for path in ("promised.days", "kind", "papers.1.tolerant", "statutory.days", "tolerance_days"):
        (only,) = problems_of(put(an_item(), path, "x"))
        assert key_of(only.partition("：")[0]) == path


BAD = [
    ("route.intake_levels", []),
    ("route.intake_levels", ["township", "township"]),
    ("route.acceptor", "township"),
    ("route.checker", "county"),
    ("route.competent", "province"),
    ("route.competent", "township"),
    ("promised.days", 0),
    ("promised.days", 21),
    ("promised.unit", "hour"),
    ("papers.1.key", "application"),
    ("papers.0.key", "Bad Key"),
    ("papers.0.originals", 0),
    ("papers.0.source", "friend"),
    ("fields.1.show_if.field", "area"),
    ("fields.1.show_if.field", "nothing"),
    ("fields.1.show_if.equals", "没有的"),
    ("fields.4.show_if.equals", 2),
    ("fields.2.choices", ["一"]),
    ("fields.2.min", 600),
    ("fields.5.min", "x"),
    ("fields.0.max", 3),
    ("fields.1.group", "恢复"),
    ("fields.3.group", "　"),
    ("tolerance_days", 0),
    ("tolerance_days", 9),
    ("supervision.accept_days", 6),
    ("supervision.deliver_days", 11),
    ("questions", []),
    ("checklist", ["一条"]),
    ("basis", []),
    ("basis.0.document", ""),
    ("joint.0.deemed", 2),
    ("special.0.kind", "magic"),
    ("department_code", "91110108MA01ABCD00"),
    ("effective_from", "2026-02-30"),
    ("effective_from", "1 May"),
    ("format", 3),
    ("code", "一" * 51),
    ("name", "两\n行"),
    ("remedies", " 前有空白"),
    ("more", []),
]


@pytest.mark.parametrize(("path", "value"), BAD, ids=lambda part: str(part)[:30])
def test_what_cannot_stand_is_refused_at_its_place(path, value):
    first, _, _rest = path.partition(".")
    told = problems_of(put(an_item(effective_from="2026-01-01"), path, value))
    assert any(problem.startswith(first) for problem in told), told


def test_nobody_agrees_by_silence_to_what_takes_something_from_people():
    for code in ("02", "03", "04", "09"):
        (told,) = problems_of(put(an_item(), "type_code", code))
        assert told.startswith("joint[0].deemed：") and "视为同意" in told
        # What an earlier program published so is still read.
        assert read_stored(put(an_item(), "type_code", code)).joint[0].deemed
        asked = put(put(an_item(), "type_code", code), "joint.0.deemed", 0)
        assert not parse_item(asked).joint[0].deemed


def test_what_a_later_program_adds_to_an_item_is_passed_over_where_it_is_published():
    """At every depth, and nothing else: a key that is missing or a value that cannot stand is a fault."""
    later = an_item(quota={"a": 1})
    later["papers"][0]["colour"] = later["route"]["second_window"] = "x"
    assert read_stored(later) == parse_item(an_item())
    assert [problem.partition("：")[0] for problem in problems_of(later)] == [
        "papers[0].colour", "route.second_window", "quota",
    ]  # fmt: skip
    del later["name"]
    with pytest.raises(CatalogueError) as caught:
        read_stored(put(later, "visits", "many"))
    assert [fault.path for fault in caught.value.faults] == ["name", "visits"]


def test_an_instant_item_is_accepted_and_decided_where_it_is_filed():
    route = {**an_item()["route"], "acceptor": "origin", "competent": "origin"}
    instant = an_item(
        kind="instant",
        promised={"days": 0, "unit": "work"},
        route=route,
        joint=[],
        special=[],
        tolerance_days=0,
    )
    instant["papers"] = instant["papers"][:1]
    assert parse_item(instant).is_instant
    assert problems_of(put(instant, "route.competent", "county"))
    assert problems_of(put(instant, "promised.days", 1))
    assert problems_of(instant | {"joint": an_item()["joint"]})


@pytest.mark.parametrize(
    ("promised", "statutory", "is_good"),
    [
        ((20, "work"), (0, "work"), True),
        ((20, "work"), (20, "work"), True),
        ((21, "work"), (20, "calendar"), False),
        ((28, "calendar"), (20, "work"), True),
        ((29, "calendar"), (20, "work"), False),
    ],
)
def test_a_promise_is_never_longer_than_the_law_allows(promised, statutory, is_good):
    obj = an_item(
        promised=dict(zip(("days", "unit"), promised, strict=True)),
        statutory=dict(zip(("days", "unit"), statutory, strict=True)),
    )
    if is_good:
        parse_item(obj)
    else:
        assert problems_of(obj) == ["promised.days：承诺时限长于法定时限"]


def test_five_topics_are_too_many():
    obj = an_item()
    for place, field in enumerate(obj["fields"]):
        field["group"] = f"题目{place}"
    assert any("题目最多" in problem for problem in problems_of(obj))


@pytest.mark.parametrize("obj", [None, 3, "item", [], {}, {"route": []}, {"format": 2}, {1: 2}])
def test_what_is_no_object_is_refused(obj):
    assert problems_of(obj)


def holders(obj, parts):
    """Yield every object of an item with the table of its parts."""
    yield obj, parts
    for part in parts:
        below = obj.get(part.key, [])
        for inner in [below] if part.kind == "object" else below if part.kind == "objects" else []:
            if inner:
                yield from holders(inner, part.parts)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)


@given(st.data())
def test_no_damage_makes_reading_fail_otherwise(data):
    """Method: any part of the item, however deep, becomes any JSON value; it is read or it is refused."""
    obj = copy.deepcopy(an_item())
    holder, _parts = data.draw(st.sampled_from(list(holders(obj, ITEM))))
    holder[data.draw(st.sampled_from(sorted(holder)))] = data.draw(json_values)
    try:
        parse_item(obj)
    except CatalogueError as error:
        assert error.problems


def test_the_table_has_a_label_for_every_part_and_repeats_no_key():
    def walk(parts: tuple[Part, ...]):
        assert len({part.key for part in parts}) == len(parts)
        for part in parts:
            assert part.label and bool(part.parts) == (part.kind in ("object", "objects"))
            assert bool(part.choices) == (part.kind in ("code", "codes"))
            walk(part.parts)

    walk(ITEM)
