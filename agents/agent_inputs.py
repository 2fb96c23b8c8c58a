"""What the settings name, loaded once: jobs, graph and agents hold the same object."""

from __future__ import annotations

from dataclasses import dataclass

from ..domain.framework import Framework
from ..domain.pool_spec import PoolSpec
from ..domain.settings import Settings
from ..memory.embedders.embedder import Embedder
from ..prompts import PromptLibrary


@dataclass(frozen=True)
class Inputs:
    """The settings, resolved, with the framework, the members, the prompts and the embedder that they name."""

    settings: Settings
    framework: Framework
    pool: PoolSpec
    prompts: PromptLibrary
    embedder: Embedder
