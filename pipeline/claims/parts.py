"""Parts of a whole: the claims after 其中, and those that 9个村中有2个村 tells inside the number before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from pipeline.claims import words as w
from pipeline.claims.governors import Governor, same_kind
from pipeline.claims.words import Word
from pipeline.lexicon import verbs
from pipeline.records import Quantity

_INSIDE = re.compile(r"[中里](?:仍|还|只|尚|就|已)?有$|^[中里]$")
_TURNS = frozenset(("另外", "此外", "同时"))
_BESIDE = ("新", "续", "扩", "迁", "翻")  # 其中续建41个: a deed of its own


@dataclass(slots=True)
class Breakdown:
    """The claim that the claims after 其中 are parts of, while they are told; `opened` is the clause with 其中."""

    whole: int | None = None
    opened: list[Word] = field(default_factory=list)

    def enter(
        self, clause: list[Word], last: int | None, quantities: Sequence[Quantity], found: dict[int, Governor]
    ) -> None:
        """Begin where a clause says 其中, after the claim `last`; end where one turns to something else."""
        starts = {word.text[:2] for word in clause}
        if self.whole is None and "其中" in starts:
            self.whole, self.opened = _whole_of(clause, last, quantities, found), clause
        if not _TURNS.isdisjoint(starts):
            self.whole = None

    def tell(self, governor: Governor, number: int, quantity: Quantity, whole: Governor, of: Quantity) -> None:
        """A part is counted into the whole, and shares its deed where it has none of its own."""
        if number == self.whole or not same_kind(of, quantity):
            return
        governor.breakdown = self.whole
        own = (governor.action or "").startswith(_BESIDE)
        acts = governor.own and verbs().get(governor.action or "", ("", False))[0] != "light"  # 其中被采用38条
        taken = not acts and (governor.rule.startswith("carried") or governor.rule == "subject_number")
        if governor.action is None or (taken and not own):
            governor.action = whole.action


def _whole_of(
    clause: list[Word], last: int | None, quantities: Sequence[Quantity], found: dict[int, Governor]
) -> int | None:
    """The claim of which 其中 tells a part: the last one, or one shortly before it that counts the same kind where the
    last one does not (新建420座，完成任务的105%，其中双瓮式34座) or only says by how much it grew."""
    part = next((quantities[word.claim] for word in clause if word.kind == "claim"), None)
    if part is None or last is None:
        return last
    near = [i for i in range(last, last - 5, -1) if i in found and same_kind(quantities[i], part)]
    level = (i for i in near if not _differs(found[i]))
    alike = (i for i in near if quantities[i].unit == part.unit)
    return last if last in near and not _differs(found[last]) else next(level, next(alike, last))


def _differs(governor: Governor) -> bool:
    """Whether a claim tells by how much something changed: 较上年增加15.2万元."""
    action = governor.action or ""
    changes = verbs().get(action, ("", False))[0] == "change" and governor.rule == "subject_reach_number"
    return (changes and action[-1] not in "到至为") or governor.rule == "compared"


def inside(
    clause: list[Word], place: tuple[int, int, int], governor: Governor, unit: str | None, found: dict[int, Governor]
) -> None:
    """9个村中有2个村, 96户中有27户无人务工: the claim before is the whole, and what is told of the part tells which
    ones are counted. `place`: where the words before the number begin, where it stands, where the next one does."""
    previous, index, following = place
    between = w.text(clause[previous:index])
    if not _INSIDE.search(between):
        return
    number = clause[previous - 1].claim
    whole = found[number]
    whole.object = (whole.object or "").removesuffix("中").removesuffix("里") or None
    governor.breakdown = number
    if not between.endswith("有"):
        return
    governor.action = "有"
    told = [word for word in clause[index + 1 : following] if word.kind not in ("mark", "suffix", "claim")]
    noun = whole.object or unit
    named = governor.object if governor.behind else None  # 9个村中有2个示范村
    if noun is None or noun in (named or "") or not _tells(told):
        governor.object = named or noun
        return
    said = w.text(told)
    governor.object = f"{said}的{noun}" if len(said) <= 14 and said[-1] != "的" else noun


def _tells(told: list[Word]) -> bool:
    """Whether the words behind a number say something of what is counted, rather than name it."""
    return any(word.kind in ("verb", "adverb") for word in told) and all(word.kind != "of" for word in told)
