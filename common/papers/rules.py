"""Which files count as papers. Judged by their first bytes, never by a name or a claimed type. Pure."""

from __future__ import annotations

from common.errors import BadInput, LiandongError, NotFound, Problem

PAPER_BYTES_MAX = 20 * 1024 * 1024
PAPERS_PER_ACT_MAX = 12
HEAD_BYTES = 16

# First bytes → media type. What a browser would run (HTML, SVG) is not here and so never taken or shown.
_BEGINNINGS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"%PDF-", "application/pdf"),
)
# Forms of files people do choose and cannot hand in, each with a sentence of its own.
_HEIC = frozenset({b"heic", b"heix", b"heif", b"hevc", b"hevx", b"mif1", b"msf1", b"avif"})
_OFFICE = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"Rar!", b"7z\xbc\xaf", b"{\\rtf")


class NotAPaper(BadInput):
    """The file is neither a JPEG or PNG picture nor a PDF."""

    code = "E321"
    sentence = "这个文件不是照片（JPG、PNG）或 PDF，不能作为材料。"
    advice = "请用拍照或扫描得到的 JPG、PNG 或 PDF 文件重新上传。"


class HeicPicture(NotAPaper):
    """A photograph in the HEIC or AVIF form of some phones, which most browsers here cannot show."""

    code = "E327"
    sentence = "这是手机的 HEIC 格式照片，多数电脑打不开，没有收取。"
    advice = "请在手机“设置—相机—格式”里选“兼容性最佳”再拍，或在手机上截图后上传截图。"


class OfficeFile(NotAPaper):
    """A text document, a spreadsheet or an archive: it could change after it was handed in."""

    code = "E328"
    sentence = "这是 Word、表格或压缩文件，不能作为材料。"
    advice = "请打开后另存为 PDF，或打印出来拍照上传。"


class PaperBomb(BadInput):
    """A picture or PDF that would unfold to a size no real paper has, and hang whoever opens it."""

    code = "E329"
    sentence = "这个文件展开后大得不正常，打开会让电脑卡死，没有收取。"
    advice = "请重新扫描，或者用手机拍照上传。"


class PaperTooLarge(BadInput):
    """The file is longer than a paper may be."""

    code = "E322"
    status = 413
    sentence = "这份材料超过 {megabytes} MB，不能上传。"
    advice = "请把照片的分辨率调低，或分成几份上传。"


class EmptyPaper(BadInput):
    """The file has no content."""

    code = "E323"
    sentence = "这个文件是空的，请重新拍照或扫描后上传。"


class PaperNotHere(NotFound):
    """The paper is known by its hash, but its bytes have not come to this node yet, or have left it."""

    code = "E324"
    sentence = "这份材料现在不在本站。"
    kept = "材料在收件站点或上级保存完好：还没传到的，线路空闲时自动传来；送达后移出本站的，取回才会来。"
    advice = "请在办件页的“材料”里按“向上级站点取回”，或稍后再看。"


class PaperOutlived(BadInput):
    """The form lay open for longer than a paper is kept that nothing names."""

    code = "E334"
    sentence = "页面放得太久，已上传的这份材料已被清除，请重新上传。"


class PaperDamaged(LiandongError):
    """The bytes kept under the paper's hash are no longer those that were handed in."""

    code = "E326"
    status = 500
    sentence = "这份材料存在本站的文件已损坏，与收件时的不一致，不能显示。"
    kept = "办件、其他材料和别的站点存有的同一份材料都不受影响。"
    advice = (
        "请不要凭损坏的材料办理。其他站点存有同一份的，联网后自动取回；等不及的到那里查看，"
        "或请申请人重新出示，用“补来材料”再交一份；并请管理员检查本站磁盘。"
    )


def media_type(head: bytes) -> str:
    """Return the media type of a file that begins with `head` (`HEAD_BYTES` of it are enough).

    Raises:
        EmptyPaper: there is nothing.
        HeicPicture, OfficeFile, NotAPaper: it begins like no paper.
    """
    if not head:
        raise EmptyPaper(problems=[_problem(EmptyPaper)])
    for beginning, found in _BEGINNINGS:
        if head.startswith(beginning):
            return found
    refused: type[BadInput] = NotAPaper
    if head[4:8] == b"ftyp" and head[8:12] in _HEIC:
        refused = HeicPicture
    elif head.startswith(_OFFICE):
        refused = OfficeFile
    raise refused(problems=[_problem(refused)])


def _problem(error: type[BadInput]) -> Problem:
    return Problem("papers", "材料", error.code, error.sentence)
