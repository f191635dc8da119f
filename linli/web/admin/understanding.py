"""Understanding: the model in force with its figures, thresholds of the city, models on file, what people corrected."""

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from linli.core.refusals import Refused
from linli.kernel import clock, declarations
from linli.matters import learning, reference, steering, trained
from linli.parties import gate
from linli.parties.access import Viewer
from linli.understanding.reading import DEFAULT_LIMITS, Limits
from linli.web import errors, frame, suggested
from linli.web.admin import model_view
from linli.web.admin.common import SYSTEM, language, may_publish, only, page, publish, versions


@dataclass(frozen=True, slots=True)
class OnFile:
    """One model of the folder. *fault* says why it can't be used."""

    version: str
    made_at: datetime | str
    rows: int | None
    macro_f1: float | None
    ece: float | None
    in_force: bool
    fault: str


def city_of(viewer: Viewer) -> str:
    """The city whose thresholds the viewer looks at: that of their own post, else the first one that is staffed."""
    own = next(iter(viewer.areas(frozenset({SYSTEM}))), "")
    return own[:4] or reference.current().home()


@only(SYSTEM)
def show(request: HttpRequest) -> HttpResponse:
    """The page. Five queries."""
    ref = reference.current(fresh=True)
    city = city_of(gate.viewer_of(request))
    return _page(request, ref, city, ref.steering.of(city), "", 200)


def _page(
    request: HttpRequest, ref: reference.Reference, city: str, typed: Limits, wrong: str, status: int
) -> HttpResponse:
    held = ref.steering.of(city)
    figures = getattr(ref.model, "figures", None)
    pairs = learning.of_city(city)
    view = model_view.of(figures) if figures else None
    steps = sorted({*learning.STEPS, held.category})
    context: dict[str, Any] = {
        "city": city,
        "city_name": frame.area_chain(city) or ref.index.name(city),
        "model": ref.model,
        "view": view,
        "about": _about(ref.model.version) if ref.model else {},
        "cold": ref.steering.model == steering.COLD,
        "files": on_file(ref),
        "limits": held,
        "typed": {"category": f"{typed.category:.2f}", "place": f"{typed.place:.2f}"},
        "ranges": {name: (f"{low:.2f}", f"{high:.2f}") for name, (low, high) in steering.RANGES.items()},
        "wrong": wrong,
        "steps": _steps(steps, held.category, view, pairs),
        "own_count": len(pairs),
        "present": learning.table(pairs, [held.category])[0] if pairs else None,
        "sums": learning.sums(learning.Wanted(area=city).rows()),
        "mixed": [(suggested.label(a), suggested.label(b), n) for a, b, n in learning.mixed_up(city)],
        "versions": versions(steering.KIND, city),
        "model_versions": versions(steering.KIND, steering.MODEL),
        "may": may_publish(gate.viewer_of(request)),
    }
    return page(request, "understanding.html", context, status)


@dataclass(frozen=True, slots=True)
class Step:
    """One threshold: what it meant on the model's own held-out messages, and on the city's newest matters."""

    threshold: float
    held: bool
    measured: learning.AtThreshold | None
    own: learning.AtThreshold | None


def _steps(
    steps: Sequence[float], held: float, view: model_view.View | None, pairs: Sequence[tuple[float, bool]]
) -> list[Step]:
    measured = {row.threshold: row for row in model_view.at_thresholds(view.pairs, steps)} if view else {}
    own = {row.threshold: row for row in learning.table(pairs, steps)} if pairs else {}
    return [Step(step, step == held, measured.get(step), own.get(step)) for step in steps]


def _about(version: str) -> dict[str, Any]:
    """What the model's file says of its making; nothing where it can't be read."""
    from linli.understanding.model import store

    try:
        said = store.described(trained.folder(), version)
    except store.BadModel:
        return {}
    return {**said, "made_at": model_view.instant(said.get("made_at")), "rows": model_view.rows_of(said)}


def on_file(ref: reference.Reference) -> list[OnFile]:
    """The models in the folder, newest first. No query."""
    if importlib.util.find_spec("linli.understanding.model") is None:
        return []
    from linli.understanding.model import store

    found = []
    for version in reversed(store.listed(trained.folder())):
        in_force = ref.model is not None and ref.model.version == version
        try:
            said = store.described(trained.folder(), version)
        except store.BadModel as bad:
            found.append(OnFile(version, "", None, None, None, in_force, str(bad)))
            continue
        figures = said.get("figures") or {}
        macro, ece = model_view.number(figures.get("macro_f1")), model_view.number(figures.get("ece"))
        made = model_view.instant(said.get("made_at"))
        found.append(OnFile(version, made, model_view.rows_of(said), macro, ece, in_force, ""))
    return found


@require_POST
@only(SYSTEM)
def limits(request: HttpRequest) -> HttpResponse:
    """Publish the city's thresholds; they hold for the next request."""
    viewer, at = gate.viewer_of(request), clock.now()
    ref, city = reference.current(fresh=True), city_of(viewer)
    given = {name: request.POST.get(name, "")[:12].strip() for name in steering.RANGES}
    try:
        body = steering.limits_body(steering.limits_of("".join(f"{n} = {v}\n" for n, v in given.items())))
    except steering.BadSteering as bad:
        return _page(request, ref, city, ref.steering.of(city), bad.words.said(language()), 422)
    why = request.POST.get("why", "").replace("\x00", "").strip()[:300]
    try:
        with transaction.atomic():
            if declarations.version(steering.KIND, city) is None:
                before = steering.limits_body(DEFAULT_LIMITS)
                publish(steering.KIND, city, before, viewer=viewer, at=at, why=_("系统自带的门槛"))
            publish(steering.KIND, city, body, viewer=viewer, at=at, why=why)
    except Refused as refused:
        return errors.refused(request, refused.refusal)
    reference.current(fresh=True)
    messages.success(request, _("门槛已生效，从下一件诉求起适用。"))
    return HttpResponseRedirect(reverse("admin-understanding") + "#limits")


@require_POST
@only(SYSTEM)
def choose(request: HttpRequest) -> HttpResponse:
    """Take another model of the folder into force, the newest again, or none."""
    viewer, at = gate.viewer_of(request), clock.now()
    version = request.POST.get("version", "")[:100]
    fault = "" if version in (steering.NEWEST, steering.COLD) else _unusable(version)
    if fault:
        messages.error(request, _("没有更换，原来的模型继续使用：%(why)s") % {"why": fault})
        return HttpResponseRedirect(reverse("admin-understanding") + "#models")
    try:
        why = request.POST.get("why", "").replace("\x00", "").strip()[:300]
        with transaction.atomic():
            publish(steering.KIND, steering.MODEL, steering.model_body(version), viewer=viewer, at=at, why=why)
    except Refused as refused:
        return errors.refused(request, refused.refusal)
    reference.current(fresh=True)
    messages.success(request, _("已更换，从下一件诉求起适用。各网页进程会在一秒内跟上。"))
    return HttpResponseRedirect(reverse("admin-understanding") + "#models")


def _unusable(version: str) -> str:
    """Why a version can't be taken; "" when it can."""
    from linli.understanding.model import store

    if version not in store.listed(trained.folder()):
        return _("文件夹里没有这个模型")
    try:
        store.opened(trained.folder(), version)
    except store.BadModel as bad:
        return str(bad)
    return ""
