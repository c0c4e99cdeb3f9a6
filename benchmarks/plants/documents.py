"""Faults of a whole document: chunk markers, missing or thin sections, headings that break or mislead."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from random import Random

from benchmarks.plants.bases import CORPUS, HEADINGS, STYLES, Base, corpus, invent, place_name
from benchmarks.plants.cases import EACH, Case, Paper

REPLACED = (  # what is replaced all through a text, by what, and a sentence in which the replacement shows
    ("镇", "乡", "集镇、镇区主街和城乡接合部一并纳入清扫范围，乡镇两级干部分片包干。"),
    ("镇", "街道", "集镇环境明显好转，镇区主街落实“门前三包”，乡镇干部带头清扫。"),
    ("村", "社区", "各村修订村规民约，村民自己动手清扫村庄，自然村都有了保洁员。"),
    ("乡", "镇", "把爱国卫生融入乡村振兴，乡风文明有了新气象，乡亲们参与的劲头很足。"),
    ("市", "县", "加大农贸市场监管力度，菜市场摊位归行划市，超市、夜市分片包干。"),
    ("区", "县", "为老旧小区居民清理楼道，社区卫生服务站入户随访，社区书记带头。"),
)
NATURAL = (  # sentences in which such words stand rightly
    "集镇、镇区主街纳入清扫范围，乡镇两级干部分片包干。", "各村修订村规民约，村民动手清扫村庄，自然村都有保洁员。",
    "收集乡村医生和社区民警的意见，筹集乡贤捐款，改善乡风民风。", "城乡结合部、农贸市场和社区居民小区都有专人盯守。",
    "到邻近的{other}学习了垃圾分类经验，又与{other}政府商定交界河段的保洁办法。",
    "乡村振兴局帮助改善人居环境，社区民政专干参与评比。",
)
BROKEN = "一二三四五六七八九十"
BULLETIN = (
    "<place>爱国卫生工作简报（第{n}期）\n{month}日，镇里组织机关干部到河堤义务清扫，清理垃圾{a}车、杂草{b}处，沿线环境得到改善。"
    "参加活动的干部群众{c}人。活动中还向过往行人发放资料{d}份。"
)
FORTUNE = {  # what may be wrong in a place, what is said of it, and what would be done about it
    "water": ("集镇排水管网老旧，逢雨积水的路段有{n}处", "更换集镇老旧排水管网，消除积水路段"),
    "animals": ("散养畜禽没有圈养的农户还有{n}户，粪污随处可见", "引导散养农户建圈，集中处理畜禽粪污"),
    "money": ("管护经费缺口{n}万元，保洁工资拖欠", "足额预算管护经费，按月兑付保洁工资"),
    "toilets": ("尚有{n}户旱厕没有改造", "分批改造剩余旱厕，完善户厕管护"),
    "sorting": ("垃圾分类知晓的农户不足{n}成，混投普遍", "推行垃圾分类积分，设置分类投放点"),
    "smoking": ("公共场所控烟不力，{n}处网吧仍有人吸烟", "加强公共场所控烟巡查，张贴禁烟标识"),
}
PROBLEMS = ("短板与差距", "尚需改进之处", "困难与挑战", "主要不足")
PLANS = ("今后努力方向", "来年设想", "明年工作安排", "下一阶段工作思路")
VAGUE = (
    "工作机制还不够完善。", "与上级要求相比还有一定差距，需要进一步加强。", "个别工作还不够细致。",
    "创新意识有待进一步增强。", "宣传深度还需加强。",
)  # fmt: skip
OTHER_STYLES = ("第{han}部分　{title}\n", "{number}、{title}\n", "——{title}。", "第{han}，{title}。", "【{title}】")
STEPS = (
    "摸清底数并登记造册", "划定责任区落实到人", "清出的垃圾当天运走", "请群众代表到场监督", "整治前后拍照对比存档",
    "邀请老党员讲村规", "修补破损的沟坎路沿", "补种花草树木", "年底一并验收考核",
)  # fmt: skip
MISLEADING = {  # part → headings of quite another topic
    "remediation": ("加强健康教育，普及防病知识", "强化组织领导，落实工作责任", "严格督查考核，兑现奖惩"),
    "publicity": ("改造户厕，完善基础设施", "清理垃圾，整治村庄环境", "投放药饵，防制病媒生物"),
    "services": ("整治占道经营，规范市场秩序", "硬化村道，安装路灯"),
}
WIDE = {  # headings of wide meaning, or in figures of speech
    "remediation": ("擂响清洁战鼓", "实施“净美”行动", "人居环境焕新颜"),
    "publicity": ("春风化雨润人心", "全民动员齐上阵", "广泛宣传，营造氛围"),
    "services": ("民生实事暖人心", "用心服务，守护健康"),
}


def documents(check: str, plant: bool) -> Iterator[Case]:
    """Cases of a check on whole documents."""
    for number in range(EACH):
        random = Random(f"{check} {plant} {number}")
        name, marked, frame = MAKERS[check](random, plant, number)
        yield Case(check, plant, (Paper(name, marked),), frame)


Made = tuple[str, str, str]  # name, marked text, and how it was made


def _invented(random: Random, **how: object) -> Base:
    return invent(random, place_name(random.randrange(300)), random.randrange(2019, 2025), **how)  # type: ignore[arg-type]


def _markers(random: Random, plant: bool, number: int) -> Made:
    """T10. Markers of a preview stand at constant gaps, wherever they fall; those of a list stand before its items."""
    if plant:
        clean = [base for base in corpus() if not re.search(r"(?m)^\s*\d{1,2}\s?[、.．]", base.text)]
        base = random.choice(clean)
        gap = random.randrange(240, 420)
        start = base.title[0]
        pieces = [base.text[at : at + gap] for at in range(start, len(base.text), gap)]
        text = "\n".join(f"⟦{n}、⟧{piece}" for n, piece in enumerate(pieces, 1))
        return base.name, base.text[:start] + text, f"markers at gaps of {gap}"
    items = [
        [f"清理第{n}片区垃圾{random.randrange(20, 90)}吨，复查{random.randrange(20, 90)}处。" for n in range(1, 6)],
        ["加强领导", "落实经费", "强化宣传", "集中整治", "严格督查"],
        [f"{what}{random.randrange(11, 90)}处；" for what in ("清路边", "清河道", "清集镇", "清院落")],
        [f"整治{what}，由所在村负责，" + "、".join(random.sample(STEPS, random.randrange(4, len(STEPS))))
         for what in ("主街", "河堤", "市场", "校园")],
    ]  # fmt: skip
    base = _invented(random, style=STYLES[0])
    lines = "\n".join(f"{n}、{item}" for n, item in enumerate(items[number % 4], 1))
    at = random.choice([spot for label in ("leadership", "remediation") for spot in base.spots[label][-1:]])
    return base.name, f"{base.text[:at]}\n⟦{lines}⟧\n{base.text[at:]}", f"a list of {len(items[number % 4])} items"


def _missing(random: Random, plant: bool, number: int) -> Made:
    """F01. A report without problems or without plans; not one that names or places them in another way."""
    if plant:
        lost = (("problems",), ("plan",), ("problems", "plan"))[number % 3]
        if number % 2:
            parts = tuple(part for part in HEADINGS if part not in lost)
            return (base := _invented(random, parts=parts)).name, base.text, f"invented, without {lost}"
        base = random.choice([base for base in corpus() if {"problems", "plan"} <= set(base.spots)])
        return base.name, _without(base, lost), f"without {lost}"
    kind = number % 5
    if kind == 0:
        titles = {"problems": random.choice(PROBLEMS), "plan": random.choice(PLANS)}
        return (base := _invented(random, titles=titles)).name, base.text, f"headed {titles}"
    if kind == 1:
        body = (
            "尽管取得了一些成绩，但仍存在不少问题：边远村收运不及时的有<3..9>处，经费缺口<11..60>万元。"
            "下一步，我们将更换管网<2..9>公里，落实管护经费，力争明年实现收运全覆盖。"
        )
        titles = {"plan": random.choice(("问题与打算", "存在问题及下步措施", "不足和努力方向"))}
        parts = tuple(part for part in HEADINGS if part != "problems")
        base = _invented(random, parts=parts, titles=titles, bodies={"plan": body})
        return base.name, base.text, "both in one section"
    if kind == 2:
        n, a, b, c, d = (str(random.randrange(11, 90)) for _ in range(5))
        said = BULLETIN.format(n=n, month=f"{random.randrange(3, 12)}月{random.randrange(1, 28)}", a=a, b=b, c=c, d=d)
        return f"简报{number}", said.replace("<place>", place_name(random.randrange(300))), "a bulletin"
    if kind == 3:
        base = _invented(random, parts=tuple(HEADINGS)[:5])
        cut = base.text.rstrip("\n")[: -random.randrange(12, 25)]
        return base.name, cut + "\n您已浏览部分内容，剩余38%开通会员后可继续阅读\n", "a preview cut short"
    base = random.choice([base for base in corpus() if base.spots.get("problems") and base.spots.get("plan")])
    return f"{base.name}{number}", f"{base.text}\n（送阅稿第{number}稿）", "untouched"


def _without(base: Base, lost: tuple[str, ...]) -> str:
    parts = json.loads((CORPUS / "gold" / f"{base.name}.sections.json").read_text("utf-8"))
    labels = {"next_steps" if label == "plan" else label for label in lost}
    kept, done = [], 0
    for part in parts:
        if part["label"] in labels:
            kept.append(base.text[done : part["start"]])
            done = part["end"]
    return "".join([*kept, base.text[done:]])


def _thin(random: Random, plant: bool, number: int) -> Made:
    """F02. Problems in one vague sentence; not a section that names them."""
    if plant:
        said = random.choice(VAGUE)
        return (base := _invented(random, bodies={"problems": said})).name, base.text, said
    if number % 2:
        base = random.choice([base for base in corpus() if len(base.spots.get("problems", ())) > 0])
        return f"{base.name}{number}", f"{base.text}\n（送阅稿第{number}稿）", "untouched"
    return (base := _invented(random)).name, base.text, "invented, with problems and figures"


def _misleading(random: Random, plant: bool, number: int) -> Made:
    """F03. A section headed by another topic; not one whose heading has a wide meaning."""
    table = MISLEADING if plant else WIDE
    part = list(table)[number % len(table)]
    title = random.choice(table[part])
    base = _invented(random, titles={part: title}, style=STYLES[number % 3])
    at = base.text.index(title)
    end = base.text.index("\n", base.spots[part][-1] - 1)
    return base.name, f"{base.text[:at]}⟦{base.text[at:end]}⟧{base.text[end:]}", f"{part}: {title}"


def _unanswered(random: Random, plant: bool, number: int) -> Made:
    """F07. A problem that no measure of the plan answers; not one answered in other words or by a general measure."""
    topics = random.sample(list(FORTUNE), 4)
    told, unanswered = topics[:3], random.randrange(3)
    problems = "".join(
        f"{BROKEN[at]}是{'⟦' * (at == unanswered)}{FORTUNE[topic][0].format(n=random.randrange(3, 9))}"
        f"{'⟧' * (at == unanswered)}{'；' if at < 2 else '。'}"
        for at, topic in enumerate(told)
    )
    answered = [topic for at, topic in enumerate(told) if not plant or at != unanswered] + topics[3:] * plant
    random.shuffle(answered)
    general = not plant and number % 3 == 0
    plan = "针对上述问题，逐条列出清单，明确责任人和时限，逐项整改销号，年底前全部解决。" if general else "".join(
        f"{BROKEN[at]}是{FORTUNE[topic][1]}；" for at, topic in enumerate(answered)
    )  # fmt: skip
    base = _invented(random, bodies={"problems": problems, "plan": plan.rstrip("；。") + "。"})
    return base.name, base.text, f"problems {told}, measures {'general' if general else answered}"


def _broken(random: Random, plant: bool, number: int) -> Made:
    """F11. Markers lose their stop, change their kind or begin again; not another style that is kept throughout."""
    if not plant:
        style = (*STYLES, *OTHER_STYLES)[number % len(STYLES + OTHER_STYLES)]
        return (base := _invented(random, style=style)).name, base.text, style
    base = _invented(random, style=STYLES[0])
    heads = list(re.finditer(r"(?m)^([一二三四五六七八])、", base.text))
    kind, turn = number % 4, random.randrange(2, 5)
    text = base.text
    for at, head in reversed(list(enumerate(heads))):
        marker = head[0]
        if kind == 0:
            marker = head[1]
        elif kind == 1 and at == turn:
            marker = random.choice((f"（{head[1]}）", f"{at + 1}.", f"（{at + 1}）"))
        elif kind == 2 and at >= turn:
            marker = BROKEN[at - turn] + "、"
        elif kind == 3 and at >= turn:
            marker = random.choice((f"{head[1]} ", head[1]))
        text = text[: head.start()] + marker + text[head.end() :]
    return base.name, text, ("stops lost", "another kind in between", "begins again", "stops lost half way")[kind]


def _replaced(random: Random, plant: bool, number: int) -> Made:
    """T06. A rank or name replaced all through a report, or in part; not one in which such words stand rightly."""
    index = random.randrange(300)
    base, other = invent(random, place_name(index), random.randrange(2019, 2025)), place_name((index + 37) % 300)
    at = random.choice([spot for label in ("remediation", "publicity") for spot in base.spots[label]])
    if not plant:
        said = NATURAL[number % len(NATURAL)].format(other=other)
        if number % 7 == 6:
            said = f"区划调整前，原{base.place[:2]}{'乡' if base.place[-1] != '乡' else '镇'}的收运设施一并移交。"
        if number % 7 == 5:
            return (whole := random.choice(corpus())).name, f"{whole.text}\n（第{number}稿）", "untouched"
        return base.name, f"{base.text[:at]}⟦{said}⟧{base.text[at:]}", said
    kind = number % 8
    if kind < len(REPLACED):
        old, new, said = REPLACED[kind]
        text = (base.text[:at] + said + base.text[at:]).replace(old, new)
        return base.name.replace(old, new), text, f"{old} replaced by {new}"
    if kind == 6:
        wrong = base.place[:2] + random.choice([r for r in ("镇", "乡", "街道") if not base.place.endswith(r)])
        said = random.choice(("⟦{}⟧党委把整治列入日程。", "在⟦{}⟧全域推行门前三包。",
                              "⟦{}⟧干部群众一齐动手。"))
        said = said.format(wrong)
        return base.name, base.text[:at] + said + base.text[at:], f"{base.place} and {wrong}"
    said = random.choice(("⟦{}⟧下辖9个村，沟渠密布。", "⟦{}⟧位于县城以北，山多地少。",
                          "⟦{}⟧地处河谷，人口稠密。"))
    said = said.format(other)
    return base.name, base.text[: base.spots["leadership"][0]] + said + base.text[base.spots["leadership"][0] :], said


def _traces(random: Random, plant: bool, number: int) -> Made:
    """F12. Work told by meetings, papers and inspections; not by what it brought as well."""
    traces = ["召开专题会议{}次。", "印发文件{}份。", "开展督查{}次。", "下发整改通知书{}份。", "举办培训班{}期。",
              "印发通报{}期。", "悬挂横幅{}条。", "发放宣传资料{}份。"]  # fmt: skip
    results = ["改造户厕{}户。", "清理垃圾{}吨。", "安装路灯{}盏。", "新建公厕{}座。", "疏通沟渠{}公里。",
               "栽植树木{}株。", "拆除违建{}处。", "配备保洁员{}名。", "整治卫生死角{}处。"]  # fmt: skip
    traces, results = ([said.format(random.randrange(3, 60)) for said in frames] for frames in (traces, results))
    random.shuffle(traces)
    told = traces[:7]
    bodies = {"leadership": "".join(told[:3]), "publicity": "".join(told[3:5]), "supervision": "".join(told[5:]),
              "remediation": "村容村貌有了改善。" if plant else "".join(results), "services": "群众健康意识有所提高。",
              "problems": "环境反弹的地方仍有不少。", "plan": "继续抓好长效管理。"}  # fmt: skip
    base = _invented(random, bodies=bodies, parts=tuple(bodies))
    return base.name, base.text, "traces alone" if plant else "traces and results"


MAKERS = {
    "T10": _markers, "F01": _missing, "F02": _thin, "F03": _misleading, "F07": _unanswered, "F11": _broken,
    "F12": _traces, "T06": _replaced,
}  # fmt: skip
