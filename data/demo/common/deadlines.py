"""Hours of the demo city and its rules of deadlines; where a rule counts calendar hours, they are those of the catalogue."""

from datetime import datetime

import psycopg

from data.deadlines import store
from data.deadlines.calendar import Span, Week
from data.deadlines.rules import STEPS, Rule, parse_duration
from data.demo.common import names

_MORNING, _AFTERNOON, _EVENING = Span(8 * 60 + 30, 12 * 60), Span(13 * 60 + 30, 17 * 60 + 30), Span(18 * 60 + 30, 21 * 60)
HOURS = Week(((_MORNING, _AFTERNOON),) * 4 + ((_MORNING, _AFTERNOON, _EVENING),) + ((_MORNING,),) + ((),) + ((_MORNING, _AFTERNOON),))
"""Monday to Friday, Friday also in the evening, Saturday in the morning; make-up workdays like Mondays."""

_CLEAN = ("现场清理干净，无残留", "the place is clean, nothing is left")
_SAFE = ("隐患消除，现场恢复安全", "the danger is gone and the place is safe")
_WORKING = ("设施恢复正常使用", "the facility works again")
_TABLE: tuple[tuple[str, str | None, tuple[str, str, str, str], tuple[str, str]], ...] = (
    ("env", None, ("2 h", "2 h", "64 h", "4 h"), _CLEAN),
    ("env", "主干道", ("0.5 wh", "0.5 wh", "4 wh", "2 wh"), _CLEAN),
    ("order", None, ("2 h", "2 h", "40 h", "4 h"), ("占道行为消除，道路恢复通行", "the way is clear again")),
    ("utility", None, ("4 wh", "2 wh", "3 wd", "1 wd"), _WORKING),
    ("construction", None, ("2 h", "2 h", "88 h", "4 h"), ("违规施工停止并整改到位", "the work has stopped or follows the rules")),
    ("advert", None, ("4 wh", "2 wh", "3 wd", "4 wh"), ("违规广告清除，墙面恢复整洁", "it is taken down and the wall is clean")),
    ("greening", None, ("1 wd", "4 wh", "5 wd", "1 wd"), ("绿化恢复，不影响通行", "the green is restored and nobody is hindered")),
    ("dispute", None, ("4 wh", "4 wh", "7 wd", "1 wd"), ("双方签署调解协议或书面告知", "both sides have signed, or were told in writing")),
    ("emergency", None, ("0.5 h", "0.5 h", "22 h", "1 h"), _SAFE),
    (
        "care",
        None,
        ("1 wh", "1 wh", "12 wh", "2 wh"),
        ("已上门服务并得到本人或家属确认", "somebody came, and they or their family confirm it"),
    ),
)
RULES = tuple(
    Rule(0, category, condition, {step: parse_duration(time) for step, time in zip(STEPS, times, strict=True)}, None, None, *closing)
    for category, condition, times, closing in _TABLE
)


def add_deadlines(connection: psycopg.Connection, now: datetime) -> None:
    """Write hours, the holidays of China, and rules of the demo city; its row and categories are there."""
    store.write_hours(connection, names.CITY_CODE, [HOURS])
    store.set_region(connection, names.CITY_CODE, "CN", now.date())
    store.write_rules(connection, names.CITY_CODE, RULES)
