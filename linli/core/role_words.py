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
UNIT_KINDS: dict[str, Words] = {
    "centre": Words("综治中心", "governance centre"),
    "department": Words("部门", "department"),
    "station": Words("站所", "station"),
    "studio": Words("调解工作室", "studio"),
    "social_organisation": Words("社会组织", "social organisation"),
    "mediation": Words("人民调解委员会", "mediation committee"),
    "court": Words("人民法院", "court"),
    "procuratorate": Words("人民检察院", "procuratorate"),
    "police": Words("公安机关", "police"),
    "justice": Words("司法行政机关", "justice bureau"),
    "legal_aid": Words("法律援助机构", "legal aid centre"),
    "notary": Words("公证机构", "notary office"),
    "arbitration": Words("仲裁机构", "arbitration commission"),
    "appraisal": Words("司法鉴定机构", "forensic institute"),
    "petition": Words("信访部门", "petition office"),
    "counter": Words("便民服务中心", "service counter"),
    "neighbour": Words("邻里中心", "neighbourhood centre"),
    "counselling": Words("社会心理服务站", "counselling station"),
    "care": Words("关爱服务机构", "care service"),
    "rehabilitation": Words("康复救治中心", "rehabilitation centre"),
    "tourism": Words("旅游纠纷调处站", "tourism desk"),
    "ecology": Words("生态保护部门", "ecology office"),
    "enterprise": Words("营商服务中心", "enterprise service"),
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
