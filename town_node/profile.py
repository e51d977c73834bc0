"""What a town node is, in one table."""

from common.node.profile import TOWNSHIP, TierProfile
from common.people.rules.roles import Role

PROFILE = TierProfile(
    tier=TOWNSHIP,
    title="乡镇便民服务中心",
    roles=tuple(Role),
    blueprints=lambda: (),
    menu=(),
    home="account.sign_in",
)
