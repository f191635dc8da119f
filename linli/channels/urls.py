"""Addresses of the doors."""

from linli.channels.open311.urls import patterns as open311_patterns
from linli.channels.rest.urls import patterns as rest_patterns

urlpatterns = [*rest_patterns(), *open311_patterns()]
