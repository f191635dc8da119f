"""Addresses of the resident's pages."""

from django.urls import path

from linli.web.resident import alike, maps, pages, say, steps, track

urlpatterns = [
    path("", say.first, name="home"),
    path("alike", alike.alike, name="alike"),
    path("help", pages.helping, name="help"),
    path("privacy", pages.privacy, name="privacy"),
    path("map/areas.json", maps.areas, name="map-areas"),
    path("t", track.find, name="find"),
    path("t/<str:code>", track.page, name="track"),
    path("t/<str:code>/answer", track.answer, name="answer"),
    path("t/<str:code>/now", track.now_part, name="track-now"),
    path("t/<str:code>/steps", track.steps_part, name="track-steps"),
    path("t/<str:code>/qr.svg", pages.qr, name="track-qr"),
    path("t/<str:code>/copy.json", pages.copy, name="track-copy"),
    path("t/<str:code>/erase", steps.erase, name="track-erase"),
    path("t/<str:code>/step/<slug:step>", steps.take, name="track-step"),
]
