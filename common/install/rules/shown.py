"""A step as a person reads it before it is done: each command as it could be typed, each file in full."""

from __future__ import annotations

import shlex

from common.install.rules.steps import (
    Allocate,
    Copy,
    Folder,
    Own,
    Put,
    Rename,
    Run,
    Say,
    Set,
    Step,
)


def shown(step: Step) -> str:
    """Return the lines of one step."""
    if isinstance(step, Run):
        before = f"[{step.user}] " if step.user else ""
        unless = f"\n  （若 {shlex.join(step.unless)} 成功，就已做过）" if step.unless else ""
        return f"· {step.why}\n  {before}{shlex.join(step.words)}{unless}"
    if isinstance(step, Put):
        body = "".join(f"  | {line}\n" for line in step.text.splitlines())
        return f"· 写文件 {step.path}（{step.mode:o}）\n{body}".rstrip("\n")
    if isinstance(step, Set):
        body = "".join(f"\n  {name} = {value}" for name, value in step.values)
        return f"· 设置 {step.path}{body}"
    if isinstance(step, Say):
        return step.planned or step.sentence
    return _of_files(step)


def _of_files(step: Copy | Folder | Own | Allocate | Rename) -> str:
    if isinstance(step, Copy):
        return f"· 复制 {step.source} → {step.path}（{step.owner} {step.mode:o}）"
    if isinstance(step, Folder):
        return f"· 文件夹 {step.path}（{step.owner} {step.mode:o}）"
    if isinstance(step, Own):
        return f"· {step.path} 归 {step.owner}，别人不能读"
    if isinstance(step, Allocate):
        return f"· 新建文件 {step.path}，{step.bytes} 字节（600）"
    return f"· 改名 {step.source} → {step.path}"
