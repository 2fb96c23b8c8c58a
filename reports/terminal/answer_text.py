"""One answer in the terminal, with the judge's labels."""

from __future__ import annotations

from rich.text import Text

from ...domain.answer import Answer
from ...domain.judgement import Judgement
from ...domain.texts.counting import count
from ..plain_text import plain


def answer_text(answer: Answer, judgement: Judgement | None) -> Text:
    """An answer: its model, its stance and its reasons; words that show a value underlined, the value behind them."""
    stance = answer.stance.value if answer.stance else answer.outcome.value
    wording = f", wording {answer.wording}" if answer.wording else ""
    text = plain(f"{answer.member}{wording}, sample {answer.sample}: {stance}")
    for number, point in enumerate(answer.key_points):
        line = plain(f"\n  {number + 1}. {point.text}")
        labels = [label for label in judgement.labels if label.key_point == number] if judgement else []
        for label in labels:
            start = line.plain.find(label.quote)
            if start >= 0:
                line.stylize("underline", start, start + len(label.quote))
        line.append_text(plain("".join(f"  «{label.value}: {label.quote}»" for label in labels)))
        text.append_text(line)
    if judgement is not None and judgement.dropped:
        text.append(f"\n  {count(judgement.dropped, 'label')} dropped: the quote is not in the text")
    return text
