"""Every setting of a node in one table: name, default, unit, what it does.

Read once at start from `<data_dir>/node.toml`, then from the environment (`LIANDONG_<NAME>`), which
wins. Nothing else in the program reads the environment. An unknown name or a value of the wrong kind
stops the node before it has done anything.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from common.errors import LiandongError
from common.setting_values import too_large, wrong_with

CONFIG_FILE = "node.toml"
_AT = re.compile(r"line (\d+), column (\d+)")
ENVIRONMENT_PREFIX = "LIANDONG_"
# What `deploy.sh`, tests and benches go by stands in the same environment.
_OF_TOOLS = ("LIANDONG_PYTHON", "LIANDONG_CHROMIUM", "LIANDONG_TEST_", "LIANDONG_BENCH_")


class BadConfig(LiandongError):
    """A setting cannot be used; the node does not start."""

    code = "E407"
    status = 500
    sentence = "配置项 {name} 不正确：{why}。"
    advice = "请改正 node.toml 或对应的环境变量后重新启动。"


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table. `least` is the smallest number allowed; `unit` is empty for names."""

    name: str
    default: str | int
    unit: str
    help: str
    least: int = 0


def _setting(default: str | int, unit: str, help_text: str, least: int = 0) -> Any:
    told = {"default": default, "unit": unit, "help": help_text, "least": least}
    return field(default=default, metadata=told)


# fmt: off
@dataclass(frozen=True, kw_only=True)
class NodeConfig:
    """The settings of one node, fixed from start to stop."""

    data_dir: Path
    address: str = _setting("", "", "本站地址：统计用区划代码去掉末尾的零组，登记后不再更改")
    site_name: str = _setting("", "", "页眉上的站点名；空则用区划名")
    bind: str = _setting("127.0.0.1:8600", "host:port", "网页和对接服务监听的地址；非本机地址必须配置证书")
    practice: int = _setting(0, "0 1", "1 表示演练站点，建站时用 init --practice 定下，之后不再更改")
    public_url: str = _setting("", "url", "居民和下级站点访问本站的网址；空则由 bind 推出")
    verify_url: str = _setting(
        "", "url", "凭证二维码指向的网址，填县级站点对外的网址；空则用 public_url，再空则由 bind 推出"
    )
    parent_url: str = _setting("", "url", "上级站点的网址；空则从名册取，名册也没有则只用U盘数据包")
    ancestor_urls: str = _setting("", "url,…", "上级连不上时依次改试的更上级站点网址，逗号分隔")
    tls_cert_file: str = _setting("", "path", "网页证书（PEM），与 tls_key_file 同时给出")
    tls_key_file: str = _setting("", "path", "网页证书的私钥（PEM）")
    tls_ca_file: str = _setting("", "path", "核对上级网页证书的根证书（PEM），如县里自建的；空则用公共根证书")
    secret_key_file: str = _setting("secret.key", "path", "会话签名密钥文件，相对 data_dir；没有时自动生成")
    threads: int = _setting(8, "threads", "同时处理的请求数，网页和站点交换合计", 3)
    proxy_hops: int = _setting(0, "hops", "前面有几级反向代理；0 表示浏览器直接连本站")
    node_requests_at_once: int = _setting(
        5, "requests", "同时处理的站点交换数，至少给网页留两个；超过的答复稍后再来", 1
    )
    busy_timeout_ms: int = _setting(15_000, "ms", "数据库被占用时最多等多久", 1)
    sync_interval_s: int = _setting(60, "s", "没有积压时与上级联系的间隔，前后随机错开", 1)
    sync_retry_base_ms: int = _setting(5_000, "ms", "线路不通时第一次重试最多等多久，之后加倍", 1)
    sync_retry_cap_s: int = _setting(1_800, "s", "线路一直不通时两次重试之间最多等多久", 1)
    sync_exchange_bytes: int = _setting(262_144, "bytes", "一次交换装载的上限", 65_536)
    sync_timeout_s: int = _setting(30, "s", "对方多久不作声就放弃本次交换", 1)
    sync_proxy: str = _setting(
        "",
        "url",
        "与上级交换经过的代理，如 http://192.0.2.9:3128，要登录的在地址前写 名字:密码@；"
        "空则直连，environment 表示取系统环境变量",
    )
    session_idle_s: int = _setting(1_800, "s", "多久不操作就要重新登录", 60)
    session_absolute_s: int = _setting(43_200, "s", "登录后最长多久必须重新登录", 60)
    sign_in_attempts: int = _setting(5, "attempts", "同一账号连续输错多少次后暂停登录", 1)
    sign_in_pause_s: int = _setting(900, "s", "连续输错后暂停登录多久", 1)
    paper_bytes_max: int = _setting(20_971_520, "bytes", "一份材料的上限", 65_536)
    unused_paper_hours: int = _setting(48, "h", "没有办件、草稿用到的材料影像，收进来满多久后清除", 24)
    form_bytes_max: int = _setting(100_663_296, "bytes", "一次提交（含全部材料）的上限", 65_536)
    disk_low_mb: int = _setting(1_000, "MB", "空闲少于多少时，新照片存得更小，已送达终点的材料移出本站", 1)
    disk_critical_mb: int = _setting(300, "MB", "磁盘空闲少于多少时，停止收新件；发送和接收回执照常", 1)
    paper_days: int = _setting(30, "days", "村级站点的材料送达终点并满多少天后移出，可再取回；0 表示不移出")
    paper_days_low: int = _setting(
        7, "days", "磁盘空间不多时，材料送达终点并满多少天后移出本站；应大于县级备份的间隔", 1
    )
    keep_months: int = _setting(
        24,
        "months",
        "办件办结、报文送达终点满多少个月后，村级、乡镇站点删去报文正文；换新电脑时县级站点发回多少个月内的办件。"
        "必须长过还可能用来恢复的最旧备份",
        3,
    )
    receipt_days: int = _setting(
        15,
        "days",
        "交邮满多少天还没有回执、也没有退回的，列入“邮件没有回执”，请人向邮局查询；"
        "法律没有规定这个天数，按邮局五天内投递三次、来回路上各五天定为 15",
        1,
    )
    disk_ballast_mb: int = _setting(32, "MB", "平时预占、磁盘将满时放出的空间；0 表示不预占")
    log_level: str = _setting("INFO", "", "日志详细程度：DEBUG INFO WARNING ERROR")

    def path(self, name: str) -> Path:
        """Return the file or folder `name` (a setting's value) inside this node's data folder."""
        return self.data_dir / name
# fmt: on


SETTINGS: tuple[Setting, ...] = tuple(
    Setting(f.name, f.metadata["default"], f.metadata["unit"], f.metadata["help"], f.metadata["least"])
    for f in fields(NodeConfig)
    if f.metadata
)


def read_config(data_dir: Path, environment: Mapping[str, str]) -> NodeConfig:
    """Return the node's settings: defaults, then `<data_dir>/node.toml`, then `environment`.

    Raises:
        BadConfig: the file is not TOML, a name is unknown, or a value is of the wrong kind, too small or too
            large, none that could ever work, or none that fits another.
    """
    given, known = _from_file(data_dir / CONFIG_FILE), {setting.name: setting for setting in SETTINGS}
    for name in given:
        if name not in known:
            raise BadConfig(name=name, why="没有这个配置项")
    given |= _spoken(environment, known)
    values: dict[str, Any] = {name: _checked(known[name], value) for name, value in given.items()}
    config = NodeConfig(data_dir=Path(data_dir), **values)
    if config.disk_critical_mb > config.disk_low_mb:
        if "disk_critical_mb" in values:
            why = f"是 {config.disk_critical_mb}，不得大于 disk_low_mb（{config.disk_low_mb}）"
            raise BadConfig(name="disk_critical_mb", why=why)
        # Nobody has said it: the default gives way.
        return replace(config, disk_critical_mb=config.disk_low_mb)
    return config


def write_config(data_dir: Path, values: Mapping[str, str | int]) -> None:
    """Write `values` to `<data_dir>/node.toml`, replacing what was there; for `init` and the demo.

    Raises:
        BadConfig: a name is unknown or a value unusable; the file is then unchanged.
    """
    (Path(data_dir) / CONFIG_FILE).write_text(settings_text(values), encoding="utf-8")


def settings_text(values: Mapping[str, str | int]) -> str:
    """Return `values` as they stand in a settings file.

    Raises:
        BadConfig: a name is unknown or a value unusable.
    """
    known = {setting.name: setting for setting in SETTINGS}
    lines = []
    for name, value in values.items():
        if name not in known:
            raise BadConfig(name=name, why="没有这个配置项")
        lines.append(f"{name} = {_toml(_checked(known[name], value))}\n")
    return "".join(lines)


def _from_file(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise BadConfig(name=path.name, why=f"文件格式有误，{_where(error)}") from error


def _spoken(environment: Mapping[str, str], known: Mapping[str, Setting]) -> dict[str, str]:
    """Return the settings of the environment; one spelled wrongly would do nothing, and nobody hear of it."""
    names = {ENVIRONMENT_PREFIX + name.upper(): name for name in known}
    for variable in environment:
        is_meant = variable.startswith(ENVIRONMENT_PREFIX) and not variable.startswith(_OF_TOOLS)
        if is_meant and variable not in names:
            raise BadConfig(name=variable, why="没有这个配置项")
    return {names[variable]: value for variable, value in environment.items() if variable in names}


def _where(error: Exception) -> str:
    """Return in which line the parser stopped; its own words are English, and quote what stands there."""
    if isinstance(error, UnicodeDecodeError):
        return "不是 UTF-8 编码的文字"
    found = _AT.search(str(error))
    return f"从第 {found[1]} 行第 {found[2]} 个字起读不懂" if found else "末尾不完整，或者数字、层次太长"


def _checked(setting: Setting, value: Any) -> str | int:
    if isinstance(setting.default, str):
        if not isinstance(value, str):
            raise BadConfig(name=setting.name, why="应是文字")
        wrong = wrong_with(setting.name, setting.unit, value)
        if wrong:
            raise BadConfig(name=setting.name, why=wrong)
        return value
    try:
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise ValueError(value)
        number = int(value)
    except ValueError as error:
        raise BadConfig(name=setting.name, why="应是整数") from error
    if number < setting.least:
        raise BadConfig(name=setting.name, why=f"不得小于 {setting.least}")
    wrong = too_large(setting.unit, number)
    if wrong:
        raise BadConfig(name=setting.name, why=wrong)
    return number


def _toml(value: str | int) -> str:
    if isinstance(value, int):
        return str(value)
    escaped = "".join(
        f"\\u{ord(mark):04x}" if ord(mark) < 32 or ord(mark) == 127 else mark
        for mark in value.replace("\\", "\\\\").replace('"', '\\"')
    )
    return f'"{escaped}"'
