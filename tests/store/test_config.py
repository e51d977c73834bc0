"""Settings: file, then environment; anything unknown or unusable stops the node before it starts."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from common.config import SETTINGS, BadConfig, read_config, write_config


def test_every_setting_has_a_default_and_says_what_it_is() -> None:
    names = [setting.name for setting in SETTINGS]
    assert len(names) == len(set(names))
    assert all(setting.help for setting in SETTINGS)
    assert all(setting.unit for setting in SETTINGS if isinstance(setting.default, int))


def test_defaults_hold_when_nothing_is_said(tmp_path: Path) -> None:
    config = read_config(tmp_path, {})
    assert config.data_dir == tmp_path
    assert {s.name: getattr(config, s.name) for s in SETTINGS} == {s.name: s.default for s in SETTINGS}


def test_the_file_beats_the_default_and_the_environment_beats_the_file(tmp_path: Path) -> None:
    write_config(tmp_path, {"address": "511921", "sync_interval_s": 5, "site_name": '高明"新区\\\n'})
    config = read_config(tmp_path, {"LIANDONG_SYNC_INTERVAL_S": "7", "PATH": "/bin"})
    assert (config.address, config.sync_interval_s, config.site_name) == ("511921", 7, '高明"新区\\\n')


@pytest.mark.parametrize(
    "text",
    [
        "sync_intervall_s = 5",
        "sync_interval_s = true",
        "sync_interval_s = 1.5",
        "sync_interval_s = 0",
        "sync_timeout_s = 99999999999999999999",
        "keep_months = 99999999999",
        "practice = 2",
        "address = 5",
        'address = "abc"',
        'address = "511921000000"',
        'log_level = "loud"',
        'log_level = "debug"',
        'tls_cert_file = "a\\u0000b"',
        "= =",
        "threads = " + "9" * 5_000,
        "threads = " + "[" * 100_000,
    ],
)
def test_what_cannot_be_used_stops_the_node(tmp_path: Path, text: str) -> None:
    (tmp_path / "node.toml").write_text(text, encoding="utf-8")
    with pytest.raises(BadConfig) as caught:
        read_config(tmp_path, {})
    assert caught.value.code == "E407"
    assert "配置项" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (b'site_name = "a"\nthreads 4\n', "从第 2 行第 9 个字起读不懂"),
        (b"site_name = ", "末尾不完整|从第 1 行"),
        (b'site_name = "\xff"', "不是 UTF-8 编码的文字"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_of_by_its_line_and_in_chinese(
    tmp_path: Path, text: bytes, where: str
) -> None:
    (tmp_path / "node.toml").write_bytes(text)
    with pytest.raises(BadConfig, match=where) as caught:
        read_config(tmp_path, {})
    assert not re.search(r"[a-z]{3,}", str(caught.value).replace("node.toml", ""))


def test_a_setting_of_the_environment_that_is_spelled_wrongly_stops_the_node(tmp_path: Path) -> None:
    """It would have no effect, and who wrote it into the service would not hear of it."""
    with pytest.raises(BadConfig, match="LIANDONG_SYNC_INTERVAL 不正确：没有这个配置项"):
        read_config(tmp_path, {"LIANDONG_SYNC_INTERVAL": "5"})
    of_tools = {"LIANDONG_PYTHON": "python3.12", "LIANDONG_TEST_WORKERS": "2", "LIANDONG": "", "LANG": "C"}
    assert read_config(tmp_path, of_tools) == read_config(tmp_path, {})


def test_a_disk_that_would_be_nearly_full_before_it_has_little_room_stops_the_node(tmp_path: Path) -> None:
    """Intake ends only where there is less room than that at which papers leave: the larger was lowered."""
    said = "disk_critical_mb 不正确：是 1500，不得大于 disk_low_mb（1000）"
    with pytest.raises(BadConfig, match=said):
        read_config(tmp_path, {"LIANDONG_DISK_CRITICAL_MB": "1500"})
    (tmp_path / "node.toml").write_text("disk_low_mb = 200\n", encoding="utf-8")
    with pytest.raises(BadConfig, match="是 250，不得大于 disk_low_mb（200）"):
        read_config(tmp_path, {"LIANDONG_DISK_CRITICAL_MB": "250"})
    # A site that has named the one alone is not to stand still for a default.
    assert read_config(tmp_path, {}).disk_critical_mb == 200
    assert read_config(tmp_path, {"LIANDONG_DISK_CRITICAL_MB": "200"}).disk_critical_mb == 200


def test_a_wrong_value_in_the_environment_stops_it_too(tmp_path: Path) -> None:
    with pytest.raises(BadConfig):
        read_config(tmp_path, {"LIANDONG_THREADS": "four"})


def test_a_bad_value_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(BadConfig):
        write_config(tmp_path, {"threads": 0})
    with pytest.raises(BadConfig):
        write_config(tmp_path, {"nonsense": 1})
    assert not (tmp_path / "node.toml").exists()


@pytest.mark.parametrize("name", ["parent_url", "public_url", "verify_url", "sync_proxy", "ancestor_urls"])
@pytest.mark.parametrize(
    "url",
    [
        "abc",
        "192.0.2.5:8600",
        "ftp://192.0.2.5",
        "http://",
        "http:///path",
        "http://:8600",
        "http://192.0.2.5:86000",
        "http://192.0.2.5:0",
        "http://192.0.2.5:86o0",
        "http://[::1",
        "http://::1:8600",
        "http：//192.0.2.5",
        "http://192.0.2.5，http://192.0.2.6",
        "http://county example",
        "http://county.example?x=1",
        "http://county.example#top",
        "https://county.example, foo bar",
        "http://hall:w%40rd@192.0.2.9:31x8",
    ],
)
def test_an_address_by_which_no_line_can_ever_be_is_refused(tmp_path: Path, name: str, url: str) -> None:
    """A password in it is not told again; nothing is written, either."""
    for use in (
        lambda: read_config(tmp_path, {f"LIANDONG_{name.upper()}": url}),
        _writing(tmp_path, name, url),
    ):
        with pytest.raises(BadConfig, match=f"E407 配置项 {name} 不正确：应写成 http") as caught:
            use()
        assert "w%40rd" not in str(caught.value)
    assert not (tmp_path / "node.toml").exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("parent_url", "http://192.0.2.5:8600"),
        ("parent_url", "HTTPS://county.example/liandong/"),
        ("parent_url", "http://[2001:db8::1]:8600"),
        ("parent_url", "http://通江县.example"),
        ("sync_proxy", "environment"),
        ("sync_proxy", "http://hall:w%40rd@192.0.2.9:3128"),
        ("sync_proxy", "http://名字:密码@192.0.2.9:3128"),
        ("ancestor_urls", "https://county.example, http://192.0.2.7:8600,"),
        ("bind", "localhost:8600"),
        ("bind", "[::]:8600"),
        ("bind", ":8600"),
        ("log_level", "CRITICAL"),
    ],
)
def test_a_value_that_can_work_is_taken(tmp_path: Path, name: str, value: str) -> None:
    _writing(tmp_path, name, value)()
    assert getattr(read_config(tmp_path, {}), name) == value


@pytest.mark.parametrize(
    ("bind", "why"),
    [
        ("127.0.0.1:99999", "没有这个端口：99999"),
        *((b, "应写成 地址:端口") for b in ("8600", "a:http", "[::1", "::1:86")),
    ],
)
def test_where_nobody_can_listen_is_refused(tmp_path: Path, bind: str, why: str) -> None:
    with pytest.raises(BadConfig, match=why):
        read_config(tmp_path, {"LIANDONG_BIND": bind})


def _writing(folder: Path, name: str, value: str) -> Callable[[], None]:
    return lambda: write_config(folder, {name: value})
