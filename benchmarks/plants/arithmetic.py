"""Clean arithmetic, thousands of sentences of it: whatever adds up must be left alone."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from random import Random

CHECKS = ("N01", "N02", "N23")
IN_ONE = 40  # sentences of one document: on lines of their own, each about another village
THINGS = (
    ("清理垃圾", "吨", ("生活垃圾", "建筑垃圾", "陈年垃圾", "秸秆")),
    ("发放资料", "份", ("手册", "折页", "传单", "倡议书")),
    ("检查门店", "家", ("餐馆", "食堂", "超市", "旅馆")),
    ("栽植苗木", "株", ("桂花", "香樟", "红枫", "紫薇")),
    ("投入资金", "万元", ("改厕", "保洁", "绿化", "消杀")),
    ("拆除建筑", "处", ("圈舍", "旱厕", "棚屋", "围墙")),
    ("培训人员", "人", ("保洁员", "村干部", "厨师", "网格员")),
    ("疏通沟渠", "公里", ("支渠", "边沟", "斗渠", "暗沟")),
)
RATES = (
    ("交办问题", "件", "办结", "办结率"),
    ("下达任务", "户", "完成", "完成率"),
    ("抽检样品", "份", "合格", "合格率"),
    ("应签约商户", "户", "已签约", "签约率"),
    ("发放问卷", "份", "收回", "回收率"),
    ("排查隐患", "处", "整改", "整改率"),
)
CLOSURES = (("排查问题", "已整改", "正在整改"), ("发现隐患", "整改完成", "剩余"), ("受理投诉", "办结", "正在办理"))


def sentences(wanted: int, seed: str = "clean") -> list[str]:
    """Sentences with sums, ratios and closures that hold, in many forms and units, some to a decimal."""
    random = Random(seed)
    return [FORMS[number % len(FORMS)](random) for number in range(wanted)]


def report(lines: list[str]) -> str:
    """A document of such sentences."""
    return "松渡镇2022年工作情况清单\n一、开展情况\n" + "\n".join(lines) + "\n"


def _parts(random: Random, most: int = 4) -> tuple[str, str, list[tuple[str, Decimal]], Decimal]:
    verb, unit, names = random.choice(THINGS)
    count = random.randrange(2, most + 1)
    decimal = unit in ("万元", "公里", "吨") and random.random() < 0.6
    values = [
        Decimal(random.randrange(11, 9900)) / 10 if decimal else Decimal(random.randrange(2, 900)) for _ in range(count)
    ]
    return verb, unit, list(zip(random.sample(names, count), values, strict=True)), sum(values, Decimal(0))


def _said(parts: list[tuple[str, Decimal]], unit: str, random: Random) -> str:
    between = random.choice("、，")
    return between.join(f"{name}{value}{unit}" for name, value in parts)


def _total_first(random: Random) -> str:
    verb, unit, parts, total = _parts(random)
    lead = random.choice(("共", "全年共", "累计", "合计", "全年累计"))
    return f"{_village(random)}{lead}{verb}{total}{unit}，其中{_said(parts, unit, random)}。"


def _total_last(random: Random) -> str:
    verb, unit, parts, total = _parts(random)
    lead = random.choice(("共计", "合计", "共"))
    return f"{_village(random)}{verb}：{_said(parts, unit, random)}，{lead}{total}{unit}。"


def _bracketed(random: Random) -> str:
    verb, unit, parts, total = _parts(random)
    return f"{_village(random)}共{verb}{total}{unit}（{_said(parts, unit, random)}）。"


def _partial(random: Random) -> str:
    verb, unit, parts, total = _parts(random)
    return f"{_village(random)}共{verb}{total + _rest(total, random)}{unit}，其中{_said(parts, unit, random)}。"


def _open(random: Random) -> str:
    verb, unit, parts, total = _parts(random)
    return f"{_village(random)}{verb}{total + _rest(total, random)}{unit}，包括{_said(parts, unit, random)}等。"


def _rest(total: Decimal, random: Random) -> int:
    """What a partial listing leaves out: at least an eighth, so that it is no slip."""
    return int(total) * random.randrange(13, 80) // 100 + 2


def _respectively(random: Random) -> str:
    verb, unit, parts, total = _parts(random, 3)
    names = "、".join(name for name, _ in parts)
    values = "、".join(f"{value}{unit}" for _, value in parts)
    return f"{_village(random)}{verb}，{names}分别为{values}，合计{total}{unit}。"


def _halves(random: Random) -> str:
    verb, unit, parts, total = _parts(random, 2)
    first, second = parts[0][1], parts[1][1]
    return f"{_village(random)}上半年{verb}{first}{unit}，下半年{second}{unit}，全年{total}{unit}。"


def _about(random: Random) -> str:
    verb, unit, parts, total = _parts(random)
    rounded = total // 10 * 10
    if rounded == 0 or rounded == total:
        return _total_first(random)
    return f"{_village(random)}共{verb}{rounded}余{unit}，其中{_said(parts, unit, random)}。"


def _rate(random: Random) -> str:
    given, unit, done, rate = random.choice(RATES)
    whole = random.randrange(20, 2000)
    part = random.randrange(whole // 2, whole + 1)
    digits = random.randrange(0, 3)
    percent = (Decimal(100 * part) / whole).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    rate += random.choice(("", "为", "达"))
    return f"{_village(random)}{given}{whole}{unit}，{done}{part}{unit}，{rate}{percent}%。"


def _growth(random: Random) -> str:
    verb, unit, _ = random.choice(THINGS)
    old = random.randrange(100, 900)
    new = old + random.randrange(1, old // 4 + 1)
    percent = (Decimal(100 * (new - old)) / old).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return f"{_village(random)}{verb}{new}{unit}，上年为{old}{unit}，增长{percent}%。"


def _closure(random: Random) -> str:
    fixed, pending = random.randrange(5, 900), random.randrange(1, 90)
    found, fix, left = random.choice(CLOSURES)
    return f"{_village(random)}{found}{fixed + pending}件，{fix}{fixed}件，{left}{pending}件。"


def _unrelated(random: Random) -> str:
    a, b, c = (random.randrange(5, 900) for _ in range(3))
    return f"{_village(random)}共召开会议{a}次，印发通报{b}期，清理垃圾{c}吨，参与群众{a * 3 + c}人次。"


def _village(random: Random) -> str:
    return random.choice("东西南北上中下") + random.choice("岭洼坪塘湾冲岗埠") + "村"


FORMS = (
    _total_first, _total_last, _bracketed, _partial, _open, _respectively, _halves, _about, _rate, _rate, _growth,
    _closure, _unrelated,
)  # fmt: skip
