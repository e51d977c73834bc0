"""Sentences for the codes of the sync layer, as the line page shows them."""

from __future__ import annotations

from common.casework.errors import SENTENCES
from common.people.errors import SENTENCES as OF_PEOPLE
from sync.protocol import errors

_NOTES = {
    "S107": "发送方的钥匙不在名册里或已作废，未收取；是本县站点的，请让它用新的入网码登记。",
    "S113": "回执有误，或签它的钥匙已作废，未采用；不用处理，对方会再发。",
    "S120": "同一位置出现两份不同的报文，已作为证据保留，请县管理员核对。",
    "S121": "暂存的报文过多，多出的未留，对方会再发。",
    "S122": "有两台电脑在用同一个站点身份，或同一份备份恢复过两次，请县管理员马上核对，"
    "只留一台，另一台关机。",
    "S123": "本站从自己以前的回执处重新开始接收，请县管理员核对。",
    "S124": "本次提示过多，只保留了一部分，详情见日志。",
    "S125": "收到新版本程序才认识的内容，已保存，升级后自动处理。",
    "S126": "收到的文件更新以本站没有的版本为准，对方会改发全文。",
    "S127": "一份材料在本站已经损坏或丢失，不再外传，正向有它的站点要回。",
    "S302": "有人用已经用过的入网码登记这个站点：登记单可能外泄，请核对站点的指纹，必要时停用。",
    "S140": "磁盘空间不多：新照片存得更小，已送达终点的材料移出本站；请清理磁盘。",
    "S141": "磁盘快满：停止收新件，发送和接收回执照常；请马上清理磁盘。",
    "S131": "办结已久、终点已签收的报文正文，已按规定从本站删去；县级站点都有。",
    "S134": "发送站点已改由别的上级管理，它发来、还缺前文的报文本站不再等待；报文留存备查。",
    "S135": "恢复备份前后对一份报文作过相反的决定：后一次的算，分不出先后的算剔除；请到名册再决定。",
    "S136": "本站签发的一份文件或名册条目，同一个号在别处另有一份（恢复过备份，或者以前的钥匙已作废）："
    "已换新号再签一次，以新号为准。",
    "S133": "一个站点上报待查的报文过多，多出的未记，请核对这个站点。",
    "S129": "收到已作废钥匙签署的报文，已暂扣，等县级管理员放行或剔除。",
    "S130": "县级管理员已剔除一份报文，报文留存备查。",
    "S128": "本站数据是较早的备份，已启用新的编号段，并向邻站取回本站以前发出的内容。",
}
_ERRORS = {
    kind.code: kind.sentence
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, errors.SyncError)
}


def sentence_of(code: str) -> str:
    """Return the sentence for people behind a code of the sync layer or of casework."""
    return (
        _NOTES.get(code)
        or _ERRORS.get(code)
        or SENTENCES.get(code)
        or OF_PEOPLE.get(code)
        or "该事项暂时不能处理，已保存，等待条件具备。"
    )
