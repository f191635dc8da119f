"""Addresses of the administration."""

from django.urls import path

from linli.web import corrections
from linli.web.admin import (
    auditlog,
    calendars,
    categories,
    home,
    people,
    places,
    procedures,
    routing,
    spots,
    tokens,
    understanding,
    units,
)

urlpatterns = [
    path("admin", home.home, name="administration"),
    path("admin/places", places.place, name="admin-places"),
    path("admin/places/import", places.upload, name="admin-import"),
    path("admin/places/import/<str:ident>", places.job, name="admin-import-job"),
    path("admin/places/import/<str:ident>/confirm", places.confirm, name="admin-import-confirm"),
    path("admin/places/import/<str:ident>/errors.csv", places.error_file, name="admin-import-errors"),
    path("admin/places/spots", spots.listing, name="admin-spots"),
    path("admin/places/spots/add", spots.add, name="admin-spot-add"),
    path("admin/places/spots/<uuid:ident>/end", spots.end, name="admin-spot-end"),
    path("admin/places/at/<slug:area>", places.place, name="admin-place"),
    path("admin/units", units.units, name="admin-units"),
    path("admin/units/<uuid:ident>", units.unit, name="admin-unit"),
    path("admin/people", people.people, name="admin-people"),
    path("admin/people/<uuid:ident>", people.person, name="admin-person"),
    path("admin/tokens", tokens.tokens, name="admin-tokens"),
    path("admin/categories", categories.tree, name="admin-categories"),
    path("admin/categories/<str:code>", categories.edit, name="admin-category"),
    path("admin/routing", routing.rules, name="admin-routing"),
    path("admin/routing/rule", routing.rule, name="admin-rule-new"),
    path("admin/routing/rule/<str:ident>", routing.rule, name="admin-rule"),
    path("admin/calendars", calendars.index, name="admin-calendars"),
    path("admin/calendars/<str:ident>", calendars.edit, name="admin-calendar"),
    path("admin/procedures", procedures.index, name="admin-procedures"),
    path("admin/procedures/<str:ident>", procedures.show, name="admin-procedure"),
    path("admin/procedures/<str:ident>/drawing.svg", procedures.picture, name="admin-drawing"),
    path("admin/back/<str:kind>/<str:ident>/<int:number>", home.go_back, name="admin-back"),
    path("admin/understanding", understanding.show, name="admin-understanding"),
    path("admin/understanding/limits", understanding.limits, name="admin-understanding-limits"),
    path("admin/understanding/model", understanding.choose, name="admin-understanding-model"),
    path("admin/understanding/corrections", corrections.administration, name="admin-corrections"),
    path("admin/audit", auditlog.log, name="admin-audit"),
]
