"""What `status`, `verify`, `sync now` and `bundle` print for people: Chinese lines from the same figures."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from common.desk.pages.line_back import NEW_ABOVE
from common.node.keyring.keyless import STATE, next_step
from common.node.profile import COUNTY, TOWNSHIP, VILLAGE
from common.node.refusals import NoWayUp
from common.web.words import local_time
from sync.protocol.entries import RELIEVED, RETIRED
from sync.protocol.errors import BadExchange, UnknownSender
from sync.protocol.trust.revocation import NOT_OURS, STOLEN

Figures = Mapping[str, Any]

_TIERS = {VILLAGE: "村（社区）", TOWNSHIP: "乡镇", COUNTY: "县"}
_STANDING = {
    RELIEVED: "县级已停用本站，在办的件可能已由县级接管，请问县级管理员",
    RETIRED: "县级已撤销本站，请不要再收新件，手里的件请问县级管理员怎样移交",
}
_COLUMNS = 6
# What there is to do about a bundle that was refused whole.
_MORE = {
    BadExchange.code: "要读入的是别的站点做的数据包（网页“用U盘送件”，或者 bundle export），扩展名 .ldx。",
    UnknownSender.code: "刚在乡镇登记入网的，先与那个乡镇交换一次，再读入这个数据包；"
    "其余本县站点的，请让它用新的入网码登记。",
}
# What a bundle brings beside acts and papers → how it is said.
_BESIDE = {"receipts": "新收回执 {} 份", "entries": "名册 {} 条", "published": "下发的事项、日历等 {} 份"}
# So much of a paper's hash stands in a problem.
_SHORT = 16
_ASKED = "（已开始取回，联网后自动补上）"
_UNREAD = (
    "核对不通过：数据库里有读不出来的值，其余的没有核对。"
    "请停止服务，保存数据文件夹并报县管理员，再用最近的备份恢复（restore）。"
)
_DISK = ("空间够用", "空间不多，请清理", "快满，已停收新件，请马上清理")
# How a problem begins that `verify` found → what it says. What follows the colon names the place.
_PROBLEMS = {
    "no epoch record": "缺少站点身份记录",
    "chain broken": "报文前后不相连",
    "head differs": "报文末尾与登记不符",
    "frame unreadable": "报文已损坏，读不出来",
    "value of another sort": "数据库的这一栏里有本程序没有写过的值",
    "act differs": "报文的编号与登记不符",
    "statement misplaced": "声明没有存在应在的位置",
    "case differs": "办件页面上的内容与签名的报文不符",
    "case step unsigned": "办件里有一步没有签名的报文",
    "case step missing": "签名的一步不在办件里",
    "case step put off": "签名的一步被搁置、不在办件里，按本站的记录却应当在",
    "case list differs": "办件列表里的内容与办件经过不符",
    "case papers differ": "办件的材料清单与办件经过不符",
    "case unreadable": "办件经过读不出来",
    "case search differs": "查找办件用的姓名、证件号与办件不符",
    "case counts differ": "各处待办的件数与办件列表不符",
    "signature": "签名不对",
    "base without a receipt": "从中间开始的报文没有终点回执作证",
    "body missing": "报文正文缺失，且没有终点回执说明可以删除",
    "receipt covers more than is here": "对方签收的比本站有的多（本站用过旧备份，或者对方签错了，请核对）",
    "receipt for a stream that is gone": "对方签收过的一路报文本站没有（或者对方签错了，请核对）",
    "receipt is on another chain": "回执与本站的报文对不上",
    "paper gone": "登记在本站的材料文件不见了",
    "document damaged": "下发的文件已损坏",
    "paper damaged": "材料已损坏",
    "audit trail broken at": "操作记录从这一条起被改动过",
    "audit trail cut off": "操作记录的末尾少了，本站曾记到这一条",
    "view log cut off": "查阅记录的末尾少了，本站曾记到这一条",
    "ends of the trails unread": "记着操作记录、查阅记录末尾的文件读不出来，末尾少没少无从核对",
    "view log broken at": "查阅记录从这一条起被改动过",
    "view log differs from the digest of": "查阅记录与当天的摘要不符",
}
# Something kept that its own reader refuses: the code, what it is, where it lies.
_REFUSED = re.compile(r"(S\d+) (\w+): (.*)")
_OF_SORTS = {"frame": "报文已损坏"}


def status_lines(facts: Figures, name_of: Callable[[str], str]) -> list[str]:
    """Return the state of a node; `name_of` gives a node's name for its address."""
    lines = [
        _row("站点", f"{facts['site']}（{_TIERS[facts['tier']]}，{facts['address']}）"),
        _row("入网", _joined(facts)),
        *([_row("", next_step(facts["tier"]))] if facts["keyless"] and not facts["refused"] else []),
        *_refused(facts),
        *([_row("情况", _STANDING[facts["standing"]])] if facts["standing"] in _STANDING else []),
        *([_row("线路", NoWayUp.sentence)] if facts["no_way_up"] else []),
        *_twins(facts, name_of),
        *([] if facts["keyless"] else _put_back(facts["put_back"], name_of)),
        _row("报文", f"{facts['frames']} 份，来自 {facts['streams']} 路"),
        _row("待处理", _waiting(facts)),
        _row("材料", f"缺 {facts['papers_missing']} 份，待传来" if facts["papers_missing"] else "齐全"),
    ]
    for address, at in facts["last_contact"].items():
        when = f"上次联系 {local_time(at)}" if at else "没有直接联系过"
        waits = "，有内容待传" if facts["waiting"].get(address) else ""
        lines.append(_row("往来", f"{name_of(address)}（{address}）：{when}{waits}"))
    if facts["purged"]:
        last = facts["purged_on"]
        lines.append(_row("清理", f"按规定已删去报文正文 {facts['purged']} 份，最近一次 {last}"))
    lines.append(_row("磁盘", _DISK[facts["disk"]]))
    return [*lines, _row("数据库", _size(facts["database_bytes"]))]


def _joined(facts: Figures) -> str:
    if facts["refused"]:
        return "要重新入网：钥匙已作废"
    if facts["keyless"]:
        return f"{STATE}。"
    return "已入网" if facts["enrolled"] else "还没有入网，请用入网码登记"


def _refused(facts: Figures) -> list[str]:
    if not facts["refused"]:
        return []
    on = local_time(facts["refused_since"])
    why = {STOLEN: "被盗或泄露", NOT_OURS: "判定不是本站的"}.get(facts["refused"], "遗失或损坏")
    return [
        _row("钥匙", f"县级已于 {on} 作废本站的钥匙（{why}），上级不再收本站的报文。"),
        _row("", "收件照常，内容都存在本站。请向上级要新的入网码，用 enrol join 重新入网。"),
    ]


def _twins(facts: Figures, name_of: Callable[[str], str]) -> list[str]:
    is_top = facts["tier"] == COUNTY
    do = (
        "请打电话核对，只留一台，另一台关机；再到网页“名册”打开这个站点，点“已核对，只留了一台”。"
        if is_top
        else "请只留一台，另一台关机，并报县级管理员。县里核对过的不用再报：7 天没有再发现，就不再提醒。"
    )
    return [
        _row(
            "身份",
            f"有两台电脑在用{name_of(address)}（{address}）的身份，或同一份备份恢复过两次（S122）：{do}",
        )
        for address in facts["twins"]
    ]


def _put_back(fetched: Figures, name_of: Callable[[str], str]) -> list[str]:
    if not fetched:
        return []
    since = f"本站数据是较早的备份（S128，{local_time(fetched['at'])} 发现）"
    if fetched["is_all"]:
        again = "备份以后没有发出去的，请照凭证和草稿重新录入。"
        return [_row("恢复", f"{since}，邻站有的本站报文已经取齐。"), _row("", again)]
    if above := fetched["new_above"]:
        return [_row("恢复", f"{since}。"), _row("", NEW_ABOVE % {"site": name_of(above)})]
    waits = "、".join(map(name_of, fetched["waits"])) or "前面的报文或终点的回执"
    return [
        _row("恢复", f"{since}，正在取回本站以前发出的内容，等：{waits}。"),
        _row("", "收件照常。线路不通的，请与它交换U盘数据包。"),
    ]


def _waiting(facts: Figures) -> str:
    found = [
        f"{facts['parked']} 份还不能办理（见“线路和U盘”页）" if facts["parked"] else "",
        f"{facts['aside']} 份等前面的报文或发送站点的钥匙" if facts["aside"] else "",
    ]
    return "，".join(filter(None, found)) or "没有"


def verify_lines(facts: Figures) -> list[str]:
    """Return what a check of all records looked at, and what was wrong, the verdict last."""
    if facts.get("unread"):
        return [*(f"✗ {problem_words(one)}" for one in facts["problems"]), _UNREAD]
    lines = [
        _row("报文", f"{facts['frames']} 份，来自 {facts['streams']} 路"),
        _row("声明", f"{facts['statements']} 份（名册、担保、回执等）"),
        _row("材料", f"{facts['papers']} 份，另有 {facts['papers_missing']} 份还没有传到"),
    ]
    if coming := facts.get("papers_asked", 0):
        lines.append(_row("取回", f"不在本站的材料有 {coming} 份已经在取回，联网后自动补上"))
    gone = (facts["bodies_by_rule"], facts["papers_by_rule"])
    if any(gone):
        lines.append(_row("已移出", f"正文 {gone[0]} 份、材料 {gone[1]} 份，终点都有回执，按规定移出"))
    if facts["evidence"]:
        lines.append(_row("证据", f"{facts['evidence']} 份报文，同一号上有另一份，都已保留"))
        forks = facts.get("forks", ())
        lines += [_fork(one) for one in forks]
        more = facts["evidence"] - len(forks)
        lines += [f"  还有 {more} 份没有列出"] if forks and more > 0 else []
    problems = facts["problems"]
    asked = {blob[:_SHORT] for blob in facts.get("asked", ())}
    lines += [f"✗ {problem_words(one)}{_ASKED if one[-_SHORT:] in asked else ''}" for one in problems]
    good = "核对通过：全部签名、链条和材料完好，操作记录和查阅记录没有改动。"
    bad = f"核对不通过：{len(problems)} 处有误，请保存数据文件夹并报县管理员。"
    if problems and all(one[-_SHORT:] in asked for one in problems):
        bad = (
            f"核对不通过：{len(problems)} 份材料有误，已开始取回；联网后请再核对一次，反复出现的请检查磁盘。"
        )
    if problems and set(problems) <= set(facts.get("claimed", ())):
        bad = (
            f"本站留有的记录完好；有 {len(problems)} 处是别的站签收的和本站的对不上。"
            "本站没有恢复过旧备份的，多半是对方签错了：请打电话核对，备份照常做。"
        )
    return [*lines, bad if problems else good]


def _fork(one: Figures) -> str:
    do = (
        "已另给位置，不用处理"
        if one["placed"]
        else f"在本站还没有别的位置：几天后还是这样的，请打电话问{one['by']}，要不要重新办理"
    )
    return f"  {one['by']} 第 {one['seq']} 号 {one['what']}：{do}"


def problem_words(text: str) -> str:
    """Return what is said of a problem that a check has found; behind the colon where it lies."""
    for start, words in _PROBLEMS.items():
        if text.startswith(start):
            return f"{words}：{text.removeprefix(start).lstrip(': ')}"
    refused = _REFUSED.fullmatch(text)
    return f"{_OF_SORTS.get(refused[2], '声明已损坏')}（{refused[1]}）：{refused[3]}" if refused else text


def sync_lines(done: Figures, name_of: Callable[[str], str]) -> list[str]:
    """Return how an exchange with the nodes above went: with whom, and why with others it did not."""
    failed: dict[tuple[str, str], dict[str, None]] = {}
    for one in done["failed"]:
        failed.setdefault((one["sentence"], one["code"]), {})[name_of(one["to"])] = None
    not_done = [f"没有交换成（{'、'.join(names)}）：{why}（{code}）" for (why, code), names in failed.items()]
    if not done["ok"]:
        return [*not_done, "内容都存在本站，会自动再试，也可以用U盘送出。"]
    back = ["还在取回本站以前发出的内容，等谁见 status。"] if done.get("fetching") else []
    via = name_of(done["with"])
    if done.get("left"):
        begun = f"已改与{via}交换" if not_done else f"已与{via}交换 {done['rounds']} 次"
        return [f"{begun}，还有内容没有传完，会自动再传，也可以再执行一次。", *not_done, *back]
    if not_done:
        return [f"已改与{via}交换，现在没有要传给{via}的内容。", *not_done, *back]
    return [f"已与{via}交换 {done['rounds']} 次，现在没有待传的内容。", *back]


def export_lines(done: Figures, name_of: Callable[[str], str]) -> list[str]:
    """Return what was written to a bundle, and where it lies."""
    where = f"已导出给{name_of(done['to'])}（{done['to']}）：{done['file']}"
    size = _size(done["bytes"])
    if not (done["frames"] or done["pieces"]):
        return [where, f"没有要带的报文和材料：这个数据包里只有名册、回执等，{size}。"]
    return [where, f"报文 {done['frames']} 份，材料数据 {done['pieces']} 段，{size}"]


def import_lines(done: Figures, name_of: Callable[[str], str]) -> list[str]:
    """Return what came of a bundle taken in."""
    if not done["sender"]:
        to = done.get("receiver", "")
        meant = [f"数据包上写的收件站点是{name_of(to)}（{to}），请拿到那里读入。"] if to else []
        more = [_MORE[done["code"]]] if done["code"] in _MORE else []
        return [f"没有读入：{done['sentence']}（{done['code']}）", *meant, *more]
    if not (done["complete"] or done["records"]):
        return [
            f"来自{name_of(done['sender'])}的数据包没有读入，什么都没有收下。"
            f"请重新导出后再试。{done['sentence']}（{done['code']}）"
        ]
    # Some of them may lie aside: beyond a gap, or beside another of their place.
    rest = max(0, done["frames"] - done["fresh"])
    is_known = not (done.get("waits", 0) or done["refused"])
    why = "以前都收过了，不用再办" if is_known else "以前收过，或者在等前面的报文、等名册，到了自动办理"
    told = f"，另 {rest} 份{why}" if rest else ""
    read = "已读入来自{}的数据包" if done["complete"] else "来自{}的数据包只读入了一部分"
    lines = [f"{read.format(name_of(done['sender']))}：{_brought(done)}{told}"]
    if done["refused"]:
        lines.append(f"有 {done['refused']} 处不能采用，已跳过，见“线路和U盘”页")
    if not done["complete"]:
        is_new = done["fresh"] or done["pieces"] or any(done["news"].values())
        kept = "前面的已收下" if is_new else "读到的部分没有新的内容"
        lines.append(f"数据包不完整，{kept}，请重新导出后再试。{done['sentence']}（{done['code']}）")
    return lines


def _brought(done: Figures) -> str:
    acts = f"新收报文 {done['fresh']} 份，材料数据 {done['pieces']} 段"
    found = [] if done["fresh"] or done["pieces"] else ["没有新的报文和材料"]
    beside = [words.format(n) for name, words in _BESIDE.items() if (n := done["news"].get(name))]
    return "，".join([*(found or [acts]), *beside])


def _row(name: str, text: str) -> str:
    return f"{name}{'　' * (_COLUMNS - len(name))}{text}"


def _size(count: int) -> str:
    return f"{count / 1_000_000:.1f} MB" if count >= 1_000_000 else f"{count / 1000:.0f} KB"
