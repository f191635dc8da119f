"""The names of roles, relations and kinds of evidence, for refusals and pages."""

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
RELATIONS: dict[str, Words] = {
    "resident": Words("诉求人", "The resident"),
    "holder": Words("承办人", "The holder"),
    "holder_unit": Words("承办单位人员", "The holding unit's staff"),
    "candidate": Words("辖区网格员", "The area's grid workers"),
    "clock": Words("到期规则", "A lapsed deadline"),
    "system": Words("系统", "The system"),
}
EVIDENCE: dict[str, Words] = {
    "photo": Words("办结照片", "a photo of the result"),
    "note": Words("办理说明", "a note on what was done"),
    "receipt": Words("回执", "a receipt"),
    "signature": Words("签字", "a signature"),
}


def said(role: str) -> Words:
    """The name of a role or relation; the identifier itself where it has none."""
    return ROLES.get(role) or RELATIONS.get(role) or Words(role, role)
