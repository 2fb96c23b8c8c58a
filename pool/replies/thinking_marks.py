"""The marks by which models set their thinking apart, by family, and what wraps the answer behind it.

Sources: the models' chat templates, and the reasoning parsers of vLLM and SGLang. A server that knows its model takes
the marks away; these are for the others, for routers, and for texts that were recorded elsewhere.
"""

from __future__ import annotations

import re

_NAMES = (
    r"(?:[a-z]{1,20}[:_])?(?:think(?:ing)?|thoughts?|reason(?:ing)?|reflection|analysis|scratchpad|rationale"
    r"|chain[_-]of[_-]thought|cot|inner[_-]monologue|deliberation)"
)
"""Of tags: <think> (DeepSeek, Qwen, GLM, Nemotron, Hunyuan, ERNIE), <seed:think>, <thought> (EXAONE), <reasoning>, …"""

_OPENING = (
    rf"<{_NAMES}(?:\s[^<>]{{0,100}})?>"
    r"|\[THINK\]"  # Magistral
    r"|◁think▷"  # Kimi
    r"|<\|START_THINKING\|>"  # Cohere
    r"|<\|begin_of_thought\|>"  # OpenThinker
    r"|<\|channel>\s*thought\b|<unused94>\s*thought\b"  # Gemma
    r"|<\|inner_prefix\|>"  # Apertus
    r"|<\|think\|>"  # Solar
)
_CLOSING = (
    rf"</{_NAMES}>"
    r"|\[/THINK\]|◁/think▷|<\|END_THINKING\|>|<\|end_of_thought\|>|<channel\|>|<unused95>|<\|inner_suffix\|>"
    r"|<\|end\|>(?=\s*<\|begin\|>\s*assistant)"
)
OPENING = re.compile(_OPENING, re.IGNORECASE)
CLOSING = re.compile(_CLOSING, re.IGNORECASE)
"""Marks that nobody writes by chance. A closing one may stand alone: some templates open the thinking in the prompt."""

IN_WORDS = tuple(
    (re.compile(opening, re.IGNORECASE), re.compile(closing, re.IGNORECASE))
    for opening, closing in (
        (r"\s*here(?:'s|’s| is) my thought process\s*:?", r"\bhere(?:'s|’s| is) my response\s*:?"),  # Granite 3.2
        (r"\s*thinking\.\.\.\s*\n", r"\.\.\.\s*done thinking\.?"),  # Ollama's command line
        (r"\s*<\|im_start\|>think\b", r"<\|im_start\|>answer\b"),  # s1
    )
)
"""Pairs that could be ordinary words, and mean thinking only where the text opens so."""

CHANNEL = re.compile(
    r"(?:<\|start\|>\s*assistant\s*)?<\|channel\|>\s*([a-z]{1,20})[^<]{0,200}(?:<\|constrain\|>[^<]{0,100})?<\|message\|>"
)
"""gpt-oss ("harmony"): every part names its channel, and only ``final`` is the answer."""

BARE_CHANNEL = re.compile(r"\s*(?:assistant)?(?:analysis|commentary)")
BARE_FINAL = re.compile(r"assistant\s?final")
BARE_UNCLOSED = re.compile(r"\s*(?:assistant)?analysis(?=[A-Z])")
BARE_ANSWER = re.compile(r"\s*(?:assistant\s?final|final(?=\s*\{))")
"""The same where a server has dropped the marks and left their words: ``analysisWe need … assistantfinal{…}``."""

END_OF_TURN = (
    *("<|end|>", "<|return|>", "<|call|>", "<|im_end|>", "<|eot_id|>", "<|endoftext|>", "</s>"),
    *("<|END_RESPONSE|>", "<|END_OF_TURN_TOKEN|>", "<|end_of_solution|>"),
)

_WRAPPERS = "answer|response|output|final_answer|final|result|solution|reply|json"
WRAPPED = re.compile(rf"\s*<({_WRAPPERS})>(.*?)(?:</\1>\s*)?\Z", re.IGNORECASE | re.DOTALL)
"""Hunyuan, ERNIE and Granite name the answer too, behind their thinking."""

ANSWER_MARK = re.compile(r"\s*(?:<\|START_RESPONSE\|>|<\|begin_of_solution\|>|<\|begin\|>\s*assistant\s*<\|content\|>)")

UNKNOWN_TAG = re.compile(
    rf"<(?!/|(?:{_WRAPPERS})\b|br\b|p\b|s>)[a-z|][\w:|-]{{0,40}}(?:\s[^<>]{{0,100}})?>", re.IGNORECASE
)
"""Any other tag. Before a reply in JSON it opens something that nobody knows: thinking, most likely."""
