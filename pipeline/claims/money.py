"""Money: who gave it is not what it was spent on, and what it was spent on often stands behind it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.claims import phrases
from pipeline.claims.governors import Carry, Governor
from pipeline.claims.words import Word
from pipeline.lexicon import one_of, word_list
from pipeline.records import Quantity

PURPOSE_VERBS = word_list("purpose_verb")
_FUND = re.compile(r"(?:资金|经费|专款|款项)$")
_FUNDS = ("资金", "经费", "专项资金", "财政资金", "各类资金", "各级资金", "项目资金")
_GIVES = word_list("verb_of_giving")
_GIVER = re.compile(rf"(?:{one_of('giver_of_money')})$")
# What money was spent on, told behind it.
_PURPOSE = re.compile(
    rf"(?:专项|资金|，)*(?:{one_of('purpose_verb')})了?(?P<what>[^，。；、]{{2,30}})"
    r"|，?对(?P<place>[^，。；]{2,24}?)进行了?(?P<deed>[^，。；、]{2,14})"
)


def governor(
    left: list[Word], parsed: phrases.Left, right: list[Word], carry: Carry, listed: bool
) -> Governor | None:
    """What governs money by the words before it; None where it is read like other things that are counted.

    `listed`: the clause is one of several that break a sum down, so that a deed in it is a purpose (改厕奖补73万元).
    """
    at = next((i for i, word in enumerate(left) if word.text == "用于"), None)
    if at is not None:
        return Governor("用于", phrases.clean(left[at + 1 :]) or None, "used_for")
    if parsed.object or not left or left[-1].kind != "verb":
        return None
    said = phrases.clean(parsed.subject if parsed.verb else left[:-1])
    verb = parsed.verb or left[-1].text
    if right and right[0].kind not in ("pause", "suffix", "mark") and right[0].text not in PURPOSE_VERBS:
        return None
    if verb in _GIVES and _GIVER.search(said):
        return Governor(verb, carry.object if carry.object in _FUNDS else None, "giver_of_money")
    named = left[0].kind != "verb" or all(word.nominal or word.text in _GIVES for word in left)
    deed = phrases.clean(left)
    if listed and named and carry.action and len(deed) > 2:
        return Governor(carry.action, deed, "carried_verb")
    return None


def purposes(sentence: list[Word], quantities: Sequence[Quantity], found: dict[int, Governor]) -> None:
    """Money without an object: what it was spent on stands behind it, or it is 资金."""
    for i, word in enumerate(sentence):
        if word.kind != "claim" or quantities[word.claim].dimension != "money":
            continue
        governor = found[word.claim]
        funds = governor.object in _FUNDS or bool(governor.object and _FUND.search(governor.object))
        if governor.object and not funds:
            continue
        behind = "".join(x.text if x.kind != "claim" else "" for x in sentence[i + 1 : i + 16]).lstrip("，以上左右")
        match = _PURPOSE.match(behind)
        if governor.object and governor.object not in _FUNDS and not behind.startswith(("用于", "用以")):
            continue
        purpose = re.sub(r"(?:进行.*|的)$", "", match["what"] or match["place"] + match["deed"]) if match else ""
        if not purpose and i > 0 and governor.object is None and governor.rule != "giver_of_money":
            told = next((x for x in reversed(sentence[:i]) if x.kind == "claim"), None)
            purpose = (found[told.claim].object or "") if told and quantities[told.claim].dimension != "money" else ""
            purpose = "" if purpose.endswith("率") else purpose  # 收缴率71%，计11.4万元
        governor.object = phrases.TRAILING.sub("", phrases.without_lead(purpose)) or governor.object or "资金"
