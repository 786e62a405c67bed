"""Remark templates of the demo city, as a city's hotline writes them: step, or None for any, and text in both languages."""

TEMPLATES: tuple[tuple[str | None, str, str], ...] = (
    (None, "已电话联系诉求人，告知办理进度。", "Called the reporter and told them how far it is."),
    (None, "请补充现场照片后再处理。", "Please add photos of the place before it is handled."),
    (
        "dispatch",
        "请 {unit} 于 {due} 前处置并上传处置后照片。",
        "{unit}: please handle it by {due}, and add photos of the place afterwards.",
    ),
    ("handle", "{number}：已到场处置，现场恢复正常，见照片。", "{number}: handled on site, all is in order again; see the photos."),
    (
        "handle",
        "已清理完毕，责任人已批评教育，安排每日巡查一周。",
        "Cleared. Those responsible were warned, and the place is looked at every day for a week.",
    ),
    ("verify_pass", "现场核实，问题已解决，同意结案。", "Checked on site: it is solved, and the case can be closed."),
    ("verify_fail", "现场核实，问题仍存在，请 {unit} 重新处置。", "Checked on site: it is still there. {unit}, please handle it again."),
    (
        "pause",
        "等待设备到货，预计不影响居民安全，申请挂账。",
        "Waiting for equipment; nobody is in danger meanwhile. Pause asked for.",
    ),
    (
        "reply",
        "您好，您反映的“{title}”已于 {today} 处理完毕。感谢您对城市管理工作的支持。",
        "Hello, what you reported (“{title}”) was solved on {today}. Thank you for your help.",
    ),
    (
        "reply",
        "您好，您反映的“{title}”已派 {unit} 处置，预计 {due} 前完成。",
        "Hello, what you reported (“{title}”) was given to {unit} and should be solved by {due}.",
    ),
)
