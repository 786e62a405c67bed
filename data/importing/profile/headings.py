"""Columns of a register by their headings: what each field is usually called, and the block of a profile that says so."""

from collections.abc import Iterable

from data.importing.profile.model import PeopleColumns
from data.importing.profile.spec import Spec

HEADINGS: dict[str, tuple[str, ...]] = {
    "key": ("人员编号", "人口编号", "人员编码", "人口编码", "编号", "person_id", "id", "key"),
    "name": ("姓名", "人员姓名", "居民姓名", "name", "full_name"),
    "sex": ("性别", "sex", "gender"),
    "birth_date": ("出生日期", "出生年月日", "生日", "birth_date", "date_of_birth", "birthday", "dob"),
    "id_kind": ("证件类型", "证件种类", "id_kind", "id_type", "document_type"),
    "id_number": ("证件号码", "身份证号", "身份证号码", "公民身份号码", "证件号", "id_number", "id_no", "document_number"),
    "phone": ("联系电话", "手机号码", "手机号", "电话", "联系方式", "phone", "mobile", "telephone"),
    "residence": ("户籍类型", "人口类型", "人口类别", "人员类别", "居住类型", "residence", "residence_type"),
    "household": ("户号", "户编号", "家庭编号", "household", "household_id"),
    "building": (
        *("建筑物编号", "建筑编号", "楼栋编号", "楼栋编码", "房屋编号", "building", "building_id"),
        *("住址", "现住址", "居住地址", "现居住地址", "地址", "address"),
    ),
    "grid": ("网格编码", "网格编号", "网格代码", "所属网格", "grid", "grid_code", "cell"),
    "retain_until": ("保留期限", "保留至", "保存期限", "retain_until", "keep_until"),
}
"""What fields are called, the likeliest first; of several that are there, a later one stands in where an earlier one is empty."""

_SEVERAL = ("building", "phone")
"""Fields for which more than one column is asked."""


def propose_columns(given: PeopleColumns, names: Iterable[str]) -> tuple[PeopleColumns, dict[str, str]]:
    """The columns of a file: those that the profile names, and for other fields those that bear a known heading.

    Returns:
        The columns, and what was found by its heading, field by field.
    """
    there = {name.strip().casefold(): name for name in names}
    found: dict[str, str] = {}
    made: dict[str, Spec] = {}
    for field, headings in HEADINGS.items():
        if getattr(given, field) is not None:
            continue
        fitting = [there[heading] for heading in headings if heading in there]
        if fitting:
            several = len(fitting) > 1 and field in _SEVERAL
            made[field] = Spec(first=fitting) if several else Spec(column=fitting[0])
            found[field] = " / ".join(fitting if several else fitting[:1])
    return given.model_copy(update=made), found


def write_template() -> str:
    """A block ``[[people]]`` to be copied into a profile, with every field under its most usual heading."""
    lines = [
        "[[people]]",
        'file = "register.csv"              # CSV, XLSX, DBF, …; encoding = "gb18030" for GBK',
        '# encoding = "gb18030"',
        '# residence = "registered"         # of rows that do not say it: registered, floating, overseas',
        '# contradiction = "reject"         # a sex or birth date unlike the resident card: reject, card, columns',
        '# allow = ["no_home"]              # reasons for which rows may be left out',
        "[people.columns]                   # without it, columns are found by their headings",
    ]
    width = max(map(len, HEADINGS))
    lines += [f'{field:{width}} = "{headings[0]}"' for field, headings in HEADINGS.items()]
    return "\n".join(lines) + "\n"
