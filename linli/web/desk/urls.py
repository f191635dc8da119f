"""Addresses of the centre's pages, and what staff pages share: files, uploads, place search."""

from django.urls import path

from linli.web import corrections, files
from linli.web.desk import alike, board, export, intake, listing, maps, matter, notices, rates, shifts

urlpatterns = [
    path("desk", board.board, name="desk"),
    path("desk/rates", rates.rates, name="desk-rates"),
    path("desk/list", listing.listing, name="desk-list"),
    path("desk/list.xlsx", export.excel, name="desk-export"),
    path("desk/list.csv", export.comma_separated, name="desk-export-csv"),
    path("desk/filters", listing.keep, name="desk-filter-keep"),
    path("desk/filters/<uuid:ident>/drop", listing.drop, name="desk-filter-drop"),
    path("desk/new", intake.new, name="desk-new"),
    path("desk/new/reading", intake.reading, name="desk-reading"),
    path("desk/new/<uuid:bundle>", intake.taken, name="desk-taken"),
    path("desk/map", maps.page, name="desk-map"),
    path("desk/map/shapes.json", maps.shapes, name="desk-shapes"),
    path("desk/map/counts.json", maps.counts, name="desk-counts"),
    path("desk/corrections", corrections.desk, name="desk-corrections"),
    path("desk/notices", notices.notices, name="desk-notices"),
    path("desk/notices/seen", notices.seen, name="desk-notices-seen"),
    path("desk/shift", shifts.page, name="desk-shift"),
    path("desk/shift/<uuid:ident>/take", shifts.take, name="desk-shift-take"),
    path("desk/m/<str:code>", matter.page, name="desk-matter"),
    path("desk/m/<str:code>/now", matter.part, name="desk-matter-now"),
    path("desk/m/<str:code>/alike/<str:other>/different", alike.different, name="desk-alike-different"),
    path("desk/m/<str:code>/step/<slug:step>", matter.step, name="desk-step"),
    path("staff/photos", files.upload, name="staff-upload"),
    path("staff/places.json", maps.places, name="staff-places"),
    path("files/<str:code>/<str:sha256>", files.staff_file, name="staff-file"),
    path("t/<str:code>/files/<str:sha256>", files.resident_file, name="track-file"),
]
