"""From what was read and what is there already to a plan: which places, which boundaries, which cells. Pure.

A plan with an error in its findings is never carried out.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping

import shapely

from linli.places import checks, codes
from linli.places.cells import Maker
from linli.places.findings import ERROR, NOTE, WARNING, Finding, Spot
from linli.places.fit import check_fit, check_shifts
from linli.places.material import Drawn, Material, Record
from linli.places.plan import GENERATED, Options, Plan, Standing, Wanted, outline


def build(
    material: Material,
    standing: Mapping[str, Standing],
    options: Options,
    said: Callable[[int], None] = lambda done: None,
) -> Plan:
    """The plan for *material*, given what is *standing* by area. *said* hears how many cells are placed."""
    plan = Plan(files=list(material.files), originals=material.originals, findings=list(material.findings))
    plan.close = options.close
    _places(material.records, plan)
    _city(plan, standing, options)
    _parents(plan, standing)
    _outlines(material.drawn, plan, standing)
    check_fit(plan, standing)
    check_shifts(plan, standing)
    plan.vanished = _vanished(plan, standing)
    if options.generate and not plan.errors:
        _cells(Maker(_names(plan, standing), options.grids, options.seed), plan, standing, said)
        plan.vanished = _vanished(plan, standing)
    _say_vanished(plan, standing)
    plan.findings.sort(key=lambda f: (("error", "warning", "note").index(f.severity), f.file, f.row))
    return plan


def _places(records: Iterable[Record], plan: Plan) -> None:
    """One wanted place per code: a table's row counts before an upper level named in a row, both before a map."""
    direct: dict[str, Record] = {}
    repeated: Counter[tuple[str, str]] = Counter()
    ranked = sorted(enumerate(records), key=lambda each: (each[1].from_map, not each[1].direct, each[0]))
    for _, record in ranked:
        known = direct.setdefault(record.area, record)
        if known is record:
            kind = record.kind or (codes.village_kind(record.name) if len(record.area) == 12 else "")
            plan.places[record.area] = Wanted(record.area, record.name, kind, record.spot)
        elif known.name != record.name:
            plan.findings.append(_two_names(known, record))
        elif record.direct and known.direct and record.spot.file == known.spot.file:
            plan.findings.append(_twice(known, record))
        elif record.direct and known.direct and not record.from_map:
            repeated[record.spot.file, known.spot.file] += 1
    for (file, other), count in repeated.items():
        problem = (
            f"{count} 个地方与 {other} 完全相同，只计一次。",
            f"{count} places are the same as in {other}; counted once.",
        )
        plan.findings.append(Spot(file, 0, "").found("same", problem, ("无需处理。", "Nothing to do."), NOTE))
    plan.places = dict(sorted(plan.places.items()))


def _two_names(known: Record, record: Record) -> Finding:
    there = known.spot
    problem = (
        f"代码 {record.spot.code} 有两个名称：“{known.name}”（{there.file} 第 {there.row} 行）和“{record.name}”。",
        f"{record.spot.code} has two names: “{known.name}” ({there.file}, row {there.row}) and “{record.name}”.",
    )
    if record.from_map:
        mend = ("以表格中的名称为准。", "The table's name counts.")
        return record.spot.found("two_names", problem, mend, WARNING)
    mend = ("请核对两行，改正代码或名称。", "Check both rows and correct the code or the name.")
    return record.spot.found("duplicate_code", problem, mend)


def _twice(known: Record, record: Record) -> Finding:
    row = known.spot.row
    problem = (f"与第 {row} 行重复。", f"The same as row {row}.")
    return record.spot.found(
        "listed_twice", problem, ("可以删去其中一行。", "One of the rows may be deleted."), WARNING
    )


def _city(plan: Plan, standing: Mapping[str, Standing], options: Options) -> None:
    """The city: as the command says, else from the files, else as it stands."""
    cities = sorted({area[:4] for area in plan.places})
    if options.city_code:
        try:
            plan.city = codes.area_of(options.city_code, "city")
        except ValueError:
            problem = (f"城市代码“{options.city_code}”不对。", f"The city code “{options.city_code}” is wrong.")
            mend = ("请写六位代码，如 --city-code 511100。", "Write six digits such as --city-code 511100.")
            plan.findings.append(Spot("", 0, options.city_code).found("city_code", problem, mend))
            return
    elif cities:
        plan.city = Counter(area[:4] for area in plan.places).most_common(1)[0][0]
    for place in [p for p in plan.places.values() if p.area[:4] != plan.city]:
        problem = (f"不在城市 {plan.city}00 之内。", f"It is not in the city {plan.city}00.")
        mend = ("请一次导入一个城市，或核对代码。", "Import one city at a time, or check the code.")
        plan.findings.append(place.spot.found("other_city", problem, mend))
    if not plan.city or (plan.city in plan.places and not options.city_name):
        return
    name = options.city_name or (standing[plan.city].name if plan.city in standing else "")
    if name:
        spot = Spot("", 0, plan.city + "00")
        plan.places = {plan.city: Wanted(plan.city, name, "", spot), **plan.places}
        return
    problem = (f"没有城市 {plan.city}00 的名称。", f"The name of the city {plan.city}00 is not known.")
    mend = ("请加上 --city-name，例如 --city-name 乐山市。", "Add --city-name, for instance --city-name 乐山市.")
    plan.findings.append(Spot("", 0, plan.city + "00").found("city_name", problem, mend))


def _parents(plan: Plan, standing: Mapping[str, Standing]) -> None:
    for place in plan.places.values():
        upper = codes.parent_area(place.area)
        if upper is None or len(upper) == 4 or upper in plan.places or not place.area.startswith(plan.city):
            continue  # what is wrong with the city is said by _city
        if upper in standing and standing[upper].active:
            continue
        problem = (
            f"上级 {codes.code_of(upper)} 不存在。",
            f"The place above, {codes.code_of(upper)}, does not exist.",
        )
        mend = ("请先补上该上级，或核对代码的前几位。", "Add the place above, or check the first digits of the code.")
        plan.findings.append(place.spot.found("parent_missing", problem, mend))


def _outlines(drawn: Iterable[Drawn], plan: Plan, standing: Mapping[str, Standing]) -> None:
    """One polygon per place. Of several files the one with most places of the level counts: they fit one another."""
    offers: dict[str, list[Drawn]] = defaultdict(list)
    held: Counter[tuple[str, int]] = Counter()
    for each in drawn:
        offers[each.area].append(each)
        held[each.spot.file, len(each.area)] += 1
    passed: Counter[tuple[str, str]] = Counter()
    for area, given in sorted(offers.items()):
        if area not in plan.places and not (area in standing and standing[area].active):
            plan.findings.append(_nobody(given[0].spot))
            continue
        chosen = max(given, key=lambda d: (held[d.spot.file, len(area)], _points(d), d.spot.file))
        passed.update((d.spot.file, chosen.spot.file) for d in given if d is not chosen)
        shape, found = checks.polygon(chosen.geometry, chosen.crs, chosen.spot)
        plan.findings += found
        if shape is not None:
            plan.outlines[area] = outline(shape, chosen.spot.file, chosen.crs)
    for better in sorted({other for _, other in passed}):
        plan.findings.append(_passed_over(better, {file: n for (file, other), n in passed.items() if other == better}))


def _passed_over(better: str, files: Mapping[str, int]) -> Finding:
    count, listed = sum(files.values()), sorted(files)
    shown = ", ".join(listed[:3]) + (" …" if len(listed) > 3 else "")
    problem = (
        f"{count} 个边界取自 {better}，不用另外 {len(files)} 个文件（{shown}）：它含同级地方更多，彼此衔接。",
        f"{count} boundaries are taken from {better}, not from {len(files)} other file(s) ({shown}): its places fit.",
    )
    return Spot(better, 0, "").found("passed_over", problem, ("无需处理。", "Nothing to do."), NOTE)


def _points(drawn: Drawn) -> int:
    return str(drawn.geometry.get("coordinates", "")).count(",") if drawn.geometry else 0


def _nobody(spot: Spot) -> Finding:
    problem = (f"没有代码为 {spot.code} 的地方。", f"There is no place with the code {spot.code}.")
    return spot.found(
        "no_such_place", problem, ("请补上名称或代码表。", "Add its name, or the table of codes that holds it.")
    )


def _cells(maker: Maker, plan: Plan, standing: Mapping[str, Standing], said: Callable[[int], None]) -> None:
    """Generate cells for places without a polygon; those that stand and still fit are kept to the byte."""
    drawn = {area: each.shape for area, each in plan.outlines.items()}
    kept: dict[str, bytes] = {}
    changed = set()
    for area, place in standing.items():
        if place.wkb is None or not place.active or (plan.close and area in plan.vanished):
            continue
        if place.source == GENERATED:
            kept[area] = place.wkb
        elif area not in drawn:
            drawn[area] = shapely.from_wkb(place.wkb)
    for area, each in plan.outlines.items():
        there = standing.get(area)
        if there is None or there.wkb != each.wkb:
            changed.add(area)
    if plan.close:
        changed.update(area for area in plan.vanished if standing[area].wkb is not None)
    made = maker.make(drawn, kept, changed, said)
    for area, shape in made.shapes.items():
        plan.outlines[area] = outline(shape, GENERATED, "wgs84")
    for area, name in made.grids.items():
        plan.places[area] = Wanted(area, name, "", Spot(GENERATED, 0, area))
    plan.findings += made.findings
    plan.generated = len(made.grids)


def _names(plan: Plan, standing: Mapping[str, Standing]) -> dict[str, str]:
    """All places that will be there, without generated grids: those of the plan and those that stand."""
    gone = tuple(plan.vanished) if plan.close else ()
    stay = {
        area: place.name
        for area, place in standing.items()
        if place.active and not (gone and area.startswith(gone)) and not (len(area) == 15 and place.source == GENERATED)
    }
    return stay | {area: place.name for area, place in plan.places.items()}


def _vanished(plan: Plan, standing: Mapping[str, Standing]) -> list[str]:
    """Places that stand, that the plan does not list, though it lists others below the same place."""
    listed = {codes.parent_area(area) for area in plan.places}
    return sorted(
        area
        for area, place in standing.items()
        if place.active and area not in plan.places and codes.parent_area(area) in listed and len(area) > 4
    )


def _say_vanished(plan: Plan, standing: Mapping[str, Standing]) -> None:
    """Vanished places are said; a grid that would stay lying over new ones keeps the import from going on."""
    for area in plan.vanished:
        code, name = codes.code_of(area), standing[area].name
        problem = (f"{name}（{code}）不在本次文件中。", f"{name} ({code}) is not in the files of this import.")
        if plan.close:
            mend = ("将予以停用，历史保留。", "It is closed now; its history stays.")
        else:
            mend = (
                "如已撤并，请加 --close-vanished 重新导入。",
                "If it was abolished, import again with --close-vanished.",
            )
        severity = ERROR if len(area) == 15 and not plan.close else WARNING
        plan.findings.append(Spot("", 0, code).found("vanished", problem, mend, severity))
