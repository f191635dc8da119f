"""Is it alive, is it ready, what does it count: for supervisors, load balancers and Prometheus."""

import os

import prometheus_client
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import multiprocess

_migrated = False


def unapplied() -> list[str]:
    """Migrations that the code has and the database does not, as ``app.name``. Some queries."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def reasons() -> list[dict[str, str]]:
    """Why this process cannot serve now; empty when it can. One query once the migrations are known to be there."""
    global _migrated
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        missing = [] if _migrated else unapplied()
    except DatabaseError as error:
        return [
            {"what": "database", "zh": "数据库没有应答", "en": "the database does not answer", "detail": str(error)}
        ]
    if missing:
        return [
            {
                "what": "migrations",
                "zh": "数据库结构不是最新的，请运行 linli migrate",
                "en": "the database is not up to date: run linli migrate",
                "detail": ", ".join(missing),
            }
        ]
    _migrated = True
    return []


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the process answers at all."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when the database answers and is migrated, otherwise 503 with the reasons."""
    found = reasons()
    status = "unready" if found else "ready"
    return JsonResponse({"status": status, "reasons": found}, status=503 if found else 200)


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """All processes' counters in Prometheus's text format."""
    registry: prometheus_client.CollectorRegistry = prometheus_client.REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = prometheus_client.CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return HttpResponse(prometheus_client.generate_latest(registry), content_type=prometheus_client.CONTENT_TYPE_LATEST)
