"""How many topics it takes to say anything: the unit of every interval is the topic (METHOD.md section 5)."""

from __future__ import annotations

FEWEST_TOPICS_FOR_AN_INTERVAL = 5
"""With fewer topics no interval is given: resampling four of anything says nothing about a tail."""

FEWEST_TOPICS_FOR_A_VERDICT = 20
"""With fewer topics no difference between models is called settled, either way."""
