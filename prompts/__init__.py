"""Words only: one folder a prompt set, one file a prompt, and the library that checks and renders them."""

from .library import PROMPT_FIELDS, PromptLibrary
from .sets import load_prompts

__all__ = ["PROMPT_FIELDS", "PromptLibrary", "load_prompts"]
