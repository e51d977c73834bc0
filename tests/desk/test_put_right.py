"""What was put right in a case is what the site knows of its applicant from then on."""

from __future__ import annotations

from common.desk import earlier
from common.people.rules.roles import Role
from tests.desk.three import ID_NUMBER, RELIEF, SUBSISTENCE, TOWN, VILLAGE, ThreeNodes, post

WRONG, RIGHT = "鹿角坪村2组7号", "鹿角坪村3组9号"


def put_right(three: ThreeNodes, case: str, field: str, old: str, new: str) -> None:
    """Correct one field of the applicant at the township, and bring that to the village."""
    line = {"field": f"applicant.{field}", "label": field, "old": old, "new": new}
    three.move(case, "correct", Role.CHECKER, correction=[line], note="登记有误")


def test_a_wrong_telephone_and_door_are_not_offered_again(three: ThreeNodes) -> None:
    """Else the next notice goes to a stranger's telephone, and neighbours are shown as one household."""
    three.open(VILLAGE)
    case = three.file(SUBSISTENCE)
    (before,) = earlier.persons(ID_NUMBER, VILLAGE)
    assert (before.phone, before.address) == ("15400001234", WRONG)
    three.carry(VILLAGE, TOWN)
    put_right(three, case, "phone", "15400001234", "15400005678")
    put_right(three, case, "address", WRONG, "鹿角坪村3组8号")
    put_right(three, case, "address", "鹿角坪村3组8号", RIGHT)
    three.carry(TOWN, VILLAGE)
    (person,) = earlier.persons(ID_NUMBER, VILLAGE)
    assert (person.phone, person.address) == ("15400005678", RIGHT)


def test_who_gave_the_right_door_is_no_neighbours_household(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    case, other = three.file(SUBSISTENCE), three.file(RELIEF, name="李桂兰", seed=1)
    three.carry(VILLAGE, TOWN)
    put_right(three, case, "id_number", ID_NUMBER, "511921194803072148")
    three.carry(TOWN, VILLAGE)
    (person,) = earlier.persons(ID_NUMBER, VILLAGE)
    assert person.case == other
    assert [one.case for one in earlier.household(person, VILLAGE)] == [case]
    three.carry(VILLAGE, TOWN)
    put_right(three, case, "address", WRONG, RIGHT)
    three.carry(TOWN, VILLAGE)
    assert earlier.household(person, VILLAGE) == []


def test_a_corrected_name_is_kept_as_a_filed_one_is(three: ThreeNodes, relief: str) -> None:
    """Namesakes are found by the name as it is kept; with a blank in it nobody would be one."""
    client, form = three.client(TOWN, "clerk"), f"/case/{relief}/do/correct"
    typed = {"correct_field": "申请人姓名", "correct_new": "阿依古丽• 买 买提", "note": "抄错"}
    assert post(client, form, typed, page=form).status_code == 303
    assert three.node.casework.case(relief).applicant["name"] == "阿依古丽·买买提"
