"""What can be wrong with a host's name, a certificate, a request or a key file."""

from __future__ import annotations

from common.errors import LiandongError


class BadHost(LiandongError):
    """Neither an IP address nor a host name."""

    code = "E640"
    status = 400
    sentence = "“{host}”不是 IP 地址，也不是域名。"


class BadTlsFile(LiandongError):
    """A file is not what it should be, or files do not belong together; nothing was written."""

    code = "E641"
    status = 400
    sentence = "网页证书文件不能用：{why}。"


class ClockTooEarly(LiandongError):
    """The clock shows a time before the program was made; a certificate's dates would be wrong for years."""

    code = "E642"
    status = 409
    sentence = "电脑时间不对，签出的证书日期会错，请先校准时钟。"
