"""Remark templates of the demo city, as a city's hotline writes them: step, or None for any, and text."""

TEMPLATES: tuple[tuple[str | None, str], ...] = (
    (None, "已电话联系诉求人，告知办理进度。"),
    (None, "请补充现场照片后再处理。"),
    ("dispatch", "请 {unit} 于 {due} 前处置并上传处置后照片。"),
    ("handle", "{number}：已到场处置，现场恢复正常，见照片。"),
    ("handle", "已清理完毕，责任人已批评教育，安排每日巡查一周。"),
    ("verify_pass", "现场核实，问题已解决，同意结案。"),
    ("verify_fail", "现场核实，问题仍存在，请 {unit} 重新处置。"),
    ("pause", "等待设备到货，预计不影响居民安全，申请挂账。"),
    ("reply", "您好，您反映的“{title}”已于 {today} 处理完毕。感谢您对城市管理工作的支持。"),
    ("reply", "您好，您反映的“{title}”已派 {unit} 处置，预计 {due} 前完成。"),
)
