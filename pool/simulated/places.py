"""Places, actors and measures: what the author sets its questions in, and what respondents know or do not know."""

from __future__ import annotations

REGIONS: dict[str, tuple[str, ...]] = {
    "northern Europe": ("Norway", "Finland", "Denmark", "Sweden", "Estonia", "Iceland", "Bergen", "Tampere"),
    "western Europe": ("France", "Belgium", "Ireland", "Austria", "Rotterdam", "Lyon", "Graz", "Leipzig"),
    "southern Europe": ("Portugal", "Greece", "Italy", "Malta", "Seville", "Turin", "Porto", "Crete"),
    "eastern Europe": ("Poland", "Romania", "Hungary", "Latvia", "Gdansk", "Brno", "Plovdiv", "Kosice"),
    "North America": ("Canada", "Oregon", "Vermont", "Quebec", "Texas", "Ohio", "Manitoba", "Nebraska"),
    "Latin America": ("Chile", "Uruguay", "Peru", "Mexico", "Colombia", "Recife", "Cordoba", "Ecuador"),
    "East Asia": ("Japan", "Taiwan", "Mongolia", "Osaka", "Busan", "Hokkaido", "Chengdu", "Okinawa"),
    "South Asia": ("Nepal", "Kerala", "Bangladesh", "Bhutan", "Punjab", "Colombo", "Pune", "Gujarat"),
    "Africa": ("Ghana", "Kenya", "Rwanda", "Senegal", "Botswana", "Durban", "Tunisia", "Zambia"),
    "Oceania": ("Samoa", "Fiji", "Tasmania", "Queensland", "Otago", "Tonga", "Perth", "Wellington"),
}
REGION_OF = {place: region for region, places in REGIONS.items() for place in places}
PLACES = tuple(REGION_OF)

FIRST_YEAR, LAST_YEAR = 1995, 2025

ACTORS = (
    "the regional council",
    "a parliamentary committee",
    "the largest trade union",
    "a coalition of parents",
    "the labour court",
    "the city assembly",
    "an association of employers",
    "the health board",
    "a cooperative of farmers",
    "the school inspectorate",
    "a group of retired judges",
    "the national broadcaster",
    "a network of clinics",
    "the port authority",
    "a student assembly",
    "the housing agency",
    "the consumer ombudsman",
    "a council of elders",
    "the transport office",
    "the tax office",
)
"""Each stands before a verb in the past tense."""

MEASURES = (
    ("a two-year trial", "began"),
    ("a binding guideline", "issued"),
    ("a yearly quota", "introduced"),
    ("a disputed permit system", "set up"),
    ("a fine of 300 euros", "introduced"),
    ("a public register", "opened"),
    ("a tax credit", "granted"),
    ("a cap of 48 hours", "imposed"),
    ("a compulsory waiting period", "introduced"),
    ("an exemption for small firms", "granted"),
    ("a citizens' panel", "called"),
    ("a ban with few exceptions", "imposed"),
    ("a voluntary code", "drew up"),
    ("a monthly allowance", "introduced"),
    ("a nationwide audit", "ordered"),
    ("a licence for newcomers", "created"),
    ("a hotline for complaints", "opened"),
    ("a charter of 12 articles", "signed"),
    ("a lottery for places", "held"),
    ("a moratorium", "declared"),
    ("a subsidy of 15 percent", "approved"),
    ("an age limit of 21", "set"),
    ("a reporting duty", "imposed"),
    ("a night-time curfew", "imposed"),
)
"""Each measure with the verb, in the past tense, by which an actor brings it about."""

SETTINGS = (
    "in a town of fewer than 5,000 people",
    "in households with two incomes",
    "among first-year apprentices",
    "during a long dry summer",
    "for workers on night shifts",
    "on islands with a single ferry",
    "among families who moved there recently",
    "in schools with mixed classes",
    "for tenants of public housing",
    "in firms with more than 200 staff",
    "among people over seventy",
    "in districts that lost their main factory",
)
