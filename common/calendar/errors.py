"""What the calendar refuses, each with its own code."""

from __future__ import annotations

from common.errors import BadInput, NotAllowed, RuleError


class CalendarError(BadInput):
    """The calendar cannot be read; every problem is listed and nothing was published."""

    code = "E331"
    sentence = "工作日历有误，没有发布。"
    kept = "日历没有变化，原来的日历继续有效。"


class NotCalendarPublisher(NotAllowed):
    """Only the top of the tree publishes the calendar."""

    code = "E332"
    sentence = "工作日历由县级站点统一发布，本站不能发布。"


class OfficialYearKept(RuleError):
    """The year has its official arrangement already; a provisional one does not take its place."""

    code = "E333"
    sentence = "{year}年已有正式安排，不能改回暂定。"
    advice = "如需更正，请按正式安排发布。"


class NewerCalendar(RuleError):
    """Somebody published a year after this form was opened; publishing would undo it unseen."""

    code = "E336"
    sentence = "工作日历刚刚有人发布过，没有发布，以免盖掉别人的修改。"
    kept = "您填写的内容仍在页面上。"
    advice = "请先看现在的工作日历，核对填写的内容后再发布。"
