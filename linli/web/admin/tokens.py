"""API tokens: issued by the security administrator, the secret shown this once."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from linli.core.refusals import Refused
from linli.kernel import clock
from linli.parties import gate, token_actions
from linli.parties.models import Token
from linli.parties.roles import SCOPES
from linli.web.admin.common import SECURITY, only, page, said
from linli.web.admin.forms import Input, filled, typed


@only(SECURITY)
def tokens(request: HttpRequest) -> HttpResponse:
    """All tokens; a new one; the end of one."""
    refusal, sent, secret = None, None, ""
    viewer, at = gate.viewer_of(request), clock.now()
    scopes = request.POST.getlist("scopes")
    if request.method == "POST":
        sent = typed(request, _inputs())
        try:
            if "end" in request.POST:
                token_actions.end_token(_uuid(request.POST["end"]), actor=viewer, at=at)
                messages.success(request, _("令牌已停用，下一次请求起即被拒绝。"))
                return HttpResponseRedirect(reverse("admin-tokens"))
            _token, secret = token_actions.issue_token(sent["name"], scopes, actor=viewer, at=at, area=sent["area"])
            sent, scopes = None, []
        except Refused as refused:
            refusal = refused.refusal
    context = {
        "tokens": Token.objects.select_related("created_by", "unit").order_by("ended_at", "-created_at")[:500],
        "inputs": filled(_inputs(), sent, refusal),
        "scopes": [(name, said(words), name in scopes) for name, words in SCOPES.items()],
        "secret": secret,
        "refusal": refusal,
    }
    return page(request, "tokens.html", context, refusal.status if refusal else 200)


def _inputs() -> list[Input]:
    return [
        Input("name", _("令牌名称"), told="令牌名称", help=_("写明哪个系统、哪个单位使用。")),
        Input("area", _("辖区代码"), required=False, told="辖区代码", help=_("查看或办理事项的令牌必须限定辖区。")),
    ]


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Refused("not_yours") from None
