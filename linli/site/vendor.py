"""Copies what the pages need from node_modules to linli/web/vendor (not committed). Run by ``make setup``.

In pages: ``{% static 'vendor/htmx/htmx.min.js' %}`` and so on; names are hashed when static files are gathered.
"""

import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ROOT / "node_modules"
VENDOR = ROOT / "linli" / "web" / "vendor"
_MAP_COMMENT = re.compile(rb"\n?(//[#@] sourceMappingURL=\S*|/\*# sourceMappingURL=.*?\*/)\s*$")

FILES = {
    "@alpinejs/csp/dist/cdn.min.js": "alpine/alpine-csp.min.js",
    "bootstrap/dist/css/bootstrap.min.css": "bootstrap/bootstrap.min.css",
    "bootstrap/dist/js/bootstrap.bundle.min.js": "bootstrap/bootstrap.bundle.min.js",
    "bootstrap/LICENSE": "bootstrap/LICENSE",
    "echarts/dist/echarts.min.js": "echarts/echarts.min.js",
    "echarts/LICENSE": "echarts/LICENSE",
    "echarts/NOTICE": "echarts/NOTICE",
    "htmx-ext-sse/dist/sse.min.js": "htmx/sse.min.js",
    "htmx.org/dist/htmx.min.js": "htmx/htmx.min.js",
    "htmx.org/LICENSE": "htmx/LICENSE",
    "leaflet/dist/images/layers-2x.png": "leaflet/images/layers-2x.png",
    "leaflet/dist/images/layers.png": "leaflet/images/layers.png",
    "leaflet/dist/images/marker-icon-2x.png": "leaflet/images/marker-icon-2x.png",
    "leaflet/dist/images/marker-icon.png": "leaflet/images/marker-icon.png",
    "leaflet/dist/images/marker-shadow.png": "leaflet/images/marker-shadow.png",
    "leaflet/dist/leaflet.css": "leaflet/leaflet.css",
    "leaflet/dist/leaflet.js": "leaflet/leaflet.js",
    "leaflet/LICENSE": "leaflet/LICENSE",
}


def copy() -> int:
    """Copy the files anew; returns how many. Raises FileNotFoundError when a package lacks one."""
    part = VENDOR.with_name("vendor.part")
    shutil.rmtree(part, ignore_errors=True)
    for source, target in FILES.items():
        place = part / target
        place.parent.mkdir(parents=True, exist_ok=True)
        # source maps are not shipped, so their addresses go too
        place.write_bytes(_MAP_COMMENT.sub(b"\n", (PACKAGES / source).read_bytes()))
    shutil.rmtree(VENDOR, ignore_errors=True)
    part.rename(VENDOR)
    return len(FILES)


if __name__ == "__main__":
    sys.stdout.write(f"{copy()} → {VENDOR.relative_to(ROOT)}\n")
