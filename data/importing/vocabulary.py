"""Words that files use for stages and channels, known without being declared; what a profile lists goes before them."""

STAGE_WORDS = {
    "reported": ("new", "received", "submitted", "unassigned", "待受理", "已上报", "待立案"),
    "filed": ("filed", "accepted", "registered", "已受理", "已立案"),
    "dispatched": ("assigned", "dispatched", "scheduled", "已派遣", "已派单"),
    "in_progress": ("open", "in progress", "in-progress", "pending", "active", "started", "处理中", "办理中"),
    "feedback": ("feedback", "awaiting confirmation", "待核实", "处理完成"),
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
    "grid_worker": ("grid worker", "网格员", "网格员上报", "监督员上报", "巡查上报"),
    "hotline": ("phone", "call", "call center", "call centre", "311", "热线", "12345", "12345热线", "电话"),
    "public": ("app", "mobile", "web", "website", "online", "email", "citizen", "公众", "公众举报", "市民", "小程序", "微信"),
    "building_head": ("building head", "楼栋长"),
    "video": ("cctv", "camera", "视频", "视频上报"),
    "sensor": ("iot", "物联", "物联感知", "传感器"),
    "superior": ("上级交办", "领导交办", "上级"),
    "media": ("press", "媒体", "媒体曝光"),
    "business_system": ("system", "业务生成", "业务系统"),
    "database_mirror": ("库镜像",),
    "self_declared": ("self-declared", "自主申报"),
    "other": ("unknown", "其他", "其它", "未知"),
}
"""What a channel means where the profile does not list it."""
