"""Names of the invented city, in Chinese and English.

The tables hold ``汉字 Pinyin`` pairs; no place here exists.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Name:
    """A name without its kind: 滨江, Binjiang."""

    zh: str
    en: str

    def of(self, kind: "Name") -> "Name":
        """With its kind: 滨江街道, Binjiang Street."""
        return Name(self.zh + kind.zh, f"{self.en} {kind.en}")


def _table(text: str) -> list[Name]:
    words = text.split()
    return [Name(zh, en) for zh, en in zip(words[::2], words[1::2], strict=True)]


CITY_CODE = "990100"
CITY = Name("澜州市", "Demo City")
DISTRICT = Name("区", "District")
STREET = Name("街道", "Street")
TOWN = Name("镇", "Town")
COMMUNITY = Name("社区", "Community")
VILLAGE = Name("村", "Village")

DISTRICTS = _table("""
    钟楼 Zhonglou 望江 Wangjiang 北塘 Beitang 云麓 Yunlu 南浦 Nanpu 东湖 Donghu
    石湖 Shihu 凤鸣 Fengming 云溪 Yunxi 梅川 Meichuan 新港 Xingang 江北 Jiangbei 白鹿 Bailu 柳泉 Liuquan 北山 Beishan 高桥 Gaoqiao""")

STREETS = _table("""
    文庙 Wenmiao 青云 Qingyun 朝阳 Chaoyang 桂园 Guiyuan 白塔 Baita 石桥 Shiqiao 长亭 Changting 银杏 Yinxing 东津 Dongjin 南门 Nanmen
    梅园 Meiyuan 滨江 Binjiang 金塔 Jinta 柳浪 Liulang 清河 Qinghe 望湖 Wanghu 枫林 Fenglin 古渡 Gudu 新安 Xin'an 松涛 Songtao
    荷塘 Hetang 平湖 Pinghu 云台 Yuntai 紫荆 Zijing 学府 Xuefu 双桥 Shuangqiao 永丰 Yongfeng 高塘 Gaotang 龙泉 Longquan 五里 Wuli
    竹园 Zhuyuan 大通 Datong 临港 Lingang 西渡 Xidu 三河 Sanhe 沙洲 Shazhou 白石 Baishi 红枫 Hongfeng 栖霞 Qixia 秀水 Xiushui
    安平 Anping 长丰 Changfeng""")

COMMUNITIES = _table("""
    青石 Qingshi 桂花 Guihua 梧桐 Wutong 槐荫 Huaiyin 翠竹 Cuizhu 海棠 Haitang 玉兰 Yulan 锦绣 Jinxiu 和平 Heping 建设 Jianshe
    光明 Guangming 幸福 Xingfu 解放 Jiefang 团结 Tuanjie 新华 Xinhua 永安 Yong'an 太平 Taiping 兴盛 Xingsheng 仁和 Renhe 广济 Guangji
    文昌 Wenchang 书院 Shuyuan 钟鼓 Zhonggu 水井 Shuijing 月牙 Yueya 莲花 Lianhua 芙蓉 Furong 丁香 Dingxiang 紫薇 Ziwei 香樟 Xiangzhang
    柳岸 Liu'an 河畔 Hepan 江声 Jiangsheng 临江 Linjiang 江月 Jiangyue 渔歌 Yuge 码头 Matou 船厂 Chuanchang 纺织 Fangzhi 机床 Jichuang
    电力 Dianli 铁路 Tielu 邮电 Youdian 气象 Qixiang 师院 Shiyuan 医专 Yizhuan 体育 Tiyu 影院 Yingyuan 花市 Huashi 茶亭 Chating
    米市 Mishi 鱼市 Yushi 盐仓 Yancang 粮站 Liangzhan 油坊 Youfang 染坊 Ranfang 砖塔 Zhuanta 石牌 Shipai 牌楼 Pailou 东门 Dongmen
    西门 Ximen 北门 Beimen 南关 Nanguan 城隍 Chenghuang 天妃 Tianfei 观澜 Guanlan 听涛 Tingtao 揽月 Lanyue 朝晖 Zhaohui 晨光 Chenguang
    星河 Xinghe 银河 Yinhe 云锦 Yunjin 彩虹 Caihong 春晓 Chunxiao 夏荷 Xiahe 秋实 Qiushi 冬青 Dongqing 百合 Baihe 茉莉 Moli
    石榴 Shiliu 枇杷 Pipa 橘园 Juyuan 桃源 Taoyuan 杏林 Xinglin 梨园 Liyuan 葡萄 Putao 松柏 Songbai 兰亭 Lanting 槐树 Huaishu
    霞光 Xiaguang 丰收 Fengshou 向阳 Xiangyang 前进 Qianjin 胜利 Shengli 红旗 Hongqi 友谊 Youyi 自强 Ziqiang 创新 Chuangxin 科苑 Keyuan""")

HAMLETS = _table("""
    大塘 Datang 小河 Xiaohe 上湾 Shangwan 下湾 Xiawan 杨柳 Yangliu 沙溪 Shaxi 高桥 Gaoqiao 石坝 Shiba 马山 Mashan 牛塘 Niutang
    桑园 Sangyuan 茶山 Chashan 稻香 Daoxiang 麦田 Maitian 荷花 Hehua 竹溪 Zhuxi 梅岭 Meiling 枫桥 Fengqiao 双井 Shuangjing 三里 Sanli
    七里 Qili 新塘 Xintang 旧圩 Jiuwei 渡口 Dukou 青山 Qingshan 南坡 Nanpo 北坡 Beipo 圆觉 Yuanjue 龙潭 Longtan 白鹭 Bailu
    芦花 Luhua 菱湖 Linghu 鱼塘 Yutang 瓦窑 Wayao 碾坊 Nianfang 古槐 Guhuai 银杉 Yinshan 桐坑 Tongkeng 花园 Huayuan 义和 Yihe""")

_FIRST = _table("""
    青 Qing 白 Bai 金 Jin 玉 Yu 龙 Long 凤 Feng 云 Yun 明 Ming 永 Yong 新 Xin 瑞 Rui 嘉 Jia 景 Jing 文 Wen 星 Xing 秋 Qiu
    红 Hong 紫 Zi 石 Shi 松 Song 柳 Liu 梅 Mei 兰 Lan 荷 He 月 Yue 泰 Tai 宝 Bao 双 Shuang 古 Gu 碧 Bi 锦 Jin 枫 Feng""")
_SECOND = _table("山 shan 河 he 塘 tang 桥 qiao 湖 hu 泉 quan 溪 xi 岗 gang 坪 ping 湾 wan 亭 ting 林 lin 岭 ling 园 yuan 浦 pu 渡 du")
_FIRST_OF_HAMLETS = _table("上 Shang 下 Xia 前 Qian 后 Hou 大 Da 小 Xiao 东 Dong 西 Xi 南 Nan 北 Bei 新 Xin 老 Lao 中 Zhong 高 Gao")
_SECOND_OF_HAMLETS = _table("""
    庄 zhuang 湾 wan 塘 tang 坝 ba 桥 qiao 圩 wei 沟 gou 坡 po 岭 ling 浜 bang 坑 keng 洼 wa 滩 tan 寨 zhai 堡 bu 店 dian 铺 pu 墩 dun""")


def _more(given: list[Name], first: list[Name], second: list[Name]) -> list[Name]:
    """The given names and then those put together from two syllables; none twice, in neither language."""
    written, spoken = {name.zh for name in given}, {name.en for name in given}
    every = list(given)
    # Diagonally, so that neighbours in the list do not begin alike.
    for i in range(len(first) * len(second)):
        a, b = first[i % len(first)], second[(i % len(first) + i // len(first)) % len(second)]
        if a.zh + b.zh not in written and a.en + b.en not in spoken:
            written.add(a.zh + b.zh)
            spoken.add(a.en + b.en)
            every.append(Name(a.zh + b.zh, a.en + b.en))
    return every


def list_street_names() -> list[Name]:
    """Names for the streets of cities of any size, the best known first."""
    return _more(STREETS, _FIRST, _SECOND)


def list_community_names(town: bool) -> list[Name]:
    """Names for the communities of a district with many of them, or for the villages of its towns."""
    return _more(HAMLETS, _FIRST_OF_HAMLETS, _SECOND_OF_HAMLETS) if town else _more(COMMUNITIES, _FIRST, _SECOND)


MAIN_ROADS = _table("""
    中环 Zhonghuan 二环 Erhuan 三环 Sanhuan 人民 Renmin 中山 Zhongshan 环城 Huancheng 延安 Yan'an 长江 Changjiang 澜江 Lanjiang
    迎宾 Yingbin 学院 Xueyuan 工业 Gongye 凤凰 Fenghuang 湖滨 Hubin 站前 Zhanqian 花园 Huayuan 东风 Dongfeng 北京 Beijing 上海 Shanghai
    黄山 Huangshan 庐山 Lushan 泰山 Taishan 天山 Tianshan 昆仑 Kunlun 珠江 Zhujiang 淮河 Huaihe 松江 Songjiang 闽江 Minjiang 赣江 Ganjiang
    湘江 Xiangjiang 汉江 Hanjiang 嘉陵 Jialing 渠江 Qujiang 桃花 Taohua 杏花 Xinghua 兴业 Xingye 创业 Chuangye 望海 Wanghai 金山 Jinshan
    银山 Yinshan""")


def list_main_road_names(count: int) -> list[Name]:
    """Names for so many stretches of main roads; some stretches share one."""
    if count <= 3 * len(MAIN_ROADS):
        return MAIN_ROADS * 3
    every = _more(MAIN_ROADS, _FIRST, _SECOND)
    return every * (count // len(every) + 1)


LEVEL_NAMES = {
    "city": {"zh": "市", "en": "City"},
    "district": {"zh": "区", "en": "District"},
    "street": {"zh": "街道（镇）", "en": "Street or town"},
    "community": {"zh": "社区（村）", "en": "Community or village"},
    "grid": {"zh": "网格", "en": "Grid cell"},
    "zone": {"zh": "功能区", "en": "Functional zone"},
}

_PHONE_PREFIXES = {4: "1990100", 6: "19901"}

_TITLES = {
    "city": Name("市网格中心主任", "Director, City Grid Centre"),
    "district": Name("区网格中心主任", "Director, District Grid Centre"),
    "street": Name("街道总网格长", "Head of Street Grids"),
    "town": Name("镇总网格长", "Head of Town Grids"),
    "community": Name("社区网格长", "Community Grid Head"),
    "village": Name("村网格长", "Village Grid Head"),
    "grid": Name("网格长", "Grid Head"),
    "zone": Name("功能区网格专员", "Zone Grid Officer"),
}

BODIES = {
    "city": Name("城市运行管理中心", "Urban Operations Centre"),
    "district": Name("网格化服务管理中心", "Grid Service Centre"),
    "street": Name("网格化服务管理中心", "Grid Service Centre"),
    "community": Name("居民委员会", "Residents' Committee"),
    "village": Name("村民委员会", "Villagers' Committee"),
    "zone": Name("管理委员会", "Administrative Committee"),
}


def _variant(level: str, name: Name) -> str:
    """Towns and villages have titles and bodies of their own."""
    if level == "street" and name.zh.endswith(TOWN.zh):
        return "town"
    return "village" if level == "community" and name.zh.endswith(VILLAGE.zh) else level


def make_phones(count: int, rng: np.random.Generator) -> list[str]:
    """So many telephone numbers, none twice."""
    digits = 4 if count <= 10_000 else 6
    return [make_phone(i, digits) for i in rng.permutation(10**digits)[:count].tolist()]


def make_phone(n: int, digits: int = 6) -> str:
    """A telephone number of the right form and with the demo city's own code inside: 199 0100 xxxx, or 199 01xx xxxx."""
    return f"{_PHONE_PREFIXES[digits]}{n:0{digits}d}"


def make_head_title(level: str, name: Name) -> Name:
    """What the head of an area is called."""
    return _TITLES[_variant(level, name)]


def make_responsible_body(level: str, name: Name) -> Name | None:
    """The body responsible for an area; a grid cell is its community's."""
    if level == "grid":
        return None
    variant = _variant(level, name)
    stem = Name(name.zh.removesuffix(VILLAGE.zh), name.en) if variant == "village" else name
    return stem.of(BODIES.get(variant, BODIES["street"]))


NOTES = [
    {
        "zh": "澜州市是按固定种子生成的虚构城市：地点、人员、电话与案件均为虚构。",
        "en": "This city is invented, and made from a fixed seed: places, people, telephone numbers and cases are fictitious.",
    },
    {"zh": "人口由虚构的人口登记逐人汇总。", "en": "Population is counted person by person from an invented register."},
]

SURNAMES = _table("""
    王 Wang 李 Li 张 Zhang 刘 Liu 陈 Chen 杨 Yang 黄 Huang 赵 Zhao 吴 Wu 周 Zhou 徐 Xu 孙 Sun 马 Ma 朱 Zhu 胡 Hu 郭 Guo 何 He 高 Gao
    林 Lin 罗 Luo 郑 Zheng 梁 Liang 谢 Xie 宋 Song 唐 Tang 许 Xu 韩 Han 冯 Feng 邓 Deng 曹 Cao 彭 Peng 曾 Zeng 萧 Xiao 田 Tian 董 Dong
    袁 Yuan 潘 Pan 于 Yu 蒋 Jiang 蔡 Cai 余 Yu 杜 Du 叶 Ye 程 Cheng 苏 Su 魏 Wei 吕 Lü 丁 Ding 任 Ren 沈 Shen 姚 Yao 卢 Lu""")

GIVEN = _table("""
    立群 Liqun 敏 Min 建国 Jianguo 志强 Zhiqiang 秀英 Xiuying 丽华 Lihua 海燕 Haiyan 晓东 Xiaodong 文博 Wenbo 雪梅 Xuemei 春生 Chunsheng
    国平 Guoping 桂芳 Guifang 永康 Yongkang 玉兰 Yulan 明辉 Minghui 红霞 Hongxia 振华 Zhenhua 佳怡 Jiayi 子轩 Zixuan 雅琴 Yaqin 少华 Shaohua
    长林 Changlin 慧 Hui 静怡 Jingyi 浩然 Haoran 庆云 Qingyun 金凤 Jinfeng 启明 Qiming 淑贞 Shuzhen 卫东 Weidong 晓燕 Xiaoyan 俊杰 Junjie
    爱民 Aimin 思远 Siyuan 丹 Dan 昌盛 Changsheng 美玲 Meiling 德胜 Desheng 宏伟 Hongwei 凯 Kai 诗涵 Shihan 宁 Ning 月娥 Yue'e 克勤 Keqin
    巧云 Qiaoyun 兆丰 Zhaofeng 瑞芳 Ruifang 书恒 Shuheng 莉 Li 益民 Yimin 佩珍 Peizhen 天佑 Tianyou 若兰 Ruolan 伯涛 Botao 彩霞 Caixia""")
