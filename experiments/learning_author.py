"""What a learning author brings: ``python experiments/learning_author.py [--worlds 4]``.

In each world of version 2 an author makes six proposals for every topic, scored as a search scores them (D* of three
judged answers of each respondent); then six that are shown the topic's five best, and six that are shown contrasting
examples of other topics besides: two of the best and two of the worst, with the values in each model's first answer.
Printed is the mean true D of each kind, to three degrees of learning; no budget, no novelty gate.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

import numpy as np
from adaem.calibration.answer_draws import draw_answers
from adaem.calibration.question_population import Bank
from adaem.calibration.true_divergence import true_divergence
from adaem.calibration.worlds import World
from adaem.domain.streams import Stream, generator
from adaem.evaluation.divergence.d_star import estimate_divergences
from adaem.pool.simulated.author import propose
from adaem.pool.simulated.chance import stream
from adaem.pool.simulated.planted import expression_probabilities
from adaem.pool.simulated.vocabulary import vocabulary_of
from numpy.typing import NDArray

Floats = NDArray[np.float64]
ROUNDS, SAMPLES, BEST = 6, 3, 5
DEGREES = (0.0, 0.5, 1.0)


WAYS = ("without", "with the topic's five best", "with contrasting examples of other topics as well")
OF_EACH_KIND, CHOSEN_FROM = 2, 4
"""As a run shows them (graph/search/contrasting_examples.py)."""


@dataclass(frozen=True)
class Shown:
    """A scored question as an author is shown it; ``answers`` has a line a model with the values of its first one."""

    score: float
    topic: int
    text: str
    answers: str

    @property
    def line(self) -> str:
        """Score and text."""
        return f"{self.score:.3f}\t{self.text}"


class Asking:
    """One world whose author proposes to one degree of learning."""

    def __init__(self, number: int, degree: float) -> None:
        self._number, self._degree = number, degree
        self.bank = Bank(World(number, simulator=2))
        self._vocabulary = vocabulary_of(self.bank.framework)
        self._rng = generator(0, Stream.FAST_LANE_ANSWERS, number)

    def propose(self, topic: int, turn: str, best: list[Shown], contrast: list[Shown]) -> tuple[float, Shown]:
        """True D of a proposal, bits, and the proposal as it is scored."""
        given = self.bank.framework.topics[topic]
        fields = {"topic": given.text, "best": "\n".join(each.line for each in best), "avoid": ""}
        fields["examples"] = "\n".join(f"{each.line}\n{each.answers}" for each in contrast)
        chance = stream("learning", self._number, given.id, turn)
        reply = propose(self._vocabulary, fields, chance, learning=self._degree)
        question, fact = str(reply["question"]), str(reply["fact"])
        members, framework = self.bank.members, self.bank.framework
        rates = np.stack([expression_probabilities(member, framework, question, fact) for member in members])
        answers = draw_answers(rates[None], self.bank.confusion, SAMPLES, self.bank.correlation_root, self._rng)
        score = float(estimate_divergences(answers, permutations=None, rng=self._rng).divergence[0])
        lines = [
            f"model {place} (yes; values: {', '.join(np.array(framework.value_ids)[values])}): a reason"
            for place, values in enumerate(answers[0, :, 0], start=1)
        ]
        return float(true_divergence(rates)), Shown(score, topic, question, "\n".join(lines))


def world_means(number: int, degree: float, topics: int) -> tuple[float, ...]:
    """Mean true D, in bits, of proposals made in each of ``WAYS``."""
    asking = Asking(number, degree)
    means = {way: list[float]() for way in WAYS}
    scored: list[Shown] = []
    for topic in range(topics):
        for turn in range(ROUNDS):
            divergence, shown = asking.propose(topic, f"{turn}", [], [])
            means[WAYS[0]].append(divergence)
            scored.append(shown)
    ranked = sorted(scored, key=lambda each: -each.score)
    for topic in range(topics):
        own = [each for each in ranked if each.topic == topic][:BEST]
        others = [each for each in ranked if each.topic != topic]
        for turn in range(ROUNDS):
            places = [(turn + step) % CHOSEN_FROM for step in range(OF_EACH_KIND)]
            contrast = [others[place] for place in places] + [others[-1 - place] for place in places]
            means[WAYS[1]].append(asking.propose(topic, f"best {turn}", own, [])[0])
            means[WAYS[2]].append(asking.propose(topic, f"contrast {turn}", own, contrast)[0])
    return tuple(float(np.mean(means[way])) for way in WAYS)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--worlds", type=int, default=4)
    parser.add_argument("--topics", type=int, default=117)
    asked = parser.parse_args()
    print(f"learning  mean true D {', '.join(WAYS)}; gain of the last over the second by world")
    for degree in DEGREES:
        found = np.array([world_means(number, degree, asked.topics) for number in range(1, asked.worlds + 1)])
        gains = ", ".join(f"{each:+.3f}" for each in found[:, 2] - found[:, 1])
        print(f"{degree:8.1f}  {'  '.join(f'{each:.3f}' for each in found.mean(axis=0))}  {gains}", flush=True)


if __name__ == "__main__":
    main()
