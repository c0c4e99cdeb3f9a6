"""When a row that fits by its words is refused all the same, for what stands around the number."""

from __future__ import annotations

import re

from pipeline.indicators.clause import Clause
from pipeline.indicators.lists import AND
from pipeline.indicators.match import ALONE, WHOLE, Match, holds

_REST = re.compile(r"其余|剩余|剩下|余下|还剩")
_BUT = re.compile(r"(?:^|[，,；;、])除了?$")  # 除3处需跨汛期施工外: these are not the ones that were found
_LOST = re.compile(r"(?:减少|下降|降低|压减|精减)了?(?:约|近)?$")
_LEFT = re.compile(r"(?:减少|下降|降低|降|压减)(?:到|至)(?:约|近)?$")


def speaks_on(match: Match, near: Clause, previous: Match | None) -> bool:
    """Whether a number that nothing names (9612户、3.46万人) goes on with what was told before, or is the whole's."""
    named = bool(match.word) or not match.near
    return named or bool(WHOLE.search(near.before)) or (previous is not None and previous.row.group == match.row.group)


def of_some(match: Match, near: Clause) -> bool:
    """Whether a noun of the place's profile does something that only some need do: 1个社区连续三月摘得流动红旗."""
    whole = near.of_which or match.verb or WHOLE.search(near.before)
    if match.row.group != "profile" or match.word[:1] in ("", "的") or whole or not near.after.startswith(match.word):
        return False
    return ALONE.fullmatch(near.after, len(match.word)) is None


def vetoed(match: Match, near: Clause) -> bool:
    """Whether a word beside the number, outside the word that told, is against the row: 基本完成, 停业, 满分.

    Nor is some of what a profile counts (9个村中有2个村), what is left (其余8万元, 减少到189万人), or what a stock lost
    (减少12名) its figure; and behind a relative clause (张贴标识的77处) the number counts something else.
    """
    if near.subset and match.row.group == "profile":
        return True
    if _BUT.search(near.before):
        return True
    done_with = match.verb and match.verb in near.after  # 其余91处均已整改到位
    if _REST.search(near.before) and match.word not in near.before + near.after and not done_with:
        return True
    falls = match.row.dimension == "percent" and match.verb and near.before.endswith(match.verb)  # a rate of growth
    if not falls and (_LOST if match.row.aggregation == "last" else _LEFT).search(near.before):
        return True
    if near.before.endswith("的") and near.before.removesuffix("的").endswith(match.word or "的") and match.verb:
        return True
    around = (near.before + near.after).replace(match.word, "") if match.word else near.before + near.after
    acts = re.split("[，,；;]", near.sentence)[-1] if near.before in AND else ""  # 还有2个县、90个村
    return holds(around + acts, match.row.not_verbs) or holds(around, match.row.not_objects)
