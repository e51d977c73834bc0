"""The fields every case asks of its applicant, whatever the item; `form.check_fields` checks them too."""

from __future__ import annotations

from common.catalogue.rules.item import FieldSpec

# GA/T 2000.156 as GB/T 39046 uses it: 111 is the citizen's ID card.
ID_CARD_TYPE = "111"

APPLICANT_FIELDS = (
    FieldSpec("name", "申请人姓名", "text", True, (), None, None, 50, "与身份证上的姓名一致"),
    FieldSpec("id_number", "身份证号码", "id_number", True, (), None, None, 18, "18 位，最后一位可能是 X"),
    FieldSpec("phone", "联系电话", "phone", True, (), None, None, 18, "手机号码，或带区号的固定电话"),
    FieldSpec("address", "居住地址", "text", True, (), None, None, 100, "乡镇、村（社区）、组、门牌号"),
)
