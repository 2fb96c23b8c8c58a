"""How providers say that a content filter stepped in, in an error's words or as the reason why a response ended.

A filter is the provider's, a refusal the model's own. Sources: the providers' pages on errors and stop reasons, and
what their users report; ``tests/support/provider_ways.py`` has an example of each.
"""

from __future__ import annotations

import re

from .error_details import ErrorWords

_STATUSES = frozenset({None, 400, 403, 406, 422, 424, 446, 451})
"""Where a filter may speak. 446 is Portkey's guardrails, 451 StepFun's censorship; None is an error in a 200."""

_ALWAYS = frozenset({446, 451})

_CODES = re.compile(
    r"\b(?:content_?filter\w*|ResponsibleAIPolicyViolation|content_?policy\w*"  # Azure, LiteLLM
    r"|data_?inspection_?failed|censorship_blocked|moderation_blocked|safety_check\w*"  # Qwen, StepFun, OpenAI, xAI
    r"|\w*SensitiveContentDetected\w*|\w*IllegalDetected|\w*RiskDetected"  # Doubao, Hunyuan
    r"|PROHIBITED_CONTENT|BLOCKLIST|SPII|error_toxic|guardrail\w*|new_sensitive"  # Gemini, Cohere, MiniMax
    r"|flagged_input)\b",  # OpenRouter
    re.IGNORECASE,
)
_CODES_ALONE = frozenset({"1301", "1026", "1027"})
"""GLM's and MiniMax's codes for unsafe input or output."""

_WORDS = re.compile(
    r"content management policy|content[ -]filter(?:ing|ed)?\b|filter(?:ed)? due to"  # Azure, Anthropic
    r"|content exists risk|considered (?:high risk|unsafe)|moderation block"  # DeepSeek, Kimi, MiMo
    r"|violat\w+ (?:of )?(?:our |the |its |\w+'s )?(?:usage|content|safety|acceptable use|community)"
    r" (?:polic|guideline|rule)"  # xAI, OpenAI
    r"|inappropriate content|(?:unsafe|sensitive|harmful|illegal|prohibited) (?:or \w+ )?content"  # Qwen, GLM
    r"|(?:input|prompt|request|content|output|response|message|query)s? (?:was|were|is|has been|have been|got) "
    r"(?:\w+ )?(?:flagged|filtered|moderated)"  # OpenRouter, OpenAI
    r"|(?:input|prompt|request|content|output|response)s? (?:was |were |is |has been )?(?:blocked|rejected) "
    r"(?:by|due to|because of|as a result of) (?:\w+ ){0,3}(?:safety|security|moderation|policy|guardrail|filter)"
    r"|safety system|responsible ai"  # OpenAI, Vertex
    r"|敏感|违规|不合规|内容审核|内容安全|安全审核",  # GLM, Baidu, iFlytek
    re.IGNORECASE,
)
_ABOUT_THE_ACCOUNT = re.compile(
    r"\b(?:account|organi[sz]ation|team|api key|project|user)\b[^.]{0,60}"
    r"\b(?:deactivat|suspend|terminat|disabl|banned|blocked)|账号|账户",
    re.IGNORECASE,
)
"""A blocked account has broken a policy too, and no other prompt helps it."""

_REASONS = frozenset(
    {
        *("content_filter", "content_filtered", "contentfilter", "filtered", "content_policy_violation", "moderation"),
        *("safety", "image_safety", "prohibited_content", "blocklist", "recitation", "spii", "model_armor"),  # Google
        *("sensitive", "censored", "error_toxic", "blocked", "flagged"),  # GLM, Hunyuan, Cohere, gateways
        *("guardrail", "guardrail_intervened", "guardrails"),  # Bedrock
        *("input_guardrail_triggered", "output_guardrail_triggered"),  # Databricks
        "refusal",  # Anthropic's classifiers end a response so; a model's own refusal is a field of its message
    }
)
_NOT_A_WORD = re.compile(r"[^a-z_]+")


def about_filter(words: ErrorWords) -> bool:
    """Whether an error is a filter's doing: the same prompt will meet it again, another may not.

    A gateway's web page is none: a company's own filter stops every request.

    >>> about_filter(ErrorWords(("Content Exists Risk",), ("invalid_request_error",), 400, in_error=True))
    True
    """
    if not words.in_error:
        return False
    if words.status in _ALWAYS:
        return True
    if words.status not in _STATUSES or _ABOUT_THE_ACCOUNT.search(words.text):
        return False
    return (
        _CODES.search(words.text) is not None
        or not _CODES_ALONE.isdisjoint(words.codes)
        or _WORDS.search(words.text) is not None
    )


def filter_reason(reason: str) -> bool:
    """Whether a reason for ending a response names a filter, in whatever dress.

    >>> filter_reason("content_filter: PROHIBITED_CONTENT"), filter_reason("FinishReason.SAFETY"), filter_reason("stop")
    (True, True, False)
    """
    return not _REASONS.isdisjoint(_NOT_A_WORD.split(reason.lower()))
