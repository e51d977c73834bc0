"""What a county node is, in one table."""

from common.node.profile import COUNTY, TierProfile
from common.people.rules.roles import Role

PROFILE = TierProfile(
    tier=COUNTY,
    title="县政务服务中心",
    roles=tuple(Role),
    blueprints=lambda: (),
    menu=(),
    home="account.sign_in",
)
