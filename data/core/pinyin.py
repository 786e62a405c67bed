"""Chinese names in pinyin, to be found by what people type. The only place where pinyin is made."""

from pypinyin import lazy_pinyin


def spell(name: str) -> list[str]:
    """One syllable for each Chinese character; what stands between them stays as it is.

    >>> spell("市容环境"), spell("12345热线")
    (['shi', 'rong', 'huan', 'jing'], ['12345', 're', 'xian'])
    """
    return list(lazy_pinyin(name))
