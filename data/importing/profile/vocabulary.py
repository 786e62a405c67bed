"""Words that files use for stages, channels and severities, known without being declared; what a profile lists goes before them."""

STAGE_WORDS = {
    "reported": ("new", "received", "submitted", "unassigned", "待受理", "已上报", "待立案", "上报"),
    "filed": ("filed", "accepted", "registered", "已受理", "已立案", "立案", "受理", "待派遣", "待派单"),
    "dispatched": ("assigned", "dispatched", "scheduled", "已派遣", "已派单", "派遣", "待处置", "待处理"),
    "in_progress": ("open", "in progress", "in-progress", "pending", "active", "started", "处理中", "办理中", "处置中", "处置", "整改中"),
    "feedback": ("feedback", "awaiting confirmation", "待核实", "处理完成", "待核查", "核查", "待结案", "已处置", "反馈"),
    "closed": ("closed", "resolved", "completed", "complete", "done", "fixed", "已结案", "已办结", "结案", "办结", "已关闭"),
    "evaluated": ("evaluated", "已评价"),
    "void": ("void", "voided", "cancelled", "canceled", "invalid", "作废", "已作废", "撤销"),
    "duplicate": ("duplicate", "duplicate (open)", "duplicate (closed)", "重复"),
    "not_responsible": ("not responsible", "不属于职责范围"),
    "referred": ("referred", "transferred", "转办", "已移交"),
    "paused": ("paused", "on hold", "suspended", "挂账", "挂起"),
}
"""What a status means where the profile does not list it."""

CHANNEL_WORDS = {
    "grid_worker": ("grid worker", "网格员", "网格员上报", "监督员上报", "巡查上报", "网格巡查"),
    "hotline": (
        "phone",
        "call",
        "call center",
        "call centre",
        "311",
        "热线",
        "12345",
        "12345热线",
        "12345政务服务便民热线",
        "市民热线",
        "电话",
    ),
    "public": (
        "app",
        "mobile",
        "web",
        "website",
        "online",
        "email",
        "citizen",
        "公众",
        "公众举报",
        "市民",
        "小程序",
        "微信",
        "微信公众号",
        "微信小程序",
        "群众举报",
        "随手拍",
    ),
    "building_head": ("building head", "楼栋长"),
    "video": ("cctv", "camera", "视频", "视频上报", "视频监控"),
    "sensor": ("iot", "物联", "物联感知", "传感器"),
    "superior": ("上级交办", "领导交办", "上级"),
    "media": ("press", "媒体", "媒体曝光"),
    "business_system": ("system", "业务生成", "业务系统"),
    "database_mirror": ("库镜像",),
    "self_declared": ("self-declared", "自主申报"),
    "other": ("unknown", "其他", "其它", "未知"),
}
"""What a channel means where the profile does not list it."""

SEVERITY_WORDS = {
    "critical": ("特急", "特别紧急", "重大", "emergency"),
    "urgent": ("紧急", "加急", "急", "急件", "high"),
    "ordinary": ("一般", "普通", "normal", "medium"),
    "minor": ("轻微", "不急", "low"),
}
"""How severe a case is where the profile does not list it, in the order of the numbers 1 to 4. Bare numbers are not known: with some 1 is
the most severe, with others the least.
"""

SEX_WORDS = {"M": ("男", "男性", "male", "man", "1"), "F": ("女", "女性", "female", "woman", "2")}
NO_SEX = frozenset({"0", "9", "未知", "不详", "未说明", "未说明的性别", "unknown"})
"""Words for a sex that is not known; numbers as in GB/T 2261.1."""

ID_KIND_WORDS = {
    "resident_card": ("身份证", "居民身份证", "二代身份证", "中华人民共和国居民身份证", "identity card", "id card", "resident card", "111"),
    "passport": ("护照", "普通护照", "外国护照", "中国护照", "414"),
    "travel_permit": ("港澳居民来往内地通行证", "回乡证", "台湾居民来往大陆通行证", "台胞证", "通行证", "travel permit", "516", "511"),
    "residence_permit": ("港澳台居民居住证", "居住证", "外国人永久居留身份证", "外国人永久居留证", "residence permit", "553"),
    "other": ("其他", "其它", "其他证件", "户口簿", "出生医学证明", "出生证明", "军官证", "士兵证"),
}
"""Kinds of identity documents; numbers as in GA/T 517."""

RESIDENCE_WORDS = {
    "registered": ("户籍", "户籍人口", "本地户籍", "常住户籍", "常住", "常住人口", "本市", "本地"),
    "floating": ("流动", "流动人口", "暂住", "暂住人口", "外来", "外来人口", "非户籍", "非本地户籍"),
    "overseas": ("境外", "境外人员", "境外人口", "港澳台", "外籍", "外国人", "foreign"),
}
