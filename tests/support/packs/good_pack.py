"""A pack in which every key of the contract stands once, and its folder."""

# ruff: noqa: E501  a line of a pack is a line

from pathlib import Path

GOOD = """\
code = "gardens"
version = 3
name = { zh = "公园绿地", en = "Parks" }
about = { zh = "公园、巡查与设施", en = "Parks, rounds and furniture" }
group = { zh = "城建与环境", en = "City and environment" }
department = "parks"
icon = "leaf"

[kinds.park]
name = { zh = "公园", en = "Park" }
plural = { zh = "公园", en = "Parks" }
about = { zh = "城市公园", en = "City parks" }
subject = "place"
key = ["code"]
title = "name"
place = { by = "point", lon = "lon", lat = "lat" }
keep_months = 120
[kinds.park.fields]
code = { name = { zh = "公园编码", en = "Park code" }, type = "text", required = true, owner = "land" }
name = { name = { zh = "名称", en = "Name" }, about = { zh = "公布的名称", en = "As published" }, type = "text", required = true }
sort = { name = { zh = "类别", en = "Sort" }, type = "code", codes = { city = { zh = "综合", en = "City" }, pocket = { zh = "口袋", en = "Pocket" } } }
hectares = { name = { zh = "面积", en = "Area" }, type = "decimal", unit = { zh = "公顷", en = "ha" }, min = 0, max = 5000 }
lit = { name = { zh = "有照明", en = "Lit" }, type = "yes_no" }
opened = { name = { zh = "开放时间", en = "Opened" }, type = "moment" }
lon = { name = { zh = "经度", en = "Longitude" }, type = "decimal" }
lat = { name = { zh = "纬度", en = "Latitude" }, type = "decimal" }
keeper = { name = { zh = "管护人", en = "Keeper" }, type = "text", class = "personal", sees = ["parks", "urban"] }
cost = { name = { zh = "养护单价", en = "Unit cost" }, type = "decimal", class = "trade_secret" }

[kinds.round]
name = { zh = "巡查", en = "Round" }
subject = "observation"
key = ["park", "month"]
day = "month"
place = { by = "link", field = "park" }
[kinds.round.fields]
park = { name = { zh = "公园", en = "Park" }, type = "link", to = "park", required = true }
month = { name = { zh = "月份", en = "Month" }, type = "month", required = true }
rounds = { name = { zh = "巡查次数", en = "Rounds" }, type = "integer", min = 0 }
faults = { name = { zh = "问题数", en = "Faults" }, type = "integer", min = 0 }
next_on = { name = { zh = "下次日期", en = "Next" }, type = "date" }

[feeds.parks]
name = { zh = "公园名录", en = "Register of parks" }
about = { zh = "全量", en = "All of them" }
kind = "park"
department = "parks"
level = "city"
cadence = "quarterly last 18:00"
shift = "previous"
grace_hours = 12
transport = { by = "https", url = "https://data.example.org/parks.csv" }
contact = { name = "林禾", phone = "0991-5550100", email = "parks@example.org" }
valid_from = 2026-01-01
valid_to = 2030-12-31
source = { encoding = "gb18030", max_rejected = "1%" }
columns = { code = "编码", name = "名称", sort = "类别", lon = "经度", lat = "纬度" }

[feeds.rounds]
name = { zh = "巡查月报", en = "Rounds, monthly" }
kind = "round"
department = "parks"
level = "street"
cadence = "monthly 5 18:00"
transport = { by = "folder", files = ["rounds-*.csv"] }
valid_from = 2026-01-01
[feeds.rounds.columns]
park = "公园编码"
month = { column = "月份", date_format = "%Y-%m" }
rounds = "次数"
faults = "问题"

[feeds.rounds_of_land]
name = { zh = "共享库巡查", en = "Rounds, shared database" }
kind = "round"
department = "land"
level = "city"
cadence = "on_demand"
transport = { by = "sql", server = "GRIDWELL_FEED_LAND", query = "SELECT park, month FROM shared.rounds" }
valid_from = 2026-01-01
columns = { park = "park", month = "month" }

[rules.faults_without_round]
kind = "round"
when = "faults > 0 and rounds = 0"
then = "quarantine"
reason = { zh = "未巡查却有问题", en = "Faults, but no round" }

[indicators.per_round]
name = { zh = "每次巡查问题数", en = "Faults a round" }
about = { zh = "问题数 ÷ 次数", en = "Faults ÷ rounds" }
kind = "round"
numerator = "sum(faults)"
denominator = "sum(rounds)"
where = "rounds > 0"
unit = { zh = "个", en = "faults" }
better = "lower"
least = 10

[scores.upkeep]
name = { zh = "养护分", en = "Upkeep" }
about = { zh = "从 100 分起扣", en = "Points are taken from 100" }
kind = "park"
of = "round"
begins_at = 100
levels = { high = 40, medium = 60, watch = 80 }
[[scores.upkeep.parts]]
name = { zh = "问题增多", en = "More faults" }
takes = "20 * least(greatest(faults - previous(faults, 1), 0) / 10, 1)"
shows = "faults"
unit = { zh = "个", en = "faults" }
limit = { zh = "比上月多", en = "more than the month before" }
[[scores.upkeep.parts]]
name = { zh = "未巡查", en = "No rounds" }
takes = "30 * least(greatest(4 - rounds, 0) / 4, 1)"

[warnings.worse]
name = { zh = "养护变差", en = "Getting worse" }
about = { zh = "连降三月", en = "Down three months running" }
score = "upkeep"
when = "level = 'high' or falling(3)"
case = { category = "greening", title = { zh = "公园养护变差", en = "Park getting worse" }, severity = "minor", department = "urban" }

[lists.due]
name = { zh = "待巡查", en = "Rounds due" }
about = { zh = "按到期日", en = "By day" }
kind = "round"
where = "next_on is not missing"
due = "next_on + 7"
order = ["-next_on", "park"]
columns = ["park", "month", "next_on"]

[layers.parks]
name = { zh = "公园", en = "Parks" }
as = "points"
kind = "park"
where = "lit"
colour = "upkeep"
tooltip = ["name", "sort"]
min_zoom = 12
[layers.faults]
name = { zh = "问题", en = "Faults" }
as = "columns"
height = "per_round"
colour = "per_round"

[page]
figures = ["per_round", "upkeep", "worse"]
map = ["parks", "faults"]
lists = ["due"]
trend = "per_round"

[sections.monthly]
name = { zh = "公园月报", en = "Parks of the month" }
indicators = ["per_round"]
lists = ["due"]
by = "street"
text = { zh = "按街道。", en = "By street." }

[public.park]
fields = ["code", "name", "sort"]
where = "sort = 'city'"
order = ["name"]
"""

DEPARTMENTS = ("parks", "land", "urban")


def write_pack(folder: Path, text: str, code: str = "gardens") -> Path:
    """A pack's folder with this file."""
    made = folder / code
    made.mkdir(exist_ok=True)
    (made / "pack.toml").write_text(text, "utf-8")
    return made
