"""What a village node is, in one table."""

from common.node.profile import VILLAGE, TierProfile
from common.people.rules.roles import Role

PROFILE = TierProfile(
    tier=VILLAGE,
    title="村便民服务室",
    roles=tuple(Role),
    blueprints=lambda: (),
    menu=(),
    home="account.sign_in",
)
