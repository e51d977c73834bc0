"""Why a backup is not made, or a folder holds none."""

from __future__ import annotations

from common.errors import LiandongError


class BackupFailed(LiandongError):
    """The copy did not come out as it should; the list of a former backup there still stands."""

    code = "E431"
    status = 500
    sentence = (
        "备份没有通过核对，这一份没有留下：{what}。文件夹里以前的备份没有动。"
        "请先执行 verify，看是本站的记录有误，还是备份用的磁盘写坏了。"
    )


class NoBackup(LiandongError):
    """The folder holds no whole backup; nothing was changed."""

    code = "E432"
    status = 400
    sentence = "文件夹 {folder} 里没有完整的备份：{what}。"


class OthersBackup(LiandongError):
    """The folder holds the backup of another node, which this one would replace; nothing was changed."""

    code = "E436"
    status = 409
    sentence = "这个文件夹里是 {theirs} 的备份，每个站点要用自己的文件夹，请另选一个。"


class BackupHoldsMore(LiandongError):
    """The folder holds a backup unknown to these records, as of the computer before; nothing changed.

    This node began on an empty disk, or was put back from an older one, since: what only that has would go.
    """

    code = "E518"
    status = 409
    sentence = (
        "文件夹里 {day} 的备份不是本站现在这份记录做的（换过电脑，或者恢复过更早的备份），"
        "里面可能有本站没有的内容，不能替换：请先恢复它，或者把它留着、另选一个文件夹。没有改动。"
    )


class BackupWithin(LiandongError):
    """The folder is where a node has its data: lost with them, or laid over another's. Nothing changed."""

    code = "E478"
    status = 409
    sentence = "备份不能放在站点的数据文件夹里，请另选一个文件夹，最好在另一块磁盘或U盘上。"


class BackupRuns(LiandongError):
    """A backup of this node is being made or put back already; nothing was changed."""

    code = "E480"
    status = 409
    sentence = "本站正在备份或恢复，请等它完成再试。"


class BackupAltered(LiandongError):
    """The list of a backup has a signature that does not fit what it says; nothing was changed."""

    code = "E519"
    status = 409
    sentence = (
        "文件夹 {folder} 里的备份清单与签名不符，做好以后被人改过或者写坏了：没有恢复，没有改动。"
        "请换另一份备份，把这一份留着并报县管理员。"
    )


class BackupUnproven(LiandongError):
    """A backup is not proven to be of the network that this computer knows, or that was named; no change."""

    code = "E520"
    status = 409
    sentence = (
        "文件夹 {folder} 里的备份属于另一个网络（网络指纹不同）：没有恢复，没有改动。"
        "要恢复的，用 --root 写明登记单上的网络指纹再执行；核对不上的，换另一份备份。"
    )
