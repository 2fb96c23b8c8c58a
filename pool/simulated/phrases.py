"""Words of the simulated members that belong to no value: how reasons are opened, joined, padded and refused."""

from __future__ import annotations

_FUNCTION = """
a about above across after again against all also although always am among an and another any anyone anything are
around as at away back be became because become been before being below between both but by came can cannot could
did do does doing done down during each either else enough even ever every everyone far few first for from further
gave get give given gives go goes going had has have having he her here hers herself him himself his hold holds how
however i if in indeed instead into is it its itself just keep kept last least less let like likely made make makes
making many may me might mine more most much must my myself need needs never next no nobody none nor not nothing now
of off often on once one ones only onto or other others ought our ours ourselves out over own per perhaps put quite
rather really right said same say says see seem seems she should side sides since so some someone something soon
still such take taken takes than that the their them themselves then there these they thing things this those though
through thus to together too toward towards two under until up upon us use used very via was way we well were what
whatever when where whereas whether which while who whole whom whose why will with within without would wrong yes
yet you your yours yourself acceptable allowed justified fair good bad better worth
"""
FUNCTION_WORDS = frozenset(_FUNCTION.split())
"""Words that say nothing of what a text is about."""

_CIRCUMSTANCE = """
law laws rule rules act bill court courts ruling council councils parliament government ministry minister mayor
ordinance decree pilot scheme measure measures programme program reform reforms policy policies regulation
regulations year years month months week weeks day days city town region province county country state national
local regional public new old recent recently passed adopted introduced announced launched approved proposed voted
came force effect view views claim claims stands feel feels insist argue argued sets given report reports survey
study committee board commission union unions association people person persons residents percent per cent about
around nearly almost roughly thousand hundred million case cases decision decided vote
"""
CIRCUMSTANCE_WORDS = frozenset(_CIRCUMSTANCE.split())
"""Words of circumstance: they make a question specific, and carry little of what it is about."""

OPENERS = (
    "To my mind",
    "In practice",
    "As I see it",
    "On balance",
    "For a start",
    "Above all",
    "First of all",
    "More than that",
    "At bottom",
    "When it comes down to it",
    "In the end",
    "Seen from close by",
    "Speaking plainly",
    "To begin with",
    "What weighs most",
    "Looking at it soberly",
    "From experience",
    "In my reading",
    "Beyond the headlines",
    "Taken as a whole",
    "If one looks closely",
    "All told",
    "On reflection",
    "To put it simply",
    "What decides it for me",
    "One reason stands out",
    "Over the long run",
    "At the heart of it",
    "Without much doubt",
    "Put differently",
    "In a case like this",
    "Where this is tried",
    "By and large",
    "Everything considered",
    "Not least",
    "Just as much",
    "In the same breath",
    "Another point",
    "A further reason",
    "Then again",
)

CONNECTIVES = (
    "because",
    "since",
    "given that",
    "the reason being that",
    "as",
    "for the simple reason that",
    "it shows that",
    "it reminds us that",
    "seeing that",
    "considering that",
    "it follows that",
    "experience suggests that",
    "one may well say that",
    "one should bear in mind that",
    "I would add that",
    "it stands to reason that",
)

JOINERS = (
    "and",
    "and besides",
    "just as",
    "and at the same time",
    "and equally",
    "and with it",
)

REMARKS = (
    "the details of how it is carried out will decide a good deal",
    "much depends on the timetable and on who fills in the forms",
    "the figures quoted so far are rough and could look different next spring",
    "a short trial would show more than a long debate",
    "the paperwork alone takes several weeks",
    "it is hard to say from outside what the numbers will be",
    "two similar attempts ended in very different ways",
    "the wording leaves several points open",
    "there are cheaper and dearer ways to go about it",
    "the calendar matters here, and so does the weather",
    "half of the effects will only be seen later",
    "nobody has counted the hours that it takes",
    "the comparison with elsewhere is lopsided",
    "a lot turns on small print that few have read",
    "it may look different in a village and in a large place",
    "the first estimates were off by a wide margin",
    "the software for it is not ready",
    "it could be phased in over several quarters",
    "some of the assumptions are simply untested",
    "the present arrangement has loose ends as well",
    "it is partly a question of timing",
    "the sample behind these claims is small",
    "several versions of it circulate, and they differ",
    "the budget line for it has not been drawn up",
    "one would want to see a clear schedule",
    "it is easier to describe than to carry out",
    "the office in charge has few staff",
    "the debate mixes two separate questions",
    "what happens on an ordinary Tuesday counts for more than the announcement",
    "the paper trail is thin",
    "it runs into the same bottleneck as the previous attempt",
    "the middle of the range seems the most plausible outcome",
)
"""Pragmatic remarks that appeal to no value of any common theory."""

FILLERS = (
    "as far as one can tell",
    "in most cases that I know of",
    "at least in the form described here",
    "though not in every single instance",
    "to the extent that the description is accurate",
    "with the usual reservations",
    "and the timetable will show how far it carries",
    "going by what is on the table",
    "whatever the first figures say",
    "as anyone who has filled in the forms knows",
    "within the margins that were given",
    "and a trial run could confirm it",
    "if the account given is complete",
    "at any rate for the time being",
    "looking only at what was asked",
    "even where the details remain open",
    "in the version that is being discussed",
    "and not only on paper",
)

POINTS = (
    "A point about {}",
    "What {} comes down to",
    "On {}",
    "Thinking of {}",
    "The matter of {}",
    "Where {} is concerned",
    "With {} in view",
    "Regarding {}",
    "How {} plays out",
    "Looking at {}",
)

CAVEATS = (
    "It is important to note that views differ.",
    "It is important to remember that this is one reading.",
    "That said, the details may differ.",
    "Others may see this differently.",
)

REFUSALS = (
    "I'm sorry, but I can't take a position on this question.",
    "As an AI language model, I cannot express a personal opinion on this topic.",
    "I'm not able to take sides on this one. I can describe the arguments that people make, if that helps.",
    "I cannot provide an opinion here, as it touches on a sensitive subject.",
    "I'm sorry, but I don't think that it is appropriate for me to answer this.",
)
