"""What is raised when a case cannot be packed, or a file is no package."""

from __future__ import annotations

from common.errors import BadInput, RuleError


class NotEnded(RuleError):
    """Only a case in which nothing more happens is packed."""

    code = "E511"
    sentence = "办件{case}还没有办结，不能归档打包。"


class PaperLacking(RuleError):
    """A paper of the case is not here or is damaged: the package would prove less than it should."""

    code = "E512"
    sentence = "材料“{name}”不在本站或已损坏，不能打包。"
    advice = (
        "请在办件页面的“材料”里打开它，点“向上级站点取回”，传到后再打包；已损坏的，请管理员先执行 verify，"
        "会自动取回。也可以到材料完整的站点打包。"
    )

    def __str__(self) -> str:
        # On the console, where there is no page that says it beside, the way out has to be said as well.
        return f"{super().__str__()}{self.told(self.advice)}"


class FrameLacking(RuleError):
    """An act of the case is known, but its signed bytes are not here."""

    code = "E513"
    sentence = "办件{case}有一步的签名原文不在本站，不能打包。"
    advice = "请到办件经过的上级站点打包。"


class PackageTooLarge(RuleError):
    """A package is one file that any ZIP program opens: below 4 GiB."""

    code = "E514"
    sentence = "办件{case}的材料超过 4 GB，不能打成一个包。"


class NoPackage(BadInput):
    """The file is no package of ours, or a byte outside its parts was changed."""

    code = "E515"
    sentence = "这个文件不是归档包，或者已经损坏（{why}）。"
    kept = ""
    advice = "请换一份完好的副本再核验。"


class NoPackageChosen(BadInput):
    """No file was chosen."""

    code = "E516"
    sentence = "请选择归档包（扩展名 .zip）。"
