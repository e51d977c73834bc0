"""Help on every page, in two sentences: what the page is for, and what to do when in doubt.

By view where a page needs its own words, else by the group of pages it belongs to. A page drawn again after a
refusal is asked for under the view that refused, so groups matter more than views.
"""

from __future__ import annotations

_BY_VIEW = {
    "home.index": ("这里先看等您办的，再看线路通不通。数字就是件数，点进去直接办。"),
    "account.sign_in": (
        "用管理员给您的账号和密码登录，没有网络也能登录。忘了密码，点“忘记密码”请上级管理员重设。"
    ),
    "account.password": ("密码只有您自己知道，管理员也看不到。改好后别的电脑上的登录会自动退出。"),
    "account.preferences": (
        "这里改字的大小、语言和提示音，只影响您自己。选好点“保存”，换一台电脑登录也一样。"
    ),
    "account.shortcuts": ("这些键能少用鼠标。不想用的，可以在弹出的框里关掉。"),
    "queue.index": ("点一行就打开那一件，颜色深的先办。列表自己会更新，正在输入的内容不会丢。"),
    "cases.show": (
        "左边是这一件到了哪一步、期限还剩几天，右边是材料。上面的按钮就是您现在能办的，没有按钮就是不归您办。"
    ),
    "cases.ask": ("写的话会原样告诉申请人，请写明白。提交前可以返回，提交后要用后面的步骤来改正。"),
    "cases.ask_report": ("在这里登记的会报给正在办理的站点。线路不通时先存在本站，通了自动送出。"),
    "filing.choose": (
        "按名称、拼音首字母或主题找事项，常办的排在前面。找不到的，先看办事指南里由哪一级受理。"
    ),
    "filing.slip": ("打印给申请人，凭它查进度、领结果。收件不是受理，受理会另行告知。"),
    "filing.check": ("核对无误再提交，点“修改”可以回到那一页。提交后就有编号，凭证马上可以打印。"),
    "line.index": ("这里看什么已经送到、什么还在等。线路断了，用U盘带到乡镇或县里，再把回执带回来。"),
    "register.calls": ("结果送达满三天的，打电话问问满意不满意。照申请人的原话选，不要替他选。"),
    "nodes.index": (
        "这里看下面各站点有没有联系、有没有东西待传。一天以上没有联系的，先打电话问停电断网没有。"
    ),
    "items.index": ("这里是全县的办事目录，各站点都按它收件。改过的要发布才生效，以前收的件仍按旧版本办。"),
    "calendar.index": ("法定期限按这里的工作日计算。每年放假安排公布后请及时录入并发布。"),
    "verify.index": ("扫凭证上的码，或把码里的文字粘贴进来。这里只说凭证真不真，不说别人的隐私。"),
}
_BY_GROUP = {
    "account": ("这是您自己的账号。有疑问请找本站管理员。"),
    "accounts": ("这里管本站的人员：谁在岗、办什么、密码忘了怎么办。离岗的人要停用，账号不要借给别人用。"),
    "archive": ("办结的件打成一个包，离开本系统也能核对。拿不准的，先核验再归档。"),
    "authority": ("委托书说明谁替谁办、办什么、到哪天为止。到期或撤回后就不能再凭它收件。"),
    "away": ("人不在岗时，由上级站点指定的人代办，都记代办人的名字。回来后请马上结束代岗。"),
    "below": ("这里看下级站点报来的人员。必要时可以停用下级的账号，停用会随线路送到。"),
    "calendar": ("法定期限按工作日历计算。改动要发布才生效，各站点都会收到。"),
    "cases": ("这里是一个办件的全部情况。拿不准就先不提交，返回看看材料和经过。"),
    "conditions": ("先说清谁来办、凭什么替人办、缺的材料什么时候补。填的内容会随时保存。"),
    "days": ("机器日期不对，期限就会算错。请对照手机上的日期核对，确认后系统才继续按日期自动办理。"),
    "editor": ("这里写一个事项怎么办：要什么材料、填什么、几天办好。发布前可以预览，看看村里见到的样子。"),
    "filing": ("填一项存一项，停电、关掉网页都不会丢。没填完可以先离开，回首页接着办。"),
    "forgotten": ("密码忘了，由上级站点的管理员核实身份后重设。本站的人不能替您重设。"),
    "gallery": ("这是页面部件的样子，供制作网页的人对照。这里没有真的办件。"),
    "guide": ("这里是每个事项怎么办、要带什么。可以打印给群众带回家看。"),
    "items": ("这里是事项和它的各个版本。在办的件按收件时的版本办。"),
    "journal": ("谁在什么时候看过谁的资料，这里都有记录。记录不能删改。"),
    "letters": ("委托书说明谁替谁办、办什么、到哪天为止。到期或撤回后就不能再凭它收件。"),
    "line": ("这里看线路和待传的内容。线路断了也能照常收件，用U盘可以送出。"),
    "nodes": ("站点入网要用一次性入网码，当面交给对方。码用过就作废，丢了重新给一个。"),
    "notices": ("这是给申请人的正式文书，按办理记录自动写成。打印后盖章送达，送达了要登记。"),
    "package_check": ("把归档包选进来，核对里面的每一份有没有被改动过。核对不需要网络。"),
    "papers": ("这里是申请人交的材料。看不清的，请收件的站点重新拍。"),
    "queue": ("点一行就打开那一件。按编号、姓名或身份证号都能查，也可以扫凭证上的码。"),
    "register": ("这是本站收件的台账，可以打印、导出。数字以办理记录为准，不用另外填报。"),
    "stick": ("照一、二两步做：带出去、带回来。做数据包和读入的时候可以离开，做完上面会说。"),
    "take_over": ("站点停用、失联或者过期没答复的，由县级接着办。先看清是哪个站点的件，写明理由再确认。"),
    "terms": ("先说清谁来办、凭什么替人办、缺的材料什么时候补。填的内容会随时保存。"),
    "verify": ("扫凭证上的码，或把码里的文字粘贴进来。这里只说凭证真不真，不说别人的隐私。"),
    "views": ("谁在什么时候看过谁的资料，这里都有记录。记录不能删改。"),
}
_ANYWHERE = "页面上写着您现在能做什么，做不了的不会给按钮。有疑问请问本站管理员，或返回首页从菜单进入。"


def help_of(endpoint: str | None) -> str:
    """Return the help for the page that a view draws: two sentences, never none."""
    view = endpoint or ""
    if view in _BY_VIEW:
        return _BY_VIEW[view]
    # Pages within pages (`filing.terms.promise`) belong to the nearest group that has words.
    groups = reversed(view.split(".")[:-1])
    return next((_BY_GROUP[group] for group in groups if group in _BY_GROUP), _ANYWHERE)
