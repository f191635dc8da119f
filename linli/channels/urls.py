"""Addresses of the doors."""

from linli.channels.rest.urls import patterns

urlpatterns = [*patterns()]
