"""Addresses: health and metrics here, sign-in by allauth, the rest in the rooms."""

from django.urls import URLPattern, URLResolver, include, path

from linli.site import health, rooms

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("", include("linli.web.accounts")),
]
urlpatterns += [path("", include(room)) for room in ("linli.channels.urls", "linli.web.urls") if rooms.exists(room)]

if rooms.exists("linli.web.errors"):
    handler400 = "linli.web.errors.bad_request"
    handler403 = "linli.web.errors.forbidden"
    handler404 = "linli.web.errors.not_found"
    handler500 = "linli.web.errors.failed"
