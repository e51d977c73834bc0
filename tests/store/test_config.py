"""Settings: file, then environment; anything unknown or unusable stops the node before it starts."""

from __future__ import annotations

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
        "address = 5",
        "= =",
    ],
)
def test_what_cannot_be_used_stops_the_node(tmp_path: Path, text: str) -> None:
    (tmp_path / "node.toml").write_text(text, encoding="utf-8")
    with pytest.raises(BadConfig) as caught:
        read_config(tmp_path, {})
    assert caught.value.code == "E407"
    assert "配置项" in str(caught.value)


def test_a_wrong_value_in_the_environment_stops_it_too(tmp_path: Path) -> None:
    with pytest.raises(BadConfig):
        read_config(tmp_path, {"LIANDONG_THREADS": "four"})


def test_a_bad_value_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(BadConfig):
        write_config(tmp_path, {"threads": 0})
    with pytest.raises(BadConfig):
        write_config(tmp_path, {"nonsense": 1})
    assert not (tmp_path / "node.toml").exists()
