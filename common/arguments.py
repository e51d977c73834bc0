"""The command lines of this project speak Chinese in help and refusals, and fall silent when nobody reads on.

`argparse` has its sentences in English alone; those it refuses words with are put here into Chinese, by what
they begin and end with. One that a later Python words anew is told as it stands, behind a Chinese beginning.
"""

from __future__ import annotations

import argparse
import os
import re
import select
import sys
from collections.abc import Callable, Iterable
from typing import Any, NoReturn, TextIO

REFUSED = 2
# As a shell has it of a command that a closed pipe has ended: not all that it was to say, or do, is done.
CUT = 141

_SAID = (
    (r"argument (.+?): (.*)", "{0}：{1}"),
    (r"expected one argument", "后面要写一个值"),
    (r"expected at least one argument", "后面至少要写一个值"),
    (r"expected (\d+) arguments?", "后面要写 {0} 个值"),
    (r"invalid choice: (.*) \(choose from (.*)\)", "没有 {0}，可以写 {1}"),
    (r"invalid \w+ value: (.*)", "{0} 不对"),
    (r"the following arguments are required: (.*)", "缺少 {0}"),
    (r"one of the arguments (.*) is required", "要写其中一个：{0}"),
    (r"not allowed with argument (.*)", "不能和 {0} 一起写"),
    (r"unrecognized arguments: (.*)", "没有这样的参数：{0}"),
    (r"ambiguous option: (.*) could match (.*)", "{0} 写得不全，可能是 {1}"),
    (r"ignored explicit argument (.*)", "后面不能带值：{0}"),
)


# What stands without dashes, by the names the usage shows.
_NAMES = {
    "PATH": "文件或文件夹",
    "VERB": "命令",
    "case": "办件编号",
    "file": "文件",
    "folder": "文件夹",
    "login": "账号",
    "step": "做哪一步",
    "text": "凭证的内容",
    "way": "导出还是导入",
    "what": "对什么",
    "when": "什么时候",
}


class _Formatter(argparse.HelpFormatter):
    """Begins the usage in Chinese."""

    def add_usage(
        self, usage: str | None, actions: Iterable[Any], groups: Iterable[Any], prefix: str | None = None
    ) -> None:
        super().add_usage(usage, actions, groups, "用法：" if prefix is None else prefix)


class Arguments(argparse.ArgumentParser):
    """A parser whose help and refusals are Chinese; one of its verbs is another such parser."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**{"formatter_class": _Formatter, **given, "add_help": False})
        self._positionals.title, self._optionals.title = "参数", "选项"
        self.add_argument("-h", "--help", action="help", help="显示这些说明")

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Take a word without dashes that stands behind options for the place that may be left out, too.

        `argparse` ends such a place at the first option, and would call what comes later an unknown word.
        """
        found, rest = super().parse_known_args(args, namespace)
        # What stands behind an option that nobody knows may be its value.
        words = [] if any(word.startswith("-") for word in rest) else rest
        for action in self._get_positional_actions():
            is_open = action.nargs == argparse.OPTIONAL and getattr(found, action.dest) == action.default
            if words and is_open:
                try:
                    setattr(found, action.dest, self._get_values(action, [words.pop(0)]))
                except argparse.ArgumentError as problem:
                    self.error(str(problem))
        return found, rest

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and how it is written, and end with code 2."""
        self.print_usage(sys.stderr)
        self.exit(REFUSED, f"命令写得不对：{in_chinese(message)}。\n")


def while_read(run: Callable[[], int]) -> int:
    """Run a command and return its exit code: `CUT`, without a word, where nobody reads on (`| head`)."""
    try:
        try:
            return run()
        finally:
            sys.stdout.flush()
    except BrokenPipeError as problem:
        if not is_cut(problem):
            raise
        # What still waits to be written would be tried again, and complained of, when the program ends.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in _unread():
            os.dup2(nowhere, stream.fileno())
        return CUT


def is_cut(problem: OSError) -> bool:
    """Tell whether it is that nobody reads any more, and not that another pipe or line broke."""
    return isinstance(problem, BrokenPipeError) and bool(_unread())


def _unread() -> list[TextIO]:
    return [stream for stream in (sys.stdout, sys.stderr) if _is_unread(stream)]


def _is_unread(stream: TextIO) -> bool:
    try:
        polled = select.poll()
        polled.register(stream.fileno(), 0)
        return any(event & select.POLLERR for _, event in polled.poll(0))
    except (OSError, ValueError):
        return False


def in_chinese(message: str) -> str:
    """Return a sentence of `argparse` in Chinese; one that is not known, as it is."""
    for pattern, words in _SAID:
        found = re.fullmatch(pattern, message, re.DOTALL)
        if found:
            # That something may be left out is no word that anybody could write.
            return words.format(*(in_chinese(part.removeprefix("'', ")) for part in found.groups()))
    names = message.split(", ")
    if set(names) <= set(_NAMES):
        return "、".join(f"{_NAMES[name]}（{name}）" for name in names)
    return message
