"""Measure words that several modules of the room tell apart: lists of models/word_lists.csv."""

from __future__ import annotations

from pipeline.lexicon import word_list

FREQUENCIES = word_list("unit_of_frequencies")  # 次, 场, 期: how often something was done
PEOPLE = word_list("unit_of_people")
ANYTHING = word_list("unit_of_anything")  # 个, 处, 件: the noun beside them says what is counted
