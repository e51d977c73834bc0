"""Every part of our pages in every state on one page: to look at, and to build from."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, render_template, request

from common.errors import BadInput, Problem
from common.web import gallery_work
from common.web.forms import Field
from common.web.guard import requires

gallery = Blueprint("gallery", __name__)

FIELDS = (
    Field("name", "申请人姓名", max_length=50),
    Field("id_number", "公民身份号码", kind="id_number", hint="18 位，最后一位可以是 X"),
    Field("phone", "联系电话", kind="phone", hint="办理结果用这个电话通知"),
    Field("born", "出生日期", kind="date", hint="例如 1958-03-05，也可以写成 19580305"),
    Field("income", "家庭月收入", kind="money_fen", required=False),
    Field("people", "共同生活的人数", kind="number"),
    Field("living", "居住情况", kind="choice", choices=("与子女同住", "独居", "与配偶同住", "养老机构")),
    Field("elsewhere", "是否在其他地方领取", kind="yesno"),
    Field(
        "place",
        "所在村（社区）",
        kind="place",
        choices=(("511921108203", "青峪口村"), ("511921108204", "草坝村")),
    ),
    Field("reason", "申请理由", kind="textarea", required=False, max_length=500),
    Field("papers", "材料照片", kind="file", hint="可以一次选多张；JPG、PNG 或 PDF，每份不超过 20 MB"),
)
TYPED = {
    "name": "王秀英",
    "id_number": "511921194803051",
    "born": "1948-02-30",
    "income": "620.50",
    "people": "二",
    "living": "独居",
    "reason": "年满八十周岁，独自居住。",
}
PROBLEMS = (
    Problem("id_number", "公民身份号码", "length", "公民身份号码：应为 18 位，现在是 15 位。"),
    Problem("born", "出生日期", "no_such_date", "出生日期：没有这一天。"),
    Problem("people", "共同生活的人数", "not_a_number", "共同生活的人数：请填整数。"),
    Problem("elsewhere", "是否在其他地方领取", "required", "是否在其他地方领取：请选择。"),
    Problem("place", "所在村（社区）", "required", "所在村（社区）：请选择所在的乡镇、村（社区）。"),
)


def _case(number: str, applicant: str, state: tuple[str, str], place: tuple[str, str]) -> dict[str, Any]:
    """Return a case as a card shows it; `state` is words and light, `place` a tick and a due date."""
    return {
        "href": "#",
        "number": number,
        "item_name": "高龄津贴申领",
        "applicant": applicant,
        "state": state[0],
        "light": state[1],
        "tick": place[0],
        "due": place[1],
        "filed": "2026-03-05 09:12",
        "place": "青峪口村",
    }


CASES = (
    _case("511921108203-A17-K7QMX", "王秀英", ("已收件", ""), ("SAVED", "")),
    _case("511921108203-A18-3HT2Q", "张国清", ("待补正", "warn"), ("TOWNSHIP", "2026-03-20")),
    _case("511921108203-A19-ZZ4W8", "李玉梅", ("已受理", "good"), ("COUNTY", "2026-03-18")),
    _case("511921108203-A20-P0XE6", "欧阳建国", ("即将超期", "bad"), ("DECIDED", "2026-03-09")),
)
TIMELINE = (
    {
        "at": "2026-03-05 09:12",
        "title": "收件",
        "where": "青峪口村",
        "who": "周建国（代办员）",
        "tick": "COUNTY",
    },
    {
        "at": "2026-03-06 10:40",
        "title": "初审退补",
        "where": "青峪镇",
        "who": "李桂兰（初审员）",
        "note": "户口簿缺本人页，请补拍。",
        "tick": "TOWNSHIP",
    },
    {
        "at": "2026-03-06 15:02",
        "title": "补来材料",
        "where": "青峪口村",
        "who": "周建国（代办员）",
        "tick": "SAVED",
    },
)


@gallery.get("/_gallery")
@requires()
def show() -> str:
    """Show every part; `?form=wrong` shows the form as it comes back after a refusal."""
    if request.args.get("form") == "wrong":
        g.typed, g.problems, g.failure = TYPED, PROBLEMS, BadInput(problems=PROBLEMS)
    return render_template("gallery.html", fields=FIELDS, cases=CASES, entries=TIMELINE)


@gallery.get("/_gallery/work")
@requires()
def work() -> str:
    """Show the parts that only the desks have."""
    return render_template("gallery_work.html", **gallery_work.samples(g.now_ms))
