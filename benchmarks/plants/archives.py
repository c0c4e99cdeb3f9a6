"""Faults that show only beside other reports: reuse, figures that return, promises, shrinking denominators."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import cache
from itertools import islice, pairwise
from random import Random

from benchmarks.plants.bases import STYLES, WORK, Base, corpus, invent, place_name
from benchmarks.plants.cases import EACH, Case, Paper, in_script, traditional
from benchmarks.plants.grammar import Values
from pipeline.audit.base import settings

OFFICIAL = (  # phrases of the kind that every report of an archive shares
    "牢固树立以人民健康为中心的发展理念，坚持政府主导、部门协作、社会动员、全民参与的工作方针，扎实推进各项任务落地见效。",
    "认真落实上级关于新时期爱国卫生运动的决策部署，把改善人居环境作为践行为民宗旨的具体行动，层层传导压力、级级压实责任。",
    "按照属地管理、分级负责、条块结合、以块为主的要求，形成一级抓一级、层层抓落实的工作格局，做到事事有人管、件件有着落。",
    "坚持问题导向、目标导向、结果导向相统一，聚焦短板弱项持续发力，推动爱国卫生工作由突击整治向常态长效管理转变。",
)
PROMISES = {  # what is promised and reported: the words, a range, and how far a result falls short
    "改造户厕{}户": (310, 690, 120), "安装路灯{}盏": (110, 390, 60), "栽植树木{}株": (2100, 5900, 900),
    "新购垃圾桶{}个": (310, 790, 150), "新建公厕{}座": (8, 15, 4), "硬化道路{}公里": (9, 19, 4),
    "举办健康讲座{}场": (21, 39, 9), "悬挂横幅{}条": (110, 190, 40),
}  # fmt: skip
PROFILE = ("v", "hh", "pop")
ORDINARY, OPENING = 22, 900  # reports beside a stuffed one, and how much of each
STOCK = (*PROFILE, "cleaner", "staff")


def archives(check: str, plant: bool) -> Iterator[Case]:
    """Cases of a check on an archive. Papers of the same name and text are the same document."""
    for number in range(EACH):
        random = Random(f"{check} {plant} {number}")
        papers, frame = MAKERS[check](random, plant, number)
        yield Case(check, plant, papers, frame, BESIDE.get(check, tuple)())


Made = tuple[tuple[Paper, ...], str]


def _place(number: int, plant: bool, second: bool = False) -> str:
    return place_name(number + EACH * (not plant) + 2 * EACH * second)


def _years(random: Random, plant: bool, number: int) -> Made:
    """N14. Two years of a place with the same figures; not with the same stock and new flows."""
    place, year = _place(number, plant), random.randrange(2019, 2023)
    first = invent(random, place, year)
    kept = set(first.values) - {"place", "year"}
    if plant:
        kept -= set(random.sample(sorted(kept), len(kept) // 6))
    else:
        kept &= set(STOCK)
    known: Values = {name: first.values[name] for name in sorted(kept)}
    second = invent(Random(f"{place} {plant}"), place, year + 1, known, style=random.choice(STYLES))
    same = sum(first.values.get(name) == value for name, value in second.values.items())
    frame = f"{same} of {len(second.values) - 1} figures the same"
    return tuple(Paper(base.name, base.text) for base in (first, second)), frame


def _places(random: Random, plant: bool, number: int) -> Made:
    """N15. Two places with the same figures in the same words; not with the same quota, or only the same words."""
    one, other, year = _place(number, plant), _place(number, plant, second=True), random.randrange(2019, 2024)
    seed = random.random()
    first = invent(Random(seed), one, year)
    flows = sorted(set(first.values) - {*PROFILE, "place", "year"})
    shared = random.sample(flows, len(flows) * random.choice((6, 8, 10)) // 10) if plant else []
    second = invent(Random(seed if plant or number % 2 else -seed), other, year,
                    {**{name: Decimal(random.randrange(1200, 9700)) for name in ("hh",)},
                     **{name: _changed(first.values[name], random) for name in flows if name not in shared},
                     **{name: first.values[name] for name in shared}})  # fmt: skip
    texts = [first.text, second.text]
    if not plant and number % 3 == 0:
        quota = random.randrange(200, 500, 50)
        texts = [_inserted(base, f"县里给各乡镇统一下达改厕任务{quota}户。", random) for base in (first, second)]
    papers = tuple(Paper(base.name, text) for base, text in zip((first, second), texts, strict=True))
    return papers, f"{len(shared)} of {len(flows)} figures shared"


def _changed(value: Decimal | str, random: Random) -> Decimal:
    return Decimal(int(Decimal(value) * random.randrange(60, 150) // 100) + random.choice((-3, -2, 2, 3)))


def _denominators(random: Random, plant: bool, number: int) -> Made:
    """N12. A rate over fewer households than the same year's report has; not over residents, a part, or as many."""
    place, year = _place(number, plant), random.randrange(2019, 2024)
    first = invent(random, place, year)
    households, people = int(Decimal(first.values["hh"])), int(Decimal(first.values["pop"]))
    fewer = households * random.randrange(55, 80) // 100
    residents = people * random.randrange(55, 80) // 100
    said = random.choice(
        (f"⟦全镇总户数{fewer}户⟧，卫生厕所普及率达96.{number % 10}%。",
         f"⟦全镇共有农户{fewer}户⟧，已改厕{fewer * 95 // 100}户，卫生厕所普及率95%。",
         f"⟦全镇总人口{residents}人⟧，自来水普及率达98.{number % 10}%。")
        if plant else
        (f"⟦全镇常住人口{residents}人⟧，自来水普及率达98.{number % 10}%。",
         f"⟦集镇现有居民{fewer // 5}户⟧，污水收集率达9{number % 10}%。",
         f"⟦全镇总户数{households}户⟧，卫生厕所普及率达9{number % 10}%。",
         f"⟦区划调整、合村并居后，全镇总户数为{fewer}户⟧，卫生厕所普及率达9{number % 10}%。",
         f"⟦改厕任务{fewer}户⟧，已完成{fewer * 95 // 100}户，完成率95%。")
    )  # fmt: skip
    if number % 2:
        return (Paper(first.name, _inserted(first, said, random)),), said
    parts = ("leadership", "remediation", "problems", "plan")
    second = invent(random, place, year, {name: first.values[name] for name in PROFILE}, parts)
    name = f"{place}{year}年人居环境整治汇报"
    return (Paper(first.name, first.text), Paper(name, _inserted(second, said, random))), said


def _promises(random: Random, plant: bool, number: int) -> Made:
    """F08. A promise of last year that this year's result misses; not one that is kept, or of something else."""
    place, year = _place(number, plant), random.randrange(2019, 2023)
    what = list(PROMISES)[number % len(PROMISES)]
    low, high, short = PROMISES[what]
    promised = random.randrange(low, high)
    reached = promised - short if plant else promised + (number // len(PROMISES) % 3) * (short // 3)
    lead = random.choice((f"{year + 1}年计划", "明年计划", "来年力争", f"{year + 1}年，", "下一年度拟"))
    telling = random.choice(("全年", f"{year + 1}年", "一年来，", "当年"))
    names = {"户厕": "toilet", "路灯": "lamp", "树木": "tree", "桶": "bin", "讲座": "lecture", "横幅": "banner"}
    hidden = [name for word, name in names.items() if word in what]
    first = _silent(random, place, year, hidden)
    second = _silent(random, place, year + 1, hidden)
    papers = (Paper(first.name, _inserted(first, f"{lead}⟦{what.format(promised)}⟧。", random, "plan")),
              Paper(second.name, _inserted(second, f"{telling}⟦{what.format(reached)}⟧。", random)))  # fmt: skip
    return papers, f"{what}: promised {promised}, reached {reached}"


def _silent(random: Random, place: str, year: int, hidden: list[str]) -> Base:
    """An invented report that states none of the hidden figures."""
    while True:
        base = invent(random, place, year)
        if not set(hidden) & set(base.values):
            return base
        bodies = {"remediation": "开展村庄清洁行动，清理垃圾<garbage=420..3900>吨，清除卫生死角<corner=61..480>处。",
                  "publicity": "走村串户讲政策，印发倡议书<letter=3120..9870/10>份。"}  # fmt: skip
        return invent(random, place, year, bodies=bodies)


def _inserted(base: Base, said: str, random: Random, part: str = "") -> str:
    labels = [part] if part else [label for label in WORK if base.spots.get(label)]
    at = random.choice([spot for label in labels for spot in base.spots[label]])
    return base.text[:at] + said + base.text[at:]


# Reuse


def _copies(random: Random, plant: bool, number: int) -> Made:
    """F04. A report of the corpus under another name, revised; not half of it, or an excerpt beside text of its own."""
    bases = corpus()
    if plant:
        base = bases[number % 22]
        return (Paper(base.name, base.text), Paper(f"抄{number}", _revised(base, random))), f"copy of {base.name}"
    if number < len(bases) - 22:
        base = bases[22 + number]
        return (Paper(base.name, base.text),), "an original without copy"
    base, other = bases[number % 22], bases[22 + number % (len(bases) - 22)]
    half, rest = base.text[base.title[1] : len(base.text) * 2 // 5], other.text[len(other.text) * 3 // 5 :]
    if number % 2:
        return (Paper(f"拼{number}", f"{place_name(number)}2021年工作汇报{half}\n{rest}"),), "two reports in halves"
    own = invent(random, place_name(number), 2021)
    return (Paper(f"引{number}", own.text + base.text[base.title[1] :][:300] + "\n"),), "its own, with an excerpt"


def _revised(base: Base, random: Random) -> str:
    """A copy: the place renamed, the year moved, some figures and a few sentences changed, sometimes a shell."""
    text = re.sub(r"[ \u3000]", "", base.text)
    if base.place:
        text = text.replace(base.place, other := place_name(random.randrange(300))).replace(base.place[:-1], other[:-1])
    if base.year:
        text = text.replace(str(base.year), str(base.year + random.choice((-1, 1))))

    def moved(match: re.Match[str]) -> str:
        return match[0] if random.random() < 0.75 else str(int(match[0]) + random.randrange(1, 9))

    text = re.sub(r"(?<![\d.〔年])\d{2,3}(?![\d.年月日%])", moved, text)
    sentences = re.split("(?<=。)", text)
    text = "".join(sentence for sentence in sentences if random.random() > 0.04)
    if random.random() < 0.3:
        text = f"首页 范文大全 工作总结 会员登录\n{text}\n本文由网友上传分享，仅供参考。"
    return traditional().convert(text) if random.random() < 0.2 else text


def _passages(random: Random, plant: bool, number: int) -> Made:
    """F05. A passage of another report of the archive; not an official phrase that many share, nor a few words."""
    texts, marks = _quilt()
    host, said = marks[plant][number]
    base = corpus()[host]
    marked = texts[host].replace(said, f"⟦{said}⟧", 1)
    return (Paper(base.name, marked),), said


def _set_phrases(random: Random, plant: bool, number: int) -> Made:
    """F10. A report stuffed with set phrases; not one with a couple of them, or with none."""
    base = _silent(random, place_name(number + EACH * (not plant)), random.randrange(2019, 2025), [])
    known: list[str] = settings()["F05"].options["phrases"]
    wanted = [*OFFICIAL, *random.sample(known, 14)] if plant else random.sample(OFFICIAL, number % 3)
    text = base.text
    for phrase in wanted:
        said = phrase if phrase.endswith("。") else f"{phrase}。"
        at = random.choice([match.end() for match in re.finditer("。(?=.)", text)])
        text = text[:at] + said + text[at:]
    return (Paper(base.name, text),), f"{len(wanted)} set phrases"


@cache
def _quilted() -> tuple[Paper, ...]:
    return tuple(Paper(base.name, text) for base, text in zip(corpus(), _quilt()[0], strict=True))


@cache
def _ordinary() -> tuple[Paper, ...]:
    """The openings of the townships' reports of the corpus; each of the official phrases stands in some of them."""
    towns = [base for base in corpus() if base.place.endswith(("镇", "乡", "街道")) and not base.traditional]
    shared = "".join(OFFICIAL)
    return tuple(
        Paper(base.name, f"{base.text[:OPENING]}\n{shared if number % 3 == 0 else ''}\n")
        for number, base in enumerate(towns[:ORDINARY])
    )


@cache
def _quilt() -> tuple[list[str], dict[bool, list[tuple[int, str]]]]:
    """The corpus with passages of each report sewn into others, official phrases into many, and scraps: the texts, and
    (host, passage) of the plants and of the look-alikes."""
    random = Random("quilt")
    bases = corpus()
    texts = [base.text for base in bases]
    marks: dict[bool, list[tuple[int, str]]] = {True: [], False: []}
    pool = [(at, run) for at, base in enumerate(bases) for run in _runs(base)]
    random.shuffle(pool)
    for number, (source, run) in enumerate(islice(pool, EACH)):
        host = (source + 1 + random.randrange(len(bases) - 1)) % len(bases)
        place, other = bases[source].place, bases[host].place
        said = run.replace(place, other) if place and other else run
        marks[True].append((host, in_script(said, bases[host])))
        _sew(texts, bases, host, marks[True][-1][1], random)
        if number < EACH // 2:
            scrap = random.choice(re.findall("[^，。；：“”]{6,12}(?=，)", run) or ["干群同心"])
            marks[False].append((host, in_script(f"干部群众普遍反映，{scrap}，今后还要坚持下去。", bases[host])))
            _sew(texts, bases, host, marks[False][-1][1], random)
    hosts = [at for at in range(len(bases)) if not bases[at].traditional]
    for number in range(EACH - len(marks[False])):
        host = hosts[number % len(hosts)]
        phrase = OFFICIAL[number % len(OFFICIAL)]
        if phrase not in texts[host]:
            _sew(texts, bases, host, phrase, random)
        marks[False].append((host, phrase))
    return texts, marks


def _sew(texts: list[str], bases: tuple[Base, ...], host: int, said: str, random: Random) -> None:
    spots = [spot for label in WORK for spot in bases[host].spots.get(label, ())]
    text = bases[host].text
    for spot in random.sample(spots, len(spots)):
        following = text[spot : spot + 20]
        if following and texts[host].count(following) == 1:
            at = texts[host].index(following)
            texts[host] = texts[host][:at] + said + texts[host][at:]
            return
    raise ValueError(f"{bases[host].name}: no place left to sew into")


def _runs(base: Base) -> Iterator[str]:
    """Runs of one to three sentences of the report, 60 to 170 characters long."""
    if base.traditional or base.wrapped or "１" in base.text:
        return
    for label in WORK:
        spots = base.spots.get(label, ())
        for start, end in pairwise(spots):
            run = base.text[start:end]
            if 60 <= len(run) <= 170 and "\n" not in run:
                yield run


MAKERS: dict[str, Callable[[Random, bool, int], Made]] = {
    "N12": _denominators, "N14": _years, "N15": _places, "F04": _copies, "F05": _passages, "F08": _promises,
    "F10": _set_phrases,
}  # fmt: skip
BESIDE: dict[str, Callable[[], tuple[Paper, ...]]] = {"F05": _quilted, "F10": _ordinary}
BATCH = {"N15": 4, "F10": 1}  # cases that share a database where many reports of the same words would meet by chance
