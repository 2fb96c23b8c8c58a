"""The numbers that set the simulator's versions apart, each with its source as in ``parameters.py``.

The model of version 2 holds version 1 as the case in which its new numbers are 0; docs/SIMULATOR.md has the equations.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...domain.errors import InputError

FIRST_VERSION = 1
"""Of members that name no version: pools and runs from before there were two."""


@dataclass(frozen=True)
class VersionParameters:
    """One version's numbers.

    item_sd_median, item_sd_log_sd, largest_item_sd
                         over respondents, the log-normal SD of what a single question adds to a respondent's logits:
                         at 0 it throws dice with its mean rate, at 20 it gives nearly the same answer each time
    own_item_share       share of that variance which is the respondent's own on a generic question, the rest being
                         what the question calls up in all; grows with the square of the question's spread up to
                         largest_own_item_share. item_topic_share: the share that questions of the same words share
    correlations         of the values within an answer given their rates, by pairs of ids; 0 for all others
    family_share         correlation of the planted numbers of two respondents of one family
    refusal_logit_mean, refusal_logit_sd
                         over respondents, of the rate of answers that are refused or evaded; evasion_share of them
                         are evaded: an answer in form that takes no side and appeals to no value
    disclaimer_rate      share of answers that open by declining and then answer, mean over respondents
    length_sd_between    SD over respondents of the log words of a key point
    least_probability    keeps an expression probability away from 0 and 1
    follow_the_best      chance that a conflict takes up the value pair of one of the three best questions shown
    learning             how often an author models a proposal on a scored example, the better the likelier; in [0, 1]
    """

    item_sd_median: float
    item_sd_log_sd: float
    largest_item_sd: float
    own_item_share: float
    largest_own_item_share: float
    item_topic_share: float
    correlations: tuple[tuple[str, str, float], ...]
    family_share: float
    refusal_logit_mean: float
    refusal_logit_sd: float
    evasion_share: float
    disclaimer_rate: float
    length_sd_between: float
    least_probability: float
    follow_the_best: float
    learning: float


_VERSION_1 = VersionParameters(
    item_sd_median=0.0,
    item_sd_log_sd=0.0,
    largest_item_sd=0.0,
    own_item_share=0.0,
    largest_own_item_share=0.0,
    item_topic_share=0.0,
    correlations=(),
    family_share=0.0,
    # Fitted: midway between "PCT logit refusal rate" (pushed to take a side: -2.68, SD 2.12) and "ValueBench" (a
    # neutral question: -5.05, SD 0.89).
    refusal_logit_mean=-3.9,
    refusal_logit_sd=1.5,
    evasion_share=0.0,
    disclaimer_rate=0.0,
    # Fitted: "lengths", ValueBench.
    length_sd_between=0.22,
    # Not fitted.
    least_probability=0.004,
    follow_the_best=0.25,
    learning=0.0,
)

_VERSION_2 = VersionParameters(
    # Fitted: "log item SD over 12 models", mean 2.03, SD 1.17, and cited: the log mean 2.99 at which four rates in five
    # are extreme, as in a published grid of 7 LLMs. Midway between the two: exp(2.5).
    item_sd_median=12.2,
    item_sd_log_sd=1.17,
    # Not fitted: from here on a thousand samples would look the same.
    largest_item_sd=60.0,
    # Fitted: "latent correlation of sides", 0.86 in ValueBench and 0.63 in PCT. Corrected for the noise of single
    # answers (0.95, at exp(2.03)) a model's own part is 0.09 and 0.34 of the variance; leanings make 0.05 of it.
    own_item_share=0.04,
    largest_own_item_share=0.28,
    # Not fitted.
    item_topic_share=0.5,
    # Fitted: "correlation of values within an argument", those of at least .1.
    correlations=(
        ("self-direction", "stimulation", 0.28),
        ("self-direction", "hedonism", 0.18),
        ("self-direction", "security", -0.28),
        ("self-direction", "benevolence", -0.15),
        ("stimulation", "hedonism", 0.42),
        ("hedonism", "power", -0.11),
        ("hedonism", "conformity", -0.15),
        ("hedonism", "tradition", -0.10),
        ("achievement", "power", 0.17),
        ("security", "tradition", -0.15),
        ("security", "benevolence", 0.11),
        ("conformity", "tradition", 0.15),
        ("conformity", "benevolence", 0.12),
    ),
    # Fitted: "family likeness", the mean of three sets.
    family_share=0.16,
    # Fitted: "no side taken", midway between PCT (-3.63, SD 1.68) and ValueBench (-5.02, SD 0.84).
    refusal_logit_mean=-4.3,
    refusal_logit_sd=1.26,
    # Fitted: "evasive among evasive and denying", English.
    evasion_share=0.71,
    # Fitted: "declines, then takes a side", midway between PCT (0.087) and ValueBench (0).
    disclaimer_rate=0.043,
    # Fitted: "lengths", mean of four sets of answers.
    length_sd_between=0.23,
    # Not fitted.
    least_probability=0.001,
    follow_the_best=0.0,
    # Not fitted: in-context optimisation works (Yang et al. 2024, "Large language models as optimizers"), how well for
    # questions like these nobody has measured.
    learning=0.5,
)

VERSION_PARAMETERS = {1: _VERSION_1, 2: _VERSION_2}
"""By the version's number."""


def parameters_of(version: int) -> VersionParameters:
    """The version's numbers. Raises InputError for a version that does not exist."""
    if version not in VERSION_PARAMETERS:
        known = " and ".join(map(str, VERSION_PARAMETERS))
        raise InputError(f"the simulator has no version {version} — there are {known}")
    return VERSION_PARAMETERS[version]
