"""The code sets of service items, each code with its words; those of GB/T 39046—2020 annex A say so.

Pure data. Codes travel in signed documents and never change their meaning.
"""

from __future__ import annotations

KIND_NAMES = {"instant": "即办件", "promised": "承诺件"}
# GB/T 39046 annex A, 事项类型.
TYPE_NAMES = {
    "01": "行政许可", "02": "行政处罚", "03": "行政强制", "04": "行政征收", "05": "行政给付",
    "06": "行政检查", "07": "行政确认", "08": "行政奖励", "09": "行政裁决", "10": "其他行政权力",
    "20": "公共服务",
}  # fmt: skip
# What takes something from people or rules between them: there no department agrees by keeping silent.
NEVER_DEEMED = ("02", "03", "04", "09")
# GB/T 39046 annex A, 行使层级, 实施主体性质, 服务对象, 办理形式.
LEVEL_CODES = {
    "1": "国家级", "2": "省级", "3": "市级", "4": "县级", "5": "乡镇（街道）级", "6": "村（社区）级",
    "7": "分级管理",
}  # fmt: skip
NATURE_NAMES = {"1": "法定机关", "2": "授权组织", "3": "受委托组织", "9": "其他"}
SUBJECT_NAMES = {
    "1": "自然人", "2": "企业法人", "3": "事业法人", "4": "社会组织法人", "5": "行政机关", "6": "其他组织",
}  # fmt: skip
CHANNEL_NAMES = {"1": "窗口", "2": "电脑端", "3": "移动端", "4": "快递", "9": "其他"}
REACH_NAMES = {"": "本县", "全国": "全国", "跨省": "跨省", "跨市": "跨市", "跨县": "跨县"}
UNIT_NAMES = {"work": "工作日", "calendar": "自然日"}
# Licensing Law art. 45: what is not counted in the limit.
SPECIAL_NAMES = {
    "hearing": "听证", "tender": "招标", "auction": "拍卖", "inspection": "检验", "testing": "检测",
    "quarantine": "检疫", "appraisal": "鉴定", "expert_review": "专家评审", "other": "其他",
}  # fmt: skip
RESULT_NAMES = {
    "certificate": "证照", "approval": "批文", "record": "登记或备案", "payment": "待遇发放", "other": "其他",
}  # fmt: skip
PAPER_SOURCES = {
    "applicant": "申请人自备", "government": "政府部门核发", "intermediary": "中介机构出具",
    "form": "本系统打印的表格",
}  # fmt: skip
ORIGINALS_NAMES = {
    "at_filing": "收件时核对原件", "after_review": "预审后核对原件", "none": "不核对原件",
}  # fmt: skip
FIELD_KIND_NAMES = {
    "text": "文字（一行）", "number": "整数", "choice": "选择", "date": "日期", "phone": "电话",
    "id_number": "身份证号码", "money_fen": "金额", "place": "乡镇、村（社区）", "textarea": "文字（多行）",
    "yesno": "是或否",
}  # fmt: skip
INTAKE_NAMES = {"village": "村", "township": "乡镇", "county": "县"}
# What the window of each level is called: not the organ, which may be another.
SITE_NAMES = {"village": "村（社区）便民服务室", "township": "乡镇便民服务中心", "county": "县政务服务中心"}
CHECKER_NAMES = {"": "不初审", "township": "乡镇"}
# Who accepts and decides: the node where the case is filed, or the one of that level above it.
SEAT_NAMES = {"origin": "收件站点", "township": "乡镇", "county": "县"}
WINDOW_NAMES = {"own": "部门设窗口", "centre": "中心窗口代收（接办件）"}
