"""A summary says of planted changes what it must, and of noise nothing, in both languages."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import stats

from data.core.viewer import Lang
from reports.content import Figure
from reports.summary.findings import find_changes, list_contributions
from reports.summary.inputs import Counts, Inputs, Overdue, Part, Shares
from reports.summary.pieces import text_of
from reports.summary.writing import Summary, write_summary

AREAS = ("松涛街道", "古渡街道", "清河街道", "云台街道")
CATEGORIES = ("市容环境", "街面秩序", "公用设施", "突发事件")
SIZE = np.outer([80, 120, 90, 60], [0.4, 0.3, 0.2, 0.1])
Plant = Callable[[np.ndarray], None]
LANGS: tuple[Lang, ...] = ("zh", "en")


def city(plant: Plant = lambda _: None, late: Plant = lambda _: None, spans: int = 12, scale: float = 1.0, seed: int = 3) -> Inputs:
    """A city of four streets and four categories, of which ``plant`` changes cases by week, street and category."""
    dice = np.random.default_rng(seed)
    cases = dice.poisson(SIZE * scale, (spans + 1, 4, 4)).astype(int)
    plant(cases)
    due = cases.sum(2)
    on_time = dice.binomial(due, 0.92)
    late(on_time)
    areas = [Part(f"a{at}", name, counts(cases[:, at].sum(1)), shares(on_time[:, at], due[:, at])) for at, name in enumerate(AREAS)]
    categories = [Part(f"c{at}", name, counts(cases[:, :, at].sum(1))) for at, name in enumerate(CATEGORIES)]
    whole, share = counts(cases.sum((1, 2))), shares(on_time.sum(1), due.sum(1))
    return Inputs("week", whole, share, tuple(areas), tuple(categories), source="A source.")


def counts(values: np.ndarray) -> Counts:
    return Counts(int(values[-1]), tuple(int(one) for one in values[:-1]))


def shares(part: np.ndarray, whole: np.ndarray) -> Shares:
    pairs = [(int(one), int(other)) for one, other in zip(part, whole, strict=True)]
    return Shares(pairs[-1], tuple(pairs[:-1]))


class Cited(list[Figure]):
    """The list of figures of a report."""

    def cite(self, key: str, label: str, value: float | None, unit: Any, **defence: Any) -> int:
        assert all(figure.key != key or (figure.label, figure.value) == (label, value) for figure in self), f"two figures are called {key}"
        self.append(Figure(len(self) + 1, label, value, unit, key=key, **defence))
        return len(self)


def write(inputs: Inputs, lang: Lang, **more: Any) -> tuple[Summary, Cited]:
    cited = Cited()
    return write_summary(inputs, lang, cited.cite, **more), cited


def told(inputs: Inputs, lang: Lang, **more: Any) -> list[str]:
    return [text_of(point) for point in write(inputs, lang, **more)[0].bullets.points]


def bold(inputs: Inputs, lang: Lang) -> list[str]:
    return [text_of(piece for piece in point if piece.bold) for point in write(inputs, lang)[0].bullets.points]


# ---- What is planted ----


def street_order_rises(cases: np.ndarray) -> None:
    cases[-1, 0, 1] += 110


def everything_falls(cases: np.ndarray) -> None:
    cases[-1] //= 2


def everything_rises(cases: np.ndarray) -> None:
    cases[-1, :, 1] *= 3
    cases[-1, 1, :] *= 2


def emergencies_are_new(cases: np.ndarray) -> None:
    cases[:-1, :, 3] = 0
    cases[-1, :, 3] = 9


def nothing_comes(cases: np.ndarray) -> None:
    cases[-1] = 0


def one_street_is_late(on_time: np.ndarray) -> None:
    on_time[-1, 0] = on_time[-1, 0] * 7 // 10


def everybody_is_late(on_time: np.ndarray) -> None:
    on_time[-1] = on_time[-1] * 7 // 10


# ---- Real changes ----


def test_a_real_rise_comes_first_with_where_it_comes_from() -> None:
    inputs = city(everything_rises)
    zh, en = (told(inputs, lang)[0] for lang in LANGS)
    n, mean = inputs.reported.now, sum(inputs.reported.history) / 12
    assert zh.startswith(f"上报 {n} 件，明显多于通常水平。此前 12 周平均 {mean:,.0f} 件，通常在 ")
    assert en.startswith(f"Cases reported: {n}, clearly more than usual. The average of the 12 weeks before is {mean:,.0f}; usual are ")
    order, ferry = inputs.categories[1].reported, inputs.areas[1].reported
    parts = [one.now - sum(one.history) / 12 for one in (order, ferry)]
    assert zh.endswith(f"比平均多出的 {n - mean:,.0f} 件中，按类别看街面秩序占 {parts[0]:,.0f} 件，按区域看古渡街道占 {parts[1]:,.0f} 件。")
    assert en.endswith(
        f"Of the {n - mean:,.0f} more than on average, {parts[0]:,.0f} are of the category 街面秩序, and {parts[1]:,.0f} are in 古渡街道."
    )


def test_a_real_fall_is_told_as_one() -> None:
    inputs = city(everything_falls)
    assert bold(inputs, "zh")[0] == f"上报 {inputs.reported.now} 件，明显少于通常水平。"
    assert bold(inputs, "en")[0] == f"Cases reported: {inputs.reported.now}, clearly fewer than usual."
    assert "比平均减少的 " in told(inputs, "zh")[0] and " fewer than on average, " in told(inputs, "en")[0]


def test_one_areas_outlier_is_told_before_the_whole() -> None:
    inputs = city(street_order_rises)
    n = inputs.areas[0].reported.now
    assert bold(inputs, "zh")[0] == f"松涛街道上报 {n} 件，明显多于通常水平。"
    assert bold(inputs, "en")[0] == f"松涛街道: {n} reported, clearly more than usual."
    assert not any("古渡街道上报" in text or "清河街道上报" in text for text in bold(inputs, "zh"))


def test_what_lies_inside_the_area_says_what_makes_most_of_it() -> None:
    inputs = city(street_order_rises)
    past = (10,) * 12
    inside = {("area", "a0"): (Part("c0", "市容环境", Counts(12, past)), Part("c1", "街面秩序", Counts(90, past)))}
    assert told(inputs, "zh", inside=inside)[0].endswith("其中街面秩序增加最多，比平均多 80 件。")
    assert told(inputs, "en", inside=inside)[0].endswith("Of it, 街面秩序 makes the most: 80 more than on average.")


def test_a_new_category_is_called_new() -> None:
    inputs = city(emergencies_are_new)
    assert bold(inputs, "zh")[0] == "新出现突发事件案件 36 件，此前 12 周均无上报。"
    assert bold(inputs, "en")[0] == "突发事件 is new: 36 reported, and none in the 12 weeks before."
    assert "精确检验" in write(inputs, "zh")[0].note.text


def test_an_area_that_is_late_is_told_with_its_late_cases() -> None:
    inputs = city(late=one_street_is_late)
    shares = inputs.areas[0].on_time
    assert shares is not None
    part, due = shares.now
    zh, en = (told(inputs, lang)[0] for lang in LANGS)
    assert zh.startswith(f"松涛街道按期结案率 {part / due:.1%}，明显低于通常水平。")
    assert f"应结 {due} 件中 {due - part} 件未按期结案，" in zh
    assert en.startswith(f"松涛街道: the on-time closing rate is {part / due:.1%}, clearly below the usual.")
    assert f"Not closed on time: {due - part} of {due} cases due;" in en
    assert "松涛街道最低（" in "".join(told(inputs, "zh")) and "其 95% 区间整体低于总体水平。" in "".join(told(inputs, "zh"))


def test_a_lower_rate_of_the_whole_is_told() -> None:
    inputs = city(late=everybody_is_late)
    part, due = inputs.on_time.now
    assert f"按期结案率 {part / due:.1%}，明显低于通常水平。" in bold(inputs, "zh")
    assert f"The on-time closing rate is {part / due:.1%}, clearly below the usual." in bold(inputs, "en")


# ---- No change ----


def test_noise_is_called_usual_and_nothing_else() -> None:
    inputs = city()
    n, before = inputs.reported.now, inputs.reported.history[-1]
    assert bold(inputs, "zh")[0] == f"上报 {n} 件，比上周少 {before - n} 件，属正常波动。"
    assert bold(inputs, "en")[0] == f"Cases reported: {n}, {before - n} fewer than the week before; that is within the usual variation."
    assert "各区域、各类别均无超出正常波动的变化。" in bold(inputs, "zh")
    assert "No single area and no single category changed beyond its usual variation." in bold(inputs, "en")
    assert not any("明显" in text for text in told(inputs, "zh"))
    assert not any("clearly" in text for text in told(inputs, "en"))


def test_a_year_of_noise_tells_a_change_in_at_most_one_report_of_twenty() -> None:
    """Areas with good and bad weeks; not more than a binomial with 5 % makes at 99 %. The dice are fixed."""
    dice, reports, false = np.random.default_rng(11), 208, 0
    for at in range(reports):
        weeks = dice.gamma(1 / 0.3**2, 0.3**2, (13, 4, 1))

        def restless(cases: np.ndarray, weeks: np.ndarray = weeks, seed: int = at) -> None:
            cases[:] = np.random.default_rng(seed).poisson(SIZE * weeks)

        findings = find_changes(city(restless, seed=at))
        false += bool(findings.changes or findings.whole.real or findings.share.real)
    assert false <= stats.binom.ppf(0.99, reports, 0.05)


def test_outside_of_what_is_usual_but_not_far_enough_among_many_is_no_change() -> None:
    history = (100,) * 12
    for now in range(100, 200):
        inputs = Inputs("week", Counts(now, history), Shares((0, 0)))
        judged = find_changes(inputs).whole
        if judged.judged.verdict == "more" and not judged.real:
            assert told(inputs, "zh")[0].startswith(f"上报 {now} 件，比上周多 {now - 100} 件。此前 12 周平均 100 件，")
            assert told(inputs, "zh")[0].endswith("本期虽在此范围之外，但多项数据一并判断时仍可能出于偶然，不认定为变化。")
            assert told(inputs, "en")[0].endswith(
                "It lies outside, but not far enough where many figures are judged together: this may be chance."
            )
            break
    else:
        pytest.fail("no count lies between what is usual and what is a change")


# ---- Few, none, short ----


def test_few_cases_are_said_to_be_few() -> None:
    inputs = Inputs("week", Counts(4, (3,) * 12), Shares((2, 3), ((2, 2),) * 12), *(parts(4, 3, name) for name in "区类"))
    assert told(inputs, "zh") == [
        "上报 4 件，比上周多 1 件。件数过少，不判断增减。",
        "应结案件 3 件，按期结案 2 件。应结不足 30 件，不判断升降。",
        "各区域、各类别件数过少，不判断增减。",
    ]
    assert told(inputs, "en") == [
        "Cases reported: 4, 1 more than the week before. These are too few cases to judge a change.",
        "Cases due to be closed: 3; closed on time: 2. With fewer than 30 cases due, a change of the rate is not judged.",
        "No single area and no single category has enough cases to judge a change.",
    ]
    assert write(inputs, "zh")[0].note.text == "本期未判断增减：件数过少，或没有更早的数据。"


def parts(now: int, before: int, name: str) -> tuple[Part, ...]:
    return tuple(Part(f"{name}{at}", f"{name}{at}", Counts(now // 2, (before // 2,) * 12)) for at in range(2))


def test_everything_zero() -> None:
    inputs = Inputs("month", Counts(0, (0,) * 12), Shares((0, 0), ((0, 0),) * 12), overdue=Overdue(0))
    assert told(inputs, "zh") == ["本期无上报案件。此前 12 个月也无上报案件。", "无超期未结案件。"]
    assert told(inputs, "en") == [
        "No case was reported. There was none in the 12 months before either.",
        "No open case is beyond its deadline.",
    ]


def test_a_silence_after_many_cases_asks_whether_sources_delivered() -> None:
    inputs = city(nothing_comes)
    assert len(told(inputs, "zh")) == 1
    assert told(inputs, "zh")[0].startswith("本期无上报案件。通常在 ") and told(inputs, "zh")[0].endswith("请核实各来源数据是否正常报送。")
    assert "please check whether all sources delivered their cases." in told(inputs, "en")[0]


def test_an_area_without_any_case_is_no_change() -> None:
    inputs = city()
    inputs = replace(inputs, areas=(*inputs.areas, Part("a9", "东津街道", Counts(0, (0,) * 12), Shares((0, 0), ((0, 0),) * 12))))
    assert not any("东津街道" in text for lang in LANGS for text in told(inputs, lang))


def test_with_a_short_history_only_the_period_before_is_compared() -> None:
    zh, en = (told(city(everything_rises, spans=2), lang) for lang in LANGS)
    assert any(re.match(r"上报 \d+ 件，比上周多 \d+ 件，超出偶然波动。历史数据不足，尚不能判断通常水平。", text) for text in zh)
    assert any(
        "more than the week before; that is more than chance makes. Earlier data do not tell yet what is usual." in text for text in en
    )
    assert "仅与上期比较" in write(city(spans=2), "zh")[0].note.text
    assert "未超出偶然波动" in told(city(spans=2), "zh")[0]


def test_without_history_nothing_is_compared() -> None:
    inputs = city(spans=0)
    assert told(inputs, "zh")[0] == f"上报 {inputs.reported.now} 件。没有更早的数据可供比较。"
    assert told(inputs, "en")[0] == f"Cases reported: {inputs.reported.now}. There are no earlier data to compare with."
    assert told(replace(inputs, over=False), "zh")[0].endswith("本期尚未结束，不作比较。")


def test_counts_in_millions() -> None:
    inputs = city(everything_rises, scale=10_000)
    assert bold(inputs, "zh")[0] == f"上报 {inputs.reported.now:,} 件，明显多于通常水平。"
    assert inputs.reported.now > 3_500_000


def test_a_single_part_is_the_whole_and_not_told_twice() -> None:
    inputs = city(everything_rises)
    one = replace(inputs, areas=inputs.areas[:1], categories=inputs.categories[:1])
    assert find_changes(one).changes == ()
    assert find_changes(one).judged == 2
    assert len(told(one, "zh")) == 2 and "其中" not in told(one, "zh")[0]


# ---- Reasons by arithmetic ----


def test_contributions_add_up_to_the_whole() -> None:
    for spans in (12, 7, 4, 2, 1):
        inputs = city(everything_rises, spans=spans)
        whole = find_changes(inputs).whole.size
        for kinds in (inputs.areas, inputs.categories):
            assert sum(n for _, n in list_contributions(kinds, inputs)) == pytest.approx(whole)


def test_a_part_that_outweighs_the_whole_is_said_to_stand_alone() -> None:
    past = (100,) * 12
    areas = (Part("a", "甲街道", Counts(250, past)), Part("b", "乙街道", Counts(50, past)))
    inputs = Inputs("week", Counts(300, (200,) * 12), Shares((0, 0)), areas)
    assert "仅甲街道就比平均多 150 件，其余合计少于平均。" in "".join(told(inputs, "zh"))
    assert "甲街道 alone has 150 more than on average; the others together have fewer." in "".join(told(inputs, "en"))


def test_a_rise_of_all_alike_is_called_spread() -> None:
    areas = tuple(Part(f"a{at}", f"{at} 街道", Counts(40, (20,) * 12)) for at in range(5))
    inputs = Inputs("week", Counts(200, (100,) * 12), Shares((0, 0)), areas)
    assert "增加较为分散，没有哪个区域或类别占到增量的四分之一。" in told(inputs, "zh")[0]
    assert "The rise is spread:" in told(inputs, "en")[0]


def test_months_are_compared_by_day() -> None:
    days = (31, 28, 31, 30, 31, 30)
    inputs = Inputs("month", Counts(310, tuple(day * 10 for day in days)), Shares((0, 0)), days=31, history_days=days)
    assert find_changes(inputs).whole.size == pytest.approx(0)
    assert told(inputs, "zh")[0].startswith("上报 310 件，比上月多 10 件，属正常波动。此前 6 个月平均 310 件，")


def test_many_changes_are_counted_and_not_listed() -> None:
    inputs = city(everything_falls)
    rest = len(find_changes(inputs).changes) - 3
    assert rest > 0
    assert f"另有 {rest} 个区域或类别的变化超出正常波动，不逐一列出。" in told(inputs, "zh")
    assert f"{rest} more areas or categories changed beyond their usual variation." in told(inputs, "en")


def test_overdue_cases_are_told_with_who_has_them() -> None:
    held = (("松涛街道", 9), ("古渡街道", 6), ("云台街道", 4), ("清河街道", 0))
    inputs = replace(city(), overdue=Overdue(19, 80, 5, held))
    assert told(inputs, "zh")[-1] == (
        "超期未结 19 件。其中 5 件当时已超期三天以上，且至今未结。较多的有松涛街道（9 件）、古渡街道（6 件）、云台街道（4 件）。"
    )
    assert told(inputs, "en")[-1] == (
        "Open cases beyond their deadline: 19. For more than three days then, and open to this day: 5 of them. "
        "The largest numbers: 松涛街道 (9), 古渡街道 (6), 云台街道 (4)."
    )


# ---- Figures ----


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("plant", [everything_rises, everything_falls, street_order_rises, emergencies_are_new, lambda _: None])
def test_numbers_name_their_figures_in_their_order(lang: Lang, plant: Plant) -> None:
    summary, cited = write(replace(city(plant), overdue=Overdue(19, 80, 5, (("松涛街道", 9), ("古渡街道", 6)))), lang)
    named = [piece.figure for point in summary.bullets.points for piece in point if piece.figure is not None]
    assert list(dict.fromkeys(named)) == list(range(1, len(cited) + 1))
    for point in summary.bullets.points:
        for piece in point:
            figure = None if piece.figure is None else cited[piece.figure - 1]
            if (
                figure is None
                or figure.value is None
                or "，上周" in figure.label
                or "（上周）" in figure.label
                or "week before" in figure.label
            ):
                continue
            shown = float(piece.text.replace(",", ""))
            value = figure.value * (100 if figure.unit == "share" else 1)
            assert shown == pytest.approx(abs(value), abs=0.51 if figure.unit == "cases" else 0.051) or shown == figure.denominator
    assert all(figure.definition for figure in cited)
    assert all(figure.source == "A source." for figure in cited)


def test_what_is_usual_is_a_figure_with_its_range() -> None:
    _, cited = write(city(), "en")
    usual = next(one for one in cited if one.label == "Cases reported, average of the 12 weeks before")
    judged = find_changes(city()).whole.judged
    assert (usual.value, usual.low, usual.high) == (judged.expected, judged.low, judged.high)
    share = next(one for one in cited if one.label == "On-time closing rate")
    assert (share.numerator, share.denominator) == city().on_time.now


@pytest.mark.parametrize("lang", LANGS)
def test_the_test_is_named_in_a_note(lang: Lang) -> None:
    text = write(city(), lang)[0].note.text
    assert "Benjamini" in text and "t " in text and "12" in text and "5" in text


@pytest.mark.parametrize("step", ["day", "week", "month", "quarter", "year", "own"])
def test_each_length_of_period_has_its_words(step: Any) -> None:
    inputs = replace(city(), step=step)
    before = {"day": "上周同日", "week": "上周", "month": "上月", "quarter": "上季度", "year": "上年", "own": "上期"}[step]
    assert f"比{before}少" in told(inputs, "zh")[0]
    assert "{" not in "".join(told(inputs, "zh") + told(inputs, "en"))


# ---- Short histories ----


@pytest.mark.parametrize(("now", "before", "verdict"), [(10_000, 10_500, "more"), (10_000, 10_000, "more"), (9_000, 10_500, "fewer")])
@pytest.mark.parametrize("lang", LANGS)
def test_a_shorter_month_beside_one_longer_month_is_judged_and_told_by_day(now: int, before: int, verdict: str, lang: Lang) -> None:
    """28 days beside 31: 10,000 beside 10,500 are five percent more a day."""
    inputs = Inputs("month", Counts(now, (before,)), Shares((99_990, 100_000), ((99_950, 100_000),)), (), (), days=28, history_days=(31,))
    first, share = told(inputs, lang)[:2]
    words = {"zh": {"more": "多", "fewer": "少"}, "en": {"more": "more", "fewer": "fewer"}}[lang]
    assert words[verdict] in first.replace("more than chance makes", "")
    if verdict == "more":
        assert "500" not in first.replace(f"{before:,}", ""), "no difference of the numbers themselves, which says the opposite"
    assert "99.9" in share or "100" in share, "two shares that look alike are told, too"
