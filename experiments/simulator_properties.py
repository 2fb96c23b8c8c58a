"""Prints the measured properties of a simulated world that docs/SIMULATOR.md quotes.

Run it as ``python experiments/simulator_properties.py [--simulator 2] [--world 1] [--variant null]``. True D is of the
world's first six respondents, through their planted probabilities; no budget and no search.
"""

from __future__ import annotations

import argparse
import random
import time
from pathlib import Path

import numpy as np
import yaml
from adaem.domain.framework import Framework
from adaem.domain.pool_spec import Member
from adaem.pool.simulated.author import propose, rewrite
from adaem.pool.simulated.identity import VARIANTS, Identity, identify
from adaem.pool.simulated.planted import expression_probabilities, planted, refusal_probability
from adaem.pool.simulated.respondent import Composed, compose
from adaem.pool.simulated.simulated_judge import label
from adaem.pool.simulated.version_parameters import FIRST_VERSION, VERSION_PARAMETERS
from adaem.pool.simulated.vocabulary import vocabulary_of
from numpy.typing import NDArray

Floats = NDArray[np.float64]
ROOT = Path(__file__).resolve().parent.parent


def entropy(p: Floats) -> Floats:
    """Binary entropy in bits."""
    return -(p * np.log2(p) + (1 - p) * np.log2(1 - p))


def true_divergence(members: list[Member], framework: Framework, question: str, fact: str) -> float:
    """D of METHOD.md section 2 from the planted probabilities, in bits."""
    p = np.array([expression_probabilities(member, framework, question, fact) for member in members])
    return float((entropy(p.mean(axis=0)) - entropy(p).mean(axis=0)).mean())


def quantiles(what: str, numbers: Floats) -> None:
    """One line: median, 90 %, 99 % and mean."""
    median, high, highest = np.quantile(numbers, [0.5, 0.9, 0.99])
    print(f"{what:34s} median {median:.3f}  90 % {high:.3f}  99 % {highest:.3f}  mean {numbers.mean():.3f}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--framework", type=Path, default=ROOT / "frameworks" / "schwartz.yaml")
    parser.add_argument("--simulator", type=int, default=FIRST_VERSION, choices=sorted(VERSION_PARAMETERS))
    parser.add_argument("--world", type=int, default=1)
    parser.add_argument("--variant", default="", choices=VARIANTS)
    parser.add_argument("--proposals", type=int, default=20, help="per topic")
    asked = parser.parse_args()
    framework = Framework.model_validate(yaml.safe_load(asked.framework.read_text(encoding="utf-8")))
    vocabulary = vocabulary_of(framework)
    members = [
        Member(
            id=f"m{number}",
            model="simulated:respondent",
            roles=("scout",),
            parameters={
                "version": asked.simulator,
                "world": asked.world,
                "variant": asked.variant,
                "respondent": number,
            },
        )
        for number in range(1, 7)
    ]
    rng = random.Random(0)
    print("item SDs:", ", ".join(f"{planted(member, framework).item_sd:.1f}" for member in members))

    seeds = np.array([true_divergence(members, framework, topic.text, "") for topic in framework.topics])
    proposals, rewrites, refusals, composed, asked_texts = [], [], [], list[Composed](), []
    for topic in framework.topics:
        for _ in range(asked.proposals):
            proposal = propose(vocabulary, {"topic": topic.text}, rng)
            question, fact = str(proposal["question"]), str(proposal["fact"])
            proposals.append(true_divergence(members, framework, question, fact))
            changed = str(rewrite(vocabulary, {"question": question}, rng, variant=asked.variant)["question"])
            rewrites.append(true_divergence(members, framework, changed, fact))
            refusals += [refusal_probability(member, framework, question, fact) for member in members]
            asked_texts.append((question, fact))
    began = np.array(proposals)
    ended = np.array(rewrites)
    quantiles(f"true D, {len(seeds)} generic seeds, bits", seeds)
    quantiles(f"true D, {len(began)} proposals, bits", began)
    quantiles("true D, their rewrites, bits", ended)
    by_topic = began.reshape(len(framework.topics), asked.proposals)
    within = by_topic.var(axis=1, ddof=1).mean()
    between = by_topic.mean(axis=1).var(ddof=1) - within / asked.proposals
    print(f"share of the proposals' variance between topics: {between / max(between + within, 1e-12):.2f}")
    best = began >= np.quantile(began, 0.9)
    print(f"best tenth of proposals: D {began[best].mean():.3f}, after a rewrite {ended[best].mean():.3f}")
    improved, unchanged = (ended > began + 1e-12).mean(), (ended == began).mean()
    print(f"rewrites that improve: {improved:.2f}, that change nothing: {unchanged:.2f}")
    print(f"refusal rate, mean over respondents and proposals: {np.mean(refusals):.3f}")

    for question, fact in random.Random(1).sample(asked_texts, 250):
        for member in members:
            answer = compose(identify(member), vocabulary, question, fact, rng)
            if not answer.refused:
                composed.append(answer)
    values = "\n".join(f"{value.id}: {value.name} — {value.definition}" for value in framework.values)
    truth = np.zeros((len(composed), len(framework.values)), dtype=bool)
    found = truth.copy()
    started = time.perf_counter()
    for row, answer in enumerate(composed):
        truth[row, list(answer.values)] = True
        texts = "\n".join(f"{place}. {p}: {j}" for place, (p, j) in enumerate(answer.key_points, start=1))
        for one in label(Identity("judge"), vocabulary, {"values": values, "texts": texts}, rng):
            # A quote that is not in the text is dropped by the program.
            if str(one["quote"]) in texts:
                found[row, vocabulary.ids.index(str(one["value"]))] = True
    spent = (time.perf_counter() - started) / len(composed)
    print(f"values an answer expresses: {truth.sum(axis=1).mean():.2f} of {len(vocabulary.ids)}")
    print(f"judge, {len(composed)} answers, {1000 * spent:.2f} ms each; sensitivity and specificity at the unit of Y:")
    for index, value in enumerate(vocabulary.ids):
        yes, no = truth[:, index], ~truth[:, index]
        print(f"  {value:16s} {found[yes, index].mean():.3f}  {1 - found[no, index].mean():.3f}")
    print(f"  {'all':16s} {found[truth].mean():.3f}  {1 - found[~truth].mean():.3f}")


if __name__ == "__main__":
    main()
