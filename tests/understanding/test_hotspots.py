"""Topics in generated streams: one problem in one place, whatever the order, the copies and the noise."""

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linli.understanding import hotspots_files as files
from linli.understanding.commands_hotspots import command
from linli.understanding.hotspots import Message, Stream
from linli.understanding.hotspots_heat import Exposure, heat, peak, rising, upper_tail, votes
from linli.understanding.hotspots_text import sketch

T0 = datetime(2026, 3, 2, 8, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
ESTATES = ("银杏嘉园", "紫薇花苑", "星河湾畔", "橡树公馆", "梧桐郡")
PROBLEMS = {
    "grill": (
        "{e}小区楼下烧烤摊油烟扰民",
        "{e}小区一楼烧烤店油烟直排，开不了窗",
        "投诉{e}小区临街夜宵摊油烟呛人",
        "{e}小区烧烤门面的油烟何时能管",
    ),
    "lift": (
        "{e}小区电梯故障频发",
        "{e}小区3栋电梯又停了，老人爬楼",
        "反映{e}小区电梯坏了一个月没人修",
        "{e}小区电梯多次困人，物业不修",
    ),
}
OTHERS = (
    "咨询公积金贷款额度怎么算",
    "请问新生儿上户口要带什么材料",
    "建议在图书馆门口设置自行车架",
    "拖欠农民工工资的事谁来管",
    "关于养老保险转移的疑问",
    "中学门口路灯不亮",
    "希望延长夜班公交",
    "河道里有死鱼",
)


def stream_of(seed: int, *, persons: int = 4) -> tuple[list[Message], dict[str, tuple[str, str]]]:
    """Messages of all estates and problems among others, and what each is about."""
    dice = random.Random(seed)
    messages, truth = [], {}
    for estate in ESTATES:
        for problem, lines in PROBLEMS.items():
            for n in range(persons):
                ident = f"{estate}-{problem}-{n}"
                at = T0 + timedelta(days=dice.randrange(20), minutes=dice.randrange(1400))
                line = lines[n % len(lines)].format(e=estate)
                messages.append(
                    Message(ident, f"A市A{ESTATES.index(estate) + 1}区{line}", line + "，请处理。", at, ident)
                )
                truth[ident] = (estate, problem)
    for n, line in enumerate(OTHERS):
        messages.append(Message(f"other-{n}", line, line, T0 + timedelta(days=n), f"o{n}"))
        truth[f"other-{n}"] = ("", str(n))
    return messages, truth


def agreement(groups: list[list[str]], truth: dict[str, tuple[str, str]]) -> tuple[float, float]:
    """Precision and recall over pairs."""
    made = {(a, b) for group in groups for a in group for b in group if a < b}
    true = {(a, b) for a in truth for b in truth if a < b and truth[a] == truth[b]}
    hit = len(made & true)
    return hit / max(1, len(made)), hit / max(1, len(true))


@pytest.mark.parametrize("seed", range(4))
def test_one_problem_in_one_place(seed: int) -> None:
    messages, truth = stream_of(seed)
    stream = Stream()
    stream.add_all(messages)
    precision, recall = agreement(stream.groups(), truth)
    assert precision >= 0.95
    assert recall >= 0.75


def test_the_order_of_arrival_hardly_matters() -> None:
    messages, truth = stream_of(1)
    found = []
    for seed in range(3):
        random.Random(seed).shuffle(messages)
        stream = Stream()
        stream.add_all(messages)
        found.append({frozenset(group) for group in stream.groups()})
    assert len(found[0] & found[1] & found[2]) >= 0.8 * len(found[0])
    assert agreement([sorted(group) for group in found[2]], truth)[0] >= 0.95


def test_one_by_one_is_nearly_as_good_as_at_once() -> None:
    messages, truth = stream_of(2)
    messages.sort(key=lambda one: one.at)
    stream = Stream()
    for message in messages:
        assert stream.add(message)
    precision, recall = agreement(stream.groups(), truth)
    assert precision >= 0.9
    assert recall >= 0.5


def test_asking_in_between_changes_nothing() -> None:
    messages, _ = stream_of(3)
    quiet, asked = Stream(), Stream()
    for message in messages:
        quiet.add(message)
        asked.add(message)
        asked.groups()
    assert {frozenset(g) for g in quiet.groups()} == {frozenset(g) for g in asked.groups()}


def test_a_known_id_is_taken_once() -> None:
    stream = Stream()
    message = Message("1", "银杏嘉园小区油烟", "", T0)
    assert stream.add(message)
    assert not stream.add(message)
    assert len(stream) == 1
    assert stream.add_all([message, message]) == 0


def test_copied_letters_about_other_places_stay_apart() -> None:
    line = "{e}小区一楼被搞成商业门面，噪音扰民严重，架空层被侵占，老人没有地方休息，望管管。"
    messages = [
        Message(
            f"{estate}{n}", line.format(e=estate), line.format(e=estate) * 2, T0 + timedelta(hours=n), f"{estate}{n}"
        )
        for estate in ESTATES[:3]
        for n in range(3)
    ]
    stream = Stream()
    stream.add_all(messages)
    assert sorted(map(sorted, stream.groups())) == sorted([f"{e}{n}" for n in range(3)] for e in ESTATES[:3])


def test_known_places_keep_the_same_words_apart_but_an_outage_together() -> None:
    def found(line: str) -> list[list[str]]:
        stream = Stream()
        stream.add_all(
            Message(f"{village}{n}", line, "", T0, f"{village}{n}", place=f"990102001{village}001")
            for village in ("001", "002")
            for n in range(3)
        )
        return sorted(map(sorted, stream.groups()))

    assert found("隔壁KTV吵得睡不着，这边每天都这样") == [[f"{v}{n}" for n in range(3)] for v in ("001", "002")]
    assert len(found("从昨晚起全停水了，什么时候来水")) == 1


def test_a_slip_of_the_pen_is_the_same_name() -> None:
    subjects = ("聚利人普惠公司涉嫌诈骗，老板跑路", "利聚人普惠公司涉嫌诈骗，请立案", "聚利人普惠公司诈骗立案没有进展")
    stream = Stream()
    stream.add_all(Message(str(n), s, s, T0, str(n)) for n, s in enumerate(subjects))
    assert stream.groups() == [["0", "1", "2"]]


def test_what_is_told_of_a_topic() -> None:
    messages, _ = stream_of(0)
    stream = Stream()
    stream.add_all(messages)
    end = max(message.at for message in messages)
    topic = stream.topics(end)[0]
    told = topic.to_json()
    estate = next(e for e in ESTATES if e in topic.name)
    assert topic.place.startswith(estate[:3])
    assert topic.name.startswith(f"A市A{ESTATES.index(estate) + 1}区")
    assert topic.people == len(topic.ids)
    assert topic.since <= topic.hottest <= topic.until <= end
    assert sum(topic.trend) == len(topic.ids)
    assert json.loads(json.dumps(told, ensure_ascii=False))["period"]["from"] <= end.isoformat()
    assert [t.heat for t in stream.topics(end)] == sorted((t.heat for t in stream.topics(end)), reverse=True)
    assert stream.topics(T0 - timedelta(days=1)) == []
    assert all(set(t.ids) <= {m.id for m in messages if m.at <= T0} for t in stream.topics(T0))


def test_nobody_is_named() -> None:
    lines = (
        "举报银杏嘉园小区王建国先生违建，电话13912345678",
        "银杏嘉园小区王建国先生加建阳光房违建",
        "银杏嘉园小区违建没人管，王建国先生占了楼顶",
        "银杏嘉园小区李书记不管违建",
    )
    stream = Stream()
    stream.add_all(Message(str(n), line, line, T0, str(n)) for n, line in enumerate(lines))
    told = json.dumps([topic.to_json() for topic in stream.topics(T0)], ensure_ascii=False)
    assert "银杏嘉园" in told
    assert "王建国" not in told
    assert "13912345678" not in told


def test_one_person_alone_is_no_topic_and_repeats_count_less() -> None:
    alone = Stream()
    alone.add_all(Message(str(n), "银杏嘉园小区油烟扰民", "烧烤", T0 + timedelta(hours=n), "same") for n in range(9))
    assert alone.topics(T0 + timedelta(days=1)) == []
    assert len(alone.topics(T0 + timedelta(days=1), least_people=1)) == 1
    both = Stream()
    both.add_all(Message(f"a{n}", "银杏嘉园小区油烟扰民", "烧烤", T0, "same") for n in range(9))
    both.add_all(Message(f"b{n}", "紫薇花苑小区电梯故障", "停运", T0, f"p{n}") for n in range(4))
    assert both.topics(T0, least_people=1)[0].people == 4


def test_a_flood_of_copies_stays_quick() -> None:
    stream = Stream()
    stream.add_all(
        Message(str(n), f"银杏嘉园小区楼下烧烤摊油烟扰民{n % 7}", "每晚浓烟往楼上窜", T0 + timedelta(seconds=n), str(n))
        for n in range(1500)
    )
    topics = stream.topics(T0 + timedelta(days=1))
    assert topics[0].people >= 1400


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.text(max_size=60), st.text(max_size=120), st.integers(0, 10**7)), max_size=12))
def test_any_text_is_taken(rows: list[tuple[str, str, int]]) -> None:
    stream = Stream()
    stream.add_all(
        Message(str(n), subject, detail, T0 + timedelta(seconds=s), str(n))
        for n, (subject, detail, s) in enumerate(rows)
    )
    for topic in stream.topics(T0 + timedelta(days=400)):
        json.dumps(topic.to_json())
    assert stream.topics(T0 - timedelta(days=1)) == []


@given(st.text(max_size=200), st.text(max_size=400))
@settings(max_examples=60, deadline=None)
def test_any_text_is_sketched(subject: str, detail: str) -> None:
    seen = sketch(subject, detail)
    assert all(weight > 0 for weight in seen.words.values())
    assert seen.own <= seen.named


# Heat and alarms


def test_heat_halves_in_thirty_days_and_its_peak_is_at_a_message() -> None:
    voices = [(T0, 1.0), (T0 + timedelta(days=1), 1.0)]
    assert heat([(T0, 2.0)], T0 + timedelta(days=30)) == pytest.approx(1.0)
    assert peak(voices)[1] == T0 + timedelta(days=1)
    assert peak(voices)[0] == pytest.approx(heat(voices, T0 + timedelta(days=1)))
    assert heat(voices, T0 - timedelta(days=1)) == 0


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(1, 1000))
def test_votes_add_with_support_and_never_take_away(support: int, against: int, more: int) -> None:
    assert 0 <= votes(support, against) <= votes(support + more, against) <= 0.5 * 21
    assert votes(support, against + more) <= votes(support, against) + 1e-9


def test_the_tail_of_the_binomial() -> None:
    assert upper_tail(0, 10, 0.3) == 1
    assert upper_tail(10, 10, 0.5) == pytest.approx(0.5**10)
    assert upper_tail(3, 4, 0.5) == pytest.approx(5 / 16)
    assert (upper_tail(1, 5, 0.0), upper_tail(1, 5, 1.0)) == (0.0, 1.0)


def test_false_alarms_stay_below_the_stated_rate_and_a_burst_is_seen() -> None:
    """Times drawn as the exposure's own: no topic rises. Ten people in three days do."""
    dice = random.Random(7)
    everything = [T0 + timedelta(minutes=dice.randrange(180 * 1440)) for _ in range(4000)]
    exposure, end = Exposure(everything), T0 + timedelta(days=180)
    alarms = tests = 0
    for _ in range(400):
        firsts = sorted(dice.sample(everything, dice.randrange(3, 30)))
        for week in range(8, 26, 3):
            tests += 1
            alarms += rising(firsts, exposure, T0 + timedelta(days=7 * week)) is not None
    assert alarms / tests <= 0.01
    burst = sorted(end - timedelta(hours=7 * n) for n in range(10))
    found = rising(burst, exposure, end)
    assert found is not None
    assert found.people == 10
    assert found.p < 1e-6
    assert Exposure(everything).before(end) == 4000
    hours = Exposure.counted({T0: 3, T0 + timedelta(hours=1): 2})
    assert (hours.between(T0, T0), hours.before(end)) == (3, 5)


# Files


def test_chinese_headings_and_errors_row_by_row() -> None:
    text = (
        "留言编号,留言用户,留言主题,留言时间,留言详情,反对数,点赞数\n"
        "1,A1,银杏嘉园油烟,2026/3/2 8:05:06,烧烤,0,3\n"
        "2,A2,银杏嘉园油烟,2026年3月2日 8时5分,烧烤,0,0\n"
        "3,A3,银杏嘉园油烟,昨天,烧烤,0,0\n"
        "3x,A3,银杏嘉园油烟,2026-02-30,烧烤,0,0\n"
        ",A3,银杏嘉园油烟,2026-03-02,烧烤,0,0\n"
        "1,A3,银杏嘉园油烟,2026-03-02,烧烤,0,0\n"
        "4,A3,银杏嘉园油烟,2026-03-02,烧烤,很多,0\n"
        "5,A3,,2026-03-02,,0,0\n"
        "\n"
        "6,A4,银杏嘉园油烟,2026-03-02T00:00:00Z,烧烤\n"
    )
    messages, errors = files.parse(text, ZONE)
    assert [m.id for m in messages] == ["1", "2", "6"]
    assert messages[0].at == datetime(2026, 3, 2, 0, 5, 6, tzinfo=UTC)
    assert messages[2].at == datetime(2026, 3, 2, tzinfo=UTC)
    assert messages[0].support == 3
    assert [(e.row, e.column) for e in errors] == [
        *((4, "time"), (5, "time"), (6, "id"), (7, "id"), (8, "against"), (9, "subject")),
    ]
    assert all(e.words.zh and e.words.en for e in errors)


@given(st.text(max_size=40))
def test_any_time_is_an_instant_or_an_error(text: str) -> None:
    found = files.instant(text, ZONE)
    assert found is None or found.tzinfo is not None


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_codings(tmp_path: Path, coding: str) -> None:
    path = tmp_path / "m.csv"
    path.write_bytes("id,subject,time,detail\n1,银杏嘉园小区油烟,2026-03-02 08:00,每晚烧烤\n".encode(coding))
    messages, errors = files.read(path, ZONE)
    assert messages[0].subject == "银杏嘉园小区油烟"
    assert not errors


def test_the_command(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    messages, _ = stream_of(5)
    rows = [f"{m.id},{m.subject},{m.at:%Y-%m-%d %H:%M:%S},{m.detail},{m.person}" for m in messages]
    path.write_text("id,subject,time,detail,user\n" + "\n".join(rows), encoding="utf-8")
    run = CliRunner().invoke(command, [str(path), "--most", "5", "--zone", "UTC"])
    assert run.exit_code == 0, run.output
    told = json.loads(run.output)
    assert (told["messages"], len(told["topics"]), told["errors"]) == (len(messages), 5, [])
    assert {"name", "ids", "place", "period", "people", "heat", "keywords", "reasons", "trend", "rising"} <= set(
        told["topics"][0]
    )
    assert CliRunner().invoke(command, [str(path), "--table"]).exit_code == 0
    path.write_text("id,subject,time,detail\n", encoding="utf-8")
    assert json.loads(CliRunner().invoke(command, [str(path)]).output)["topics"] == []
    path.write_text("", encoding="utf-8")
    assert CliRunner().invoke(command, [str(path)]).exit_code == 2
    path.write_text("id,subject,time,detail\n1,a,never,b\n", encoding="utf-8")
    assert CliRunner().invoke(command, [str(path)]).exit_code == 1
    path.write_text("id,subject\n1,a\n", encoding="utf-8")
    run = CliRunner().invoke(command, [str(path)])
    assert run.exit_code == 2
    assert "留言时间" in run.output
