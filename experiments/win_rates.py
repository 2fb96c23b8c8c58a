"""Coverage of the intervals of win rates, from rates of .01 to .95, with 20 and 50 topics.

    python experiments/win_rates.py

Four models answer one to three questions a topic, three times each. A topic moves all models alike on the logistic
scale, and each model a little more. The truth is the win rate over 200,000 topics. Beside the program's interval stands
what it replaced, the percentiles of the same bootstrap.
"""

from __future__ import annotations

import numpy as np
from adaem.evaluation.intervals.topic_bootstrap import draw_topics
from adaem.evaluation.models.bradley_terry import bradley_terry, mean_win_rate

RATES = (0.01, 0.02, 0.05, 0.1, 0.3, 0.5, 0.8, 0.95)
MODELS, ANSWERS, TRIALS, DRAWS = 4, 3, 500, 300
LEANS = np.array([-0.6, -0.2, 0.2, 1.2])
"""How much more than the mean each model expresses the value, in log-odds."""


def rates_of(rate: float, topics: int, most: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Shares (Q, K, 1) of the answers of every model to every question, and the questions' topics (Q,)."""
    topic = np.repeat(np.arange(topics), rng.integers(1, most + 1, size=topics))
    base = np.log(rate / (1 - rate)) + LEANS
    odds = base + rng.normal(0, 0.8, size=(topics, 1))[topic] + rng.normal(0, 0.4, size=(len(topic), MODELS))
    return rng.binomial(ANSWERS, 1 / (1 + np.exp(-odds)))[..., None] / ANSWERS, topic


def win_rates(shares: np.ndarray, weights: np.ndarray, topic: np.ndarray) -> np.ndarray:
    """(B, K) mean win rates when topic c counts ``weights[b, c]`` times."""
    won, lost = shares[..., 0], 1 - shares[..., 0]
    wins = won[:, :, None] * lost[:, None, :] * ~np.eye(MODELS, dtype=bool)
    per_topic = np.zeros((weights.shape[1], MODELS, MODELS))
    np.add.at(per_topic, topic, wins)
    return mean_win_rate(np.tensordot(weights, per_topic, axes=1))


def main() -> None:
    """Prints one line for each design."""
    print("| rate | topics | coverage | percentiles | mean width | points for an interval | no interval |")
    print("|---|---|---|---|---|---|---|")
    for topics in (20, 50):
        for rate in RATES:
            rng = np.random.default_rng([topics, round(1000 * rate)])
            shares, topic = rates_of(rate, 200_000, 1, rng)
            truth = win_rates(shares, np.ones((1, 200_000)), topic)[0]
            found, old = [], []
            for _ in range(TRIALS):
                shares, topic = rates_of(rate, topics, 3, rng)
                found.append(bradley_terry(shares, topic, rng, draws=DRAWS).win_rate_interval[:, 0])
                drawn = draw_topics(topic, rng, DRAWS)
                assert drawn.weights is not None
                draws = win_rates(shares, drawn.weights, topic)
                old.append(np.nanquantile(draws, [0.025, 0.975], axis=0).T if not np.isnan(draws).all() else np.nan)
            new = np.array(found)
            known = ~np.isnan(new[..., 0])
            before = np.array([np.broadcast_to(each, (MODELS, 2)) for each in old])
            covered, earlier = [(each[..., 0] <= truth) & (truth <= each[..., 1]) for each in (new, before)]
            width = (new[..., 1] - new[..., 0])[known].mean() if known.any() else np.nan
            points = (new[..., 0] == new[..., 1])[known].mean() if known.any() else np.nan
            print(
                f"| {rate} | {topics} | {covered[known].mean():.3f} | {earlier[known].mean():.3f} | {width:.2f} | "
                f"{points:.3f} | {1 - known.mean():.3f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
