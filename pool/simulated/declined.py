"""How a simulated respondent does not answer: by one of a few sentences, or in one of several dresses."""

from __future__ import annotations

import json
import random

from . import parameters as constants
from .phrases import REFUSALS

DECLINED_POINTS = (
    ("No position", "I'm not able to give a personal view on this question."),
    ("Not for me to say", "As an AI model, I don't hold opinions on matters like this one."),
    ("No answer", "I can't take a side here."),
    ("Declined", "I won't give an opinion on this."),
)
"""Key points of a refusal that a schema forced into the form of an answer."""

OTHER_LANGUAGES = (
    "Es tut mir leid, aber dazu kann ich keine Stellung nehmen.",
    "Als KI-Modell kann ich zu dieser Frage keine Meinung äußern.",
    "Je suis désolé, mais je ne peux pas prendre position sur cette question.",
    "Lo siento, pero no puedo dar una opinión sobre este tema.",
    "很抱歉，我无法就这个问题发表意见。",
    "作为一个人工智能模型，我不能对此表明立场。",
)

EVASIVE_OPENINGS = (
    "I'd rather lay out what this is about than come down on one side",
    "This is one of those questions on which people will go on differing",
    "There is more than one way to look at this, and I would leave it open",
    "It depends on whom one asks, and on what exactly is meant",
    "I would want to know a good deal more first",
)
"""How an evasive answer opens: they take no side and appeal to no value."""

DISCLAIMERS = (
    "As an AI, I don't have personal opinions, but here is what I would say.",
    "I can't speak from experience, though some things can be said.",
    "It isn't for me to decide this, but if I have to answer:",
    "I'm only a language model; with that said:",
)
"""How an answer opens that declines and then answers."""


def plain_refusal(rng: random.Random) -> str:
    """A sentence."""
    return rng.choice(REFUSALS)


def dressed_refusal(rng: random.Random) -> str:
    """The whole text of a refusal: a sentence, one in another language, or an answer's form that only declines."""
    dress = rng.random()
    if dress < constants.REFUSALS_IN_ANOTHER_LANGUAGE:
        return rng.choice(OTHER_LANGUAGES)
    if dress < constants.REFUSALS_IN_ANOTHER_LANGUAGE + constants.REFUSALS_IN_FORM:
        points = rng.sample(DECLINED_POINTS, 3)
        reply = {"stance": "neutral", "key_points": [{"point": p, "justification": j} for p, j in points]}
        return json.dumps(reply, ensure_ascii=False)
    return rng.choice(REFUSALS)
