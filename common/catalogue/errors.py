"""What the catalogue refuses, each with its code and sentence."""

from __future__ import annotations

from common.errors import NotAllowed, NotFound, RuleError


class NotPublisher(NotAllowed):
    """Only the top of the tree publishes items."""

    code = "E302"
    sentence = "事项由县级站点统一发布，本站不能发布。"


class ItemUnknown(NotFound):
    """The catalogue has no item with this code in force."""

    code = "E303"
    sentence = "事项目录中没有这个事项，或者它已经停办。"


class ShelfOutOfStep(RuleError):
    """The shelf has fewer versions than the catalogue, or a text says a higher one than its document.

    Nothing was published, or taken into use.
    """

    code = "E304"
    sentence = "事项版本与已发布的文件不一致，没有发布。"
    advice = "请联系技术人员核对本站数据是否由备份恢复。"
