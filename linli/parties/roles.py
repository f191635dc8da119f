"""The roles a post can have, and the scopes a token can have. Pages, procedures and rights use these names only."""

from linli.core.role_words import ROLES
from linli.core.words import Words

__all__ = ["ADMIN_ROLES", "CENTRE_ROLES", "ROLES", "SCOPES", "STAMP"]

STAMP = "parties"  # the kernel stamp that grows with every change of units, posts, absences and tokens

ADMIN_ROLES = frozenset({"system_admin", "security_admin", "audit_admin"})
CENTRE_ROLES = frozenset({"operator", "dispatcher", "centre_lead"})

SCOPES: dict[str, Words] = {
    "matters:create": Words("提交事项", "Submit matters"),
    "matters:read": Words("查看辖区事项", "Read the area's matters"),
    "matters:step": Words("办理事项", "Take steps on matters"),
    "reference:read": Words("查看地方、单位、分类", "Read places, units and categories"),
    "indicators:read": Words("查看指标", "Read indicators"),
}
