"""Which models answer a repeated prompt alike: in the same words, or at least with the same values."""

from __future__ import annotations

import numpy as np

from .answer_arrays import AnswerArrays

SAME_WORDS = 0.9
"""From this share of its repeated prompts on a model that answers them word for word alike is deterministic: with a
temperature of 0 a server still rounds differently now and then."""

FEWEST_REPEATED = 3
"""Repeated prompts, at the least, that this takes."""


def repeated_replies(evaluated: AnswerArrays) -> tuple[list[bool], list[bool]]:
    """For each model whether repeated prompts bring it to the same words, and whether to other words but never to
    other values. Where nothing was asked twice in one wording both are False.
    """
    expressed = evaluated.expressed
    words, values = [], []
    for model in range(len(evaluated.models)):
        same = repeated = 0
        differ = False
        for place in range(len(evaluated.wordings)):
            mine = evaluated.answered[:, model] & (evaluated.wording[:, model] == place)
            several = np.flatnonzero(mine.sum(axis=1) >= 2)
            repeated += len(several)
            counts = (expressed[:, model] & mine[..., None]).sum(axis=1)
            differ |= bool(((counts > 0) & (counts < mine.sum(axis=1)[:, None]))[several].any())
            texts = [{*evaluated.texts[row, model, mine[row]]} for row in several]
            same += sum(len(each) == 1 and "" not in each for each in texts)
        deterministic = repeated >= FEWEST_REPEATED and same >= SAME_WORDS * repeated
        words.append(deterministic)
        values.append(bool(repeated) and not differ and not deterministic)
    return words, values
