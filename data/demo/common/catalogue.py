"""Categories, channels and facilities of the demo city, with their symbols, shares and words."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of case: share of all, hours allowed, share closed on time compared with the street's, who handles it, what happens.

    A sensitive one is about people, and is shown to who may see the register.
    """

    code: str
    name: str
    name_en: str
    symbol: str
    share: float
    hours: float
    ease: float
    handler: str
    events: tuple[tuple[str, str], ...]
    sensitive: bool = False


CATEGORIES = (
    Category(
        "env",
        "市容环境",
        "City appearance",
        "bin",
        0.30,
        72,
        0.012,
        "环卫所",
        (
            ("垃圾桶满溢", "Overflowing bin"),
            ("暴露垃圾", "Exposed rubbish"),
            ("道路不洁", "Dirty road"),
            ("积存建筑垃圾", "Building rubble left behind"),
            ("河道漂浮物", "Floating litter"),
            ("乱倒渣土", "Dumped soil"),
        ),
    ),
    Category(
        "order",
        "街面秩序",
        "Street order",
        "shop",
        0.22,
        48,
        0.004,
        "综合行政执法队",
        (
            ("占道经营", "Stall on the road"),
            ("店外经营", "Shop spilling onto the pavement"),
            ("共享单车乱停放", "Shared bikes left in the way"),
            ("机动车违停", "Car parked on the pavement"),
            ("流动摊贩", "Street vendor"),
        ),
    ),
    Category(
        "utility",
        "公用设施",
        "Public utilities",
        "bolt",
        0.17,
        120,
        -0.004,
        "市政养护中心",
        (
            ("路灯不亮", "Street lamp out"),
            ("井盖破损", "Broken manhole cover"),
            ("自来水管漏水", "Leaking water main"),
            ("路面破损", "Damaged road surface"),
            ("雨水箅子堵塞", "Blocked drain"),
            ("通信线缆下垂", "Hanging cable"),
        ),
    ),
    Category(
        "construction",
        "施工管理",
        "Construction",
        "cone",
        0.08,
        96,
        -0.02,
        "住建管理站",
        (
            ("施工扬尘", "Dust from a building site"),
            ("夜间施工噪声", "Building noise at night"),
            ("工地围挡破损", "Damaged site fence"),
            ("渣土车带泥上路", "Lorry leaving mud on the road"),
        ),
    ),
    Category(
        "advert",
        "宣传广告",
        "Signs and adverts",
        "horn",
        0.07,
        120,
        0.02,
        "综合行政执法队",
        (
            ("非法小广告", "Illegal small adverts"),
            ("违规横幅", "Unlicensed banner"),
            ("广告牌破损", "Damaged sign"),
            ("违规张贴", "Bills posted illegally"),
        ),
    ),
    Category(
        "greening",
        "园林绿化",
        "Greening",
        "leaf",
        0.06,
        168,
        0.01,
        "园林绿化站",
        (
            ("行道树枯死", "Dead street tree"),
            ("绿地破损", "Damaged lawn"),
            ("树枝影响通行", "Branches in the way"),
            ("绿化带内垃圾", "Rubbish in a planting strip"),
            ("树木倒伏", "Fallen tree"),
        ),
    ),
    Category(
        "dispute",
        "矛盾纠纷",
        "Disputes",
        "talk",
        0.06,
        240,
        -0.015,
        "综治中心",
        (
            ("邻里纠纷", "Quarrel between neighbours"),
            ("物业纠纷", "Dispute with the housing manager"),
            ("劳资纠纷", "Wage dispute"),
            ("噪声扰民", "Noise nuisance"),
            ("房屋漏水纠纷", "Dispute over a leak"),
        ),
    ),
    Category(
        "emergency",
        "突发事件",
        "Emergencies",
        "alert",
        0.025,
        24,
        0.01,
        "应急管理站",
        (
            ("道路积水", "Flooded road"),
            ("燃气异味", "Smell of gas"),
            ("楼道起火隐患", "Fire hazard in a stairwell"),
            ("墙体脱落", "Falling facade"),
            ("危险品泄漏", "Leaking dangerous goods"),
        ),
    ),
    Category(
        "care",
        "特殊关爱",
        "Special care",
        "home",
        0.015,
        48,
        0.015,
        "民政服务站",
        (
            ("独居老人需探访", "Old person living alone needs a visit"),
            ("残疾人需上门服务", "Disabled person needs help at home"),
            ("困境儿童需关爱", "Child in hardship needs care"),
            ("低保家庭临时困难", "Family on benefits in sudden need"),
        ),
        sensitive=True,
    ),
)

CHANNEL_SHARES = {
    "grid_worker": 0.455,
    "hotline": 0.165,
    "public": 0.085,
    "building_head": 0.05,
    "video": 0.125,
    "sensor": 0.045,
    "superior": 0.025,
    "media": 0.008,
    "business_system": 0.017,
    "database_mirror": 0.009,
    "self_declared": 0.011,
    "other": 0.005,
}
"""Share of each channel in all cases."""

CHANNEL_LEANINGS = {
    ("sensor", "utility"): 4.0,
    ("sensor", "emergency"): 5.0,
    ("sensor", "dispute"): 0.0,
    ("sensor", "advert"): 0.0,
    ("video", "order"): 2.2,
    ("video", "env"): 1.4,
    ("video", "dispute"): 0.05,
    ("sensor", "care"): 0.0,
    ("video", "care"): 0.0,
    ("media", "care"): 0.0,
    ("hotline", "care"): 2.0,
    ("building_head", "care"): 5.0,
    ("hotline", "dispute"): 3.0,
    ("hotline", "construction"): 2.2,
    ("public", "utility"): 1.5,
    ("building_head", "dispute"): 3.0,
    ("media", "emergency"): 2.0,
}
"""How much more often than usual a channel brings a category."""

CHANNEL_ACTORS = {
    "grid_worker": ("网格员", "Grid worker"),
    "hotline": ("12345热线", "Hotline 12345"),
    "public": ("市民", "Resident"),
    "building_head": ("楼栋长", "Building head"),
    "video": ("视频巡查", "Video patrol"),
    "sensor": ("物联感知", "Sensor"),
    "superior": ("上级部门", "Department above"),
    "media": ("媒体", "Media"),
    "business_system": ("业务系统", "Business system"),
    "database_mirror": ("数据镜像", "Mirrored database"),
    "self_declared": ("自主申报", "Self-declared"),
    "other": ("其他来源", "Other source"),
}
"""Who brings cases by each channel, in both languages."""

USE_NAMES = {
    "residential": ("住宅", "Residential", "home"),
    "old": ("老旧平房与自建房", "Old and self-built houses", "home"),
    "commercial": ("商业", "Commercial", "store"),
    "office": ("办公", "Office", "dot"),
    "industrial": ("工业", "Industrial", "tank"),
    "public": ("公共服务", "Public services", "school"),
}


@dataclass(frozen=True, slots=True)
class FacilityKind:
    """A kind of facility and how many there are per 100 communities."""

    code: str
    name: str
    name_en: str
    symbol: str
    per_100: int


FACILITIES = (
    FacilityKind("camera", "监控探头", "Camera", "camera", 420),
    FacilityKind("school", "学校", "School", "school", 40),
    FacilityKind("kindergarten", "幼儿园", "Kindergarten", "home", 70),
    FacilityKind("hospital", "医院", "Hospital", "hospital", 9),
    FacilityKind("pharmacy", "药店", "Pharmacy", "pill", 130),
    FacilityKind("fire", "消防站", "Fire station", "fire", 7),
    FacilityKind("police", "派出所", "Police station", "police", 14),
    FacilityKind("service", "党群服务中心", "Community service centre", "home", 100),
    FacilityKind("store", "便利店", "Convenience store", "store", 260),
    FacilityKind("market", "农贸市场", "Food market", "shop", 22),
    FacilityKind("gas", "加油站", "Filling station", "gas", 14),
    FacilityKind("library", "图书馆", "Library", "book", 8),
    FacilityKind("park", "公园出入口", "Park gate", "park", 40),
    FacilityKind("shelter", "应急避难场所", "Emergency shelter", "alert", 16),
)
