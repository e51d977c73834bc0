"""Refusals that every entry of a node's program may tell: no node there, a file the system refuses.

Nothing heavy is imported here: the process that only watches the serving one reads it, too.
"""

from __future__ import annotations

import errno
import os
import pwd
from pathlib import Path

from common.config import NodeConfig
from common.errors import LiandongError
from common.node.place import SERVE_LOCK, take_place

_DATABASE, _WITNESS = "node.sqlite3", "witness.ldw"
_NO_NODE = "{data} 里还没有站点：请先执行 init；站点在别处的，用 --data 写明它的数据文件夹。"
_DISK_SAYS = {
    errno.ENOENT: "没有这个文件或文件夹",
    errno.EISDIR: "这是文件夹，不是文件",
    errno.ENOTDIR: "这不是文件夹",
    errno.EACCES: "没有读写权限",
    errno.EPERM: "没有读写权限",
    errno.EEXIST: "已经有同名的文件",
    errno.ENOSPC: "磁盘已满",
    errno.EDQUOT: "磁盘配额已用完",
    errno.EIO: "磁盘读写出错",
    errno.EROFS: "磁盘是只读的",
    errno.ENAMETOOLONG: "名字太长",
}
# It is no single file's fault, and what the system names may be the one that was only read.
_OF_THE_DISK = (errno.ENOSPC, errno.EDQUOT)

# Not imported: the server's master never loads what opens databases.
_FULL = "E401"
_MAKE_ROOM = (
    "请删除或移走数据文件夹以外的文件（例如旧日志：sudo journalctl --vacuum-size=50M），"
    "腾出 20 MB 以上再执行一次；数据文件夹里的文件一个也不要删。"
)


class NotEnrolledYet(LiandongError):
    """The verb needs a node that has joined a network."""

    code = "E414"
    status = 409
    sentence = "本站还没有入网，请先用入网码登记（enrol join）。"


class DatabaseGone(LiandongError):
    """A node has worked in this folder, and its database is not there: never is another one begun in it."""

    code = "E493"
    status = 409
    sentence = (
        "{data} 里有过站点，数据库却不见了，可能是上次恢复没有做完："
        "请用备份再执行一次 restore，不要执行 init。没有备份的，换一个空文件夹重新建站。"
    )


class OthersFolder(LiandongError):
    """Root asks for what is to be done as the user whose folder it is; nothing was changed.

    What root writes there the service could not open: no database that was put back, no lock of a backup.
    """

    code = "E496"
    status = 409
    sentence = (
        "数据文件夹 {data} 是用户 {user} 的：用 root 执行，写出的文件服务打不开。"
        "没有改动，请在命令前面加上 {how} 再执行。"
    )


class CallsNobody(LiandongError):
    """The county was asked to exchange with the node above it."""

    code = "E485"
    status = 409
    sentence = (
        "县级是最上一级，上面没有站点：由乡镇和村来联系县里，县里不用联系谁。"
        "各站点上次什么时候联系过，看 status 或网页“下级站点”。"
    )


class NoWayUp(LiandongError):
    """No node above this one has an address on the net that is known here."""

    code = "E486"
    status = 409
    sentence = (
        "不知道上级站点的网址：请在 node.toml 里写 parent_url，过一两分钟就照它联系；"
        "或请县级管理员在“名册”里给上级设网址；"
        "没有线路的，用U盘（bundle export）。"
    )


class FileRefused(LiandongError):
    """The system refuses a file or a folder, or has no room for it."""

    code = "E477"
    status = 500
    sentence = "{why}"


def has_lost_database(data: Path) -> bool:
    """Say whether a node has joined here once, by its witness, and left no database, or nothing of it."""
    path = data / _DATABASE
    # After a power cut some file systems leave a file without a byte; SQLite would begin an empty one in it.
    return (data / _WITNESS).exists() and not (path.exists() and path.stat().st_size)


def no_node_in(data: Path | str) -> LiandongError:
    """Return what is told of a folder in which no node was made, or none is left."""
    if isinstance(data, Path) and has_lost_database(data):
        return DatabaseGone(data=str(data))
    return NotEnrolledYet(sentence=_NO_NODE.format(data=data))


def check_user(data: Path) -> None:
    """Look whether what is written in a data folder will be its user's.

    Raises:
        OthersFolder: root asks, and it is not root's.
    """
    if os.geteuid() != 0 or not data.is_dir() or not (owner := data.stat()).st_uid:
        return
    try:
        user = pwd.getpwuid(owner.st_uid).pw_name
        how = f"sudo -u {user}"
    except KeyError:
        # As in a container, where nobody has that number a name: sudo does not know it either.
        user, how = f"{owner.st_uid}", f"setpriv --reuid={owner.st_uid} --regid={owner.st_gid} --clear-groups"
    raise OthersFolder(data=str(data), user=user, how=how)


def check_made(config: NodeConfig) -> None:
    """Look whether there is a node to serve, before anything is made in its folder.

    Raises:
        NotEnrolledYet, DatabaseGone: there is none.
        BeingRestored: it is on its way.
    """
    is_there = config.path(_DATABASE).exists() and not has_lost_database(config.data_dir)
    if not config.address or not is_there:
        if config.path(SERVE_LOCK).exists():
            take_place(config).close()
        raise no_node_in(config.data_dir)


def of_the_system(problem: OSError) -> FileRefused:
    """Return what people are told of a file or folder that the system refused."""
    number, said = problem.errno or 0, why(problem)
    path = str(problem.filename2 or problem.filename or "")
    # What is written first under a name of its own: that one says nothing to whoever named the other.
    path = str(Path(path).parent) if path.endswith(".part") else path
    return FileRefused(why=f"{said}。" if number in _OF_THE_DISK or not path else f"{said}：{path}")


def why(problem: OSError) -> str:
    """Return in words why the system refused a file or folder."""
    return _DISK_SAYS.get(problem.errno or 0, f"系统报错（{problem.strerror or problem}）")


def on_console(problem: LiandongError) -> str:
    """Return what whoever sits at the machine reads of a refusal: of a full disk also what to do about it."""
    return f"{problem}\n{_MAKE_ROOM}" if problem.code == _FULL else str(problem)
