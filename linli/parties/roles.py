"""The roles a post can have, and the scopes a token can have. Pages, procedures and rights use these names only."""

from linli.core.words import Words

ROLES: dict[str, Words] = {
    "grid_worker": Words("网格员", "Grid worker"),
    "operator": Words("受理员", "Operator"),
    "dispatcher": Words("调度员", "Dispatcher"),
    "centre_lead": Words("中心负责人", "Head of centre"),
    "officer": Words("部门承办人", "Department officer"),
    "unit_lead": Words("部门负责人", "Head of department"),
    "system_admin": Words("系统管理员", "System administrator"),
    "security_admin": Words("安全管理员", "Security administrator"),
    "audit_admin": Words("审计管理员", "Audit administrator"),
}
ADMIN_ROLES = frozenset({"system_admin", "security_admin", "audit_admin"})
CENTRE_ROLES = frozenset({"operator", "dispatcher", "centre_lead"})

SCOPES: dict[str, Words] = {
    "matters:create": Words("提交事项", "Submit matters"),
    "matters:read": Words("查看辖区事项", "Read the area's matters"),
    "matters:step": Words("办理事项", "Take steps on matters"),
    "reference:read": Words("查看地方、单位、分类", "Read places, units and categories"),
    "indicators:read": Words("查看指标", "Read indicators"),
}
