"""models/units.csv: base units with exact factors. The original value and unit stay beside every base value."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import cache

from pipeline.lexicon import rows
from pipeline.records import Claim


@dataclass(frozen=True, slots=True)
class Unit:
    """A row of models/units.csv: `value × factor` is the value in `base_unit`."""

    unit: str
    dimension: str
    base_unit: str
    factor: Fraction
    spelling_of: str

    @property
    def standard(self) -> str:
        """The spelling that the catalogue uses."""
        return self.spelling_of or self.unit


@cache
def units() -> dict[str, Unit]:
    """models/units.csv by spelling."""
    return {
        row["unit"]: Unit(row["unit"], row["dimension"], row["base_unit"], Fraction(row["factor"]), row["spelling_of"])
        for row in rows("units")
    }


def standard(name: str | None) -> str | None:
    """The standard spelling of a unit; itself where the table does not know it."""
    known = units().get(name) if name else None
    return known.standard if known else name


def unit_of(claim: Claim) -> Unit | None:
    """The unit that a claim is in, a rate with its base (次/周); None where no unit is written.

    A unit that the table does not know, or knows in another dimension than the claim's, is its own base unit.
    """
    name, per, dimension = claim.unit, claim.per, claim.dimension
    if name is None:
        if dimension != "frequency" or per is None:
            return None
        name = "次"
    known = units().get(name)
    joined = units().get(f"{known.standard if known else name}/{per}") if per else None
    if joined:
        return joined
    if known is None or (known.dimension != dimension and dimension != "frequency"):
        known = Unit(name, dimension, name, Fraction(1), "")
    return replace(known, base_unit=f"{known.base_unit}/{per}") if per else known


def to_base(claim: Claim) -> tuple[Decimal | None, Decimal | None, str | None]:
    """Bounds and unit of a claim in its base unit: (low, high, unit).

    Exact where the decimal ends, else to six places (1 亩 is 666.666667 平方米). A rate keeps its base: 3 次 a week has
    the unit 次/周. An unknown unit, or one that the claim uses in another dimension, stays as it is.
    """
    unit = unit_of(claim)
    if unit is None:
        return claim.value_low, claim.value_high, None
    low, high = (None if v is None else _scaled(v, unit.factor) for v in (claim.value_low, claim.value_high))
    return low, high, unit.base_unit


def _scaled(value: Decimal, factor: Fraction) -> Decimal:
    with localcontext() as context:
        context.prec = 60 + len(value.as_tuple().digits)
        quotient = value * factor.numerator
        if factor.denominator != 1:
            quotient /= factor.denominator
            if Fraction(quotient) != Fraction(value) * factor:
                quotient = quotient.quantize(Decimal("0.000001"))
        plain = quotient.normalize()
        return plain.quantize(Decimal(1)) if plain == plain.to_integral_value() else plain
