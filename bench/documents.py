"""pdf_bytes, pdf_warm_s, pdf_cold_s: an A4 notice with a table, a code and a seal ring."""

from __future__ import annotations

import statistics
import time

import segno

from common.documents.rules.ring import seal_ring
from common.documents.service import Documents

WARM_PAPERS = 8
_CLAIM = "https://county.example/v#" + "Qm4-x7Za" * 50


def _code() -> str:
    return segno.make(_CLAIM, error="m").svg_inline(scale=2)


def notice() -> str:
    """Return a 受理通知书 as long as they usually are."""
    papers = ("申请表", "居民身份证复印件", "户口簿复印件", "家庭收入证明", "银行账户复印件", "授权书")
    rows = "".join(
        f"<tr><td>{n}</td><td>{name}</td><td>复印件加盖公章</td><td>1</td></tr>"
        for n, name in enumerate(papers, 1)
    )
    return (
        '<!doctype html><html lang="zh-CN"><head><style>table { width: 100% } td, th { border: 0.5pt solid; '
        "padding: 3pt } h1 { text-align: center }</style></head><body><h1>受理通知书</h1>"
        "<p>编号：511921-D8K2-示例〔2026〕000123号</p><p>申请人张䶮、李𬱖：</p><p>你（单位）于2026年3月2日提出的"
        "<b>最低生活保障</b>申请及所附材料收悉。经审查，申请事项属于本机关职权范围，申请材料齐全、符合法定形式，"
        "现决定予以受理。本机关将自受理之日起二十个工作日内作出决定，如需延长期限，将书面告知理由。</p>"
        f"<table><tr><th>序号</th><th>材料名称</th><th>要求</th><th>份数</th></tr>{rows}</table>"
        "<p>如对本通知不服，可以自收到之日起六十日内申请行政复议，或者六个月内提起行政诉讼。</p>"
        f"<p>{seal_ring('南江县民政局', '行政审批专用章')} {_code()}</p></body></html>"
    )


def measure(runs: int) -> list[dict[str, object]]:
    """Return medians over `runs` starts of the process, each with one cold paper and some warm ones."""
    page, cold, warm, size = notice(), [], [], 0
    for _ in range(runs):
        documents = Documents()
        try:
            cold.append(_timed(documents, page)[0])
            for _ in range(WARM_PAPERS):
                took_s, size = _timed(documents, page)
                warm.append(took_s)
        finally:
            documents.close()
    return [
        {"metric": "pdf_bytes", "value": size, "unit": "bytes"},
        {"metric": "pdf_warm_s", "value": round(statistics.median(warm), 3), "unit": "s"},
        {"metric": "pdf_cold_s", "value": round(statistics.median(cold), 2), "unit": "s"},
    ]


def _timed(documents: Documents, page: str) -> tuple[float, int]:
    began = time.perf_counter()
    pdf = documents.render(page)
    return time.perf_counter() - began, len(pdf)
