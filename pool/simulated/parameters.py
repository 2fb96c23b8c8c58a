"""The constants of the simulated world, each with its source. Frozen per version: nobody tunes the world to the search.

"Fitted" numbers are printed by ``python experiments/fit_simulator.py DATA_DIR``; its labels stand in quotes here.
"Shape" numbers were set once so that true D follows STUDY.md's distribution; the rest is "not fitted", a judgement.
What sets the versions apart is in ``version_parameters.py``; these hold for all.
"""

from __future__ import annotations

# --- expression rates -------------------------------------------------------------------------------------------
# Fitted: "human logit rates", the logit of each value's share among 7,289 human-labelled arguments.
BASE_LOGITS = {
    "self-direction": -0.67,
    "stimulation": -2.89,
    "hedonism": -3.24,
    "achievement": -0.91,
    "power": -1.38,
    "security": 0.35,
    "conformity": -1.13,
    "tradition": -2.18,
    "benevolence": -0.53,
    "universalism": 0.41,
}
# Fitted: mean and SD of the same ten numbers; values of another framework are drawn from this normal distribution.
BASE_LOGIT_MEAN = -1.22
BASE_LOGIT_SD = 1.24

# --- differences between respondents ------------------------------------------------------------------------------
# Fitted: "between-model SD ... corrected: median", the SD of models' logit rates on generic propositions.
GENERIC_SPREAD = 0.39
# Shape: what a conflict between two values, and place, year and fact, add to the log of that spread.
CONFLICT_GAIN = 0.25
SPECIFICITY_GAIN = 0.06
# Shape: SD of the log spread that topic words share, and of what belongs to one question. The heavy tail of D.
TOPIC_SD = 0.60
QUESTION_SD = 0.30
# Shape: the share of both that reaches a generic question (one without context and conflict).
GENERIC_SHARE = 0.5
# Shape: the largest spread a question can call up (logit SD).
LARGEST_SPREAD = 4.0
# Not fitted: share of the variance between respondents that is their priorities; the rest is respondent x words.
PRIORITY_SHARE = 0.6
# Not fitted: weight of the two sides of a conflict against a respondent's other priorities.
CONFLICT_LOADING = 1.1
# Not fitted: correlation of the planted numbers of a respondent declared ``near`` another.
NEARNESS = 0.93
# Not fitted: engagement is 1 + these when the question's region or year is known to the respondent, 1 - half if not.
REGION_ENGAGEMENT = 0.20
YEAR_ENGAGEMENT = 0.10

# --- what the question names ----------------------------------------------------------------------------------------
# Not fitted: logits added, for all alike, to a value fully at stake; and respondents' echo of a value that is named.
STAKE_LOGIT = 0.5
ECHO_MEAN = 0.5
ECHO_SD = 0.25
# Variant "echo": echo is multiplied by this and own priorities by the second. Not fitted.
ECHO_WORLD_FACTOR = 5.0
ECHO_WORLD_SPREAD = 0.5
# Variant "generic": generic questions start at this spread, and context or conflict take away. Not fitted.
GENERIC_WORLD_SPREAD = 0.95

# --- priming --------------------------------------------------------------------------------------------------------
# Not fitted: how far being told to hold a value raises its priority in a respondent (in SDs of priorities). Nothing
# that was not primed depends on it, so the version stays.
OBEDIENCE_MEAN = 2.0
OBEDIENCE_SD = 0.5

# --- refusals -------------------------------------------------------------------------------------------------------
# Fitted: PCT's largest.
LARGEST_REFUSAL_RATE = 0.293
# Fitted: "PCT refusal rate over questions: SD of logits"; here by value at stake.
REFUSAL_STAKE_SD = 0.98
# Version 2. Fitted: "in English though asked in Chinese or Finnish", of refusals and evasions. Not fitted: refusals
# that a requested schema brings into an answer's form.
REFUSALS_IN_ANOTHER_LANGUAGE = 0.11
REFUSALS_IN_FORM = 0.3
# Not fitted: an answer that is not valid JSON, or has a fenced JSON body, as real models send now and then.
MALFORMED_RATE = 0.002

# --- words -----------------------------------------------------------------------------------------------------------
# Fitted: "ValueBench" lengths: a key point is about as long as one of its answers.
KEY_POINT_WORDS = 27.6
LENGTH_SD_WITHIN = 0.25
# Fitted: "formatting": numbering and closing caveats in PCT's answers. The SD of the habit over models is not fitted.
NUMBERING_RATE = 0.05
CAVEAT_RATE = 0.05
# Not fitted (the recorded models of 2023 used none): share of respondents that set points in bold, and how often.
BOLD_RESPONDENTS = 0.3
BOLD_RATE = 0.6
# Not fitted: share of neutral stances.
NEUTRAL_RATE = 0.12
# Version 2. Not fitted: share of a stance's variance that the answer's own values carry; the rest is the question's.
STANCE_BY_VALUES = 0.5

# --- the author ------------------------------------------------------------------------------------------------------
# Not fitted: kinds of proposal by share. METHOD.md section 6 asks for varied proposals of varied quality only.
CONFLICT_PROPOSALS = 0.5
CONTEXT_PROPOSALS = 0.3
DECORATED_PROPOSALS = 0.12  # the rest is nearly generic

# --- the judge -------------------------------------------------------------------------------------------------------
# Not fitted: set for sensitivity near 0.9 and specificity near 0.95 at the unit of Y, STUDY.md's judge.
JUDGE_CUT = 6.0
JUDGE_MISS = 0.055
JUDGE_FALSE_ALARM = 0.005
# Not fitted: more errors for each doubling of a key point's length beyond the usual, and for odd phrasing (markup).
JUDGE_LENGTH_PENALTY = 0.05
JUDGE_STYLE_PENALTY = 0.03
JUDGE_FALSE_QUOTE = 0.01
