"""Which places need generated polygons, and the grids below them. Pure."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import shapely

from linli.places import codes
from linli.places.findings import WARNING, Finding, Spot
from linli.places.tiling import Branch, Region, Shape, tile

PER_VILLAGE = 6
MOST = 999  # three digits


@dataclass(slots=True)
class Made:
    """Generated polygons by area, and the names of generated grids."""

    shapes: dict[str, Shape] = field(default_factory=dict)
    grids: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def short_name(name: str) -> str:
    """A village's name as people say it: 篦子街社区居委会 → 篦子街社区, 红星村村民委员会 → 红星村."""
    for tail in ("村民委员会", "居民委员会", "村委会", "居委会"):
        if name.endswith(tail) and len(name) > len(tail):
            head = name.removesuffix(tail)
            if head.endswith(("社区", "村")) or len(head) < 2:
                return head
            return head + ("村" if tail.startswith("村") else "社区")
    return name


class Maker:
    """Finds the lowest drawn places, and cuts them for what is below. *grids*: how many in all; None: six a village."""

    def __init__(self, names: Mapping[str, str], grids: int | None, seed: int) -> None:
        self.names = names
        self.seed = seed
        self.below: dict[str, list[str]] = defaultdict(list)
        for area in sorted(names):
            upper = codes.parent_area(area)
            if upper is not None:
                self.below[upper].append(area)
        villages = [area for area in sorted(names) if len(area) == 12 and area not in self.below]
        total = PER_VILLAGE * len(villages) if grids is None else grids
        self.counts = {
            area: min(MOST, max(1, total * (n + 1) // len(villages) - total * n // len(villages)))
            for n, area in enumerate(villages)
        }

    def make(
        self,
        drawn: Mapping[str, Shape],
        kept: Mapping[str, bytes],
        changed: set[str],
        said: Callable[[int], None],
    ) -> Made:
        """Polygons for all places below a drawn one that have none.

        *drawn*: polygons that were given, by area. *kept*: generated ones that stand already; they stay as they are
        unless a polygon they were cut from, or around, *changed*, or the number of cells did.
        """
        made = Made()
        regions: list[Region] = []
        for area in sorted(self.names):
            if len(area) == 4 or codes.parent_area(area) not in self.names:
                self._descend(area, drawn, regions, made, roofed=False)
        fresh = [
            each
            for each in regions
            if any(area.startswith(each.key) for area in changed) or not self._stands(each, kept)
        ]
        for region in regions:
            if region not in fresh:
                made.shapes |= {area: shapely.from_wkb(kept[area]) for area in self._areas(region.branches)}
        try:
            tiles = tile(fresh, self.seed, said) if fresh else None
        except ValueError as error:
            problem = (f"划不出网格：{error}", f"No cells could be cut: {error}")
            mend = ("请减少 --grids，或给出更大的边界。", "Ask for fewer --grids, or give larger boundaries.")
            made.findings.append(Spot("", 0, "").found("too_small", problem, mend))
            return made
        if tiles is not None:
            made.shapes |= tiles.places
            made.shapes |= {f"{v}{n:03d}": cell for v, cells in tiles.cells.items() for n, cell in enumerate(cells, 1)}
        for area in drawn:  # a drawn village is a region and a branch: its own outline counts
            made.shapes.pop(area, None)
        made.grids = {area: self._grid_name(area) for area in sorted(made.shapes) if self._is_made_grid(area)}
        return made

    def _is_made_grid(self, area: str) -> bool:
        return len(area) == 15 and area[:12] in self.counts

    def _grid_name(self, area: str) -> str:
        return f"{short_name(self.names[area[:12]])}第{int(area[12:])}网格"

    def _descend(self, area: str, drawn: Mapping[str, Shape], regions: list[Region], made: Made, roofed: bool) -> None:
        """Walk down from a place: where it is drawn and some below are not, a region begins."""
        below = self.below.get(area, [])
        if area not in drawn:
            if not roofed and len(area) > 4 and not self._any_drawn(area, drawn):
                made.findings.append(_undrawn(area))
                return
            for each in below:
                self._descend(each, drawn, regions, made, roofed)
            return
        bare = [each for each in below if each not in drawn and not self._any_drawn(each, drawn)]
        if area in self.counts:
            regions.append(Region(area, drawn[area], (self._branch(area),)))
        elif bare and (len(area) > 4 or len(bare) == len(below)):
            self._region(area, bare, drawn, regions, made)
        for each in below:
            if each not in bare or (len(area) == 4 and len(bare) < len(below)):
                self._descend(each, drawn, regions, made, roofed=False)

    def _region(
        self, area: str, bare: list[str], drawn: Mapping[str, Shape], regions: list[Region], made: Made
    ) -> None:
        """The polygon of a place, less what is drawn below it, shared by those that have none."""
        taken = [shape for other, shape in drawn.items() if other.startswith(area) and len(other) > len(area)]
        rest = shapely.difference(drawn[area], shapely.union_all(taken)) if taken else drawn[area]
        if rest.area < 1e-10:
            made.findings += [_undrawn(each) for each in bare]
            return
        regions.append(Region(area, rest, tuple(self._branch(each) for each in bare)))

    def _branch(self, area: str) -> Branch:
        below = self.below.get(area, [])
        if below:
            return Branch(area, tuple(self._branch(each) for each in below))
        return Branch(area, cells=self.counts.get(area, 1))

    def _any_drawn(self, area: str, drawn: Mapping[str, Shape]) -> bool:
        return any(each in drawn or self._any_drawn(each, drawn) for each in self.below.get(area, []))

    def _areas(self, branches: tuple[Branch, ...]) -> list[str]:
        """All areas that a region's polygons are for, grids included."""
        found: list[str] = []
        for branch in branches:
            found.append(branch.key)
            if branch.children:
                found += self._areas(branch.children)
            elif branch.key in self.counts:
                found += [f"{branch.key}{number:03d}" for number in range(1, branch.cells + 1)]
        return found

    def _stands(self, region: Region, kept: Mapping[str, bytes]) -> bool:
        """Whether every polygon of the region stands already, and no other below the same branches."""
        wanted = set(self._areas(region.branches)) - {region.key}
        if any(area not in kept for area in wanted):
            return False
        roots = tuple(branch.key for branch in region.branches)
        return not any(area.startswith(roots) and area != region.key and area not in wanted for area in kept)


def _undrawn(area: str) -> Finding:
    code = codes.code_of(area)
    problem = (f"{code} 没有边界，其下不生成网格。", f"{code} has no boundary; no cells are generated below it.")
    mend = ("请导入它或上级的边界（GeoJSON）。", "Import its boundary or that of the place above (GeoJSON).")
    return Spot("", 0, code).found("no_boundary", problem, mend, WARNING)
