"""The embedder that a setting names: a short name, or a dotted path to a class of one's own."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from ...domain.errors import InputError
from ...domain.named import IMPORTABLE
from ...domain.texts.safe_text import one_line
from .embedder import Embedder
from .hashing_embedder import HashingEmbedder
from .minilm_embedder import MiniLmEmbedder
from .onnx_embedder import OnnxEmbedder
from .openai_embedder import OpenAIEmbedder
from .probe_embedder import defect
from .sentence_embedder import PREFIX, SentenceEmbedder

SHORT_NAMES: dict[str, Callable[[], Embedder]] = {
    "hashing": HashingEmbedder,
    "minilm": MiniLmEmbedder,
    "onnx": OnnxEmbedder,
}
CHOICES = "hashing, minilm, onnx, openai:<model>, sentence-transformers:<name or path> or package.module:Class"


def ships(name: str) -> bool:
    """Whether an embedder's name leads to nothing but this program: no other code, no file, no service."""
    return name in SHORT_NAMES


def make_embedder(name: str) -> Embedder:
    """The embedder called ``name``, loaded and ready; the environment's key is read for ``openai:<model>`` only.

    A dotted path is imported, its class called without arguments and what it makes tried on three texts: pass only
    names that the user gave. Raises ``InputError`` when there is no such embedder, or it cannot be loaded or used.
    """
    if name in SHORT_NAMES:
        return SHORT_NAMES[name]()
    module, colon, attribute = name.partition(":")
    if module == "openai" and attribute.strip():
        return OpenAIEmbedder.from_environment(attribute.strip())
    if module == PREFIX and attribute.strip():
        return SentenceEmbedder(attribute.strip())
    if module in ("openai", PREFIX) or not colon or not attribute.isidentifier():
        raise InputError(f"embedder {name!r}: unknown — choose {CHOICES}")
    return _imported(name, module, attribute)


def _imported(name: str, module: str, attribute: str) -> Embedder:
    try:
        made = getattr(import_module(module), attribute)()
    except ImportError as error:
        raise InputError(f"embedder {name!r}: cannot import it ({error}) — {IMPORTABLE}") from error
    except (ValueError, AttributeError, TypeError) as error:
        raise InputError(f"embedder {name!r}: {error} — choose {CHOICES}") from error
    except Exception as error:  # a stranger's code may raise anything, and the user must hear whose it was
        raise InputError(
            f"embedder {name!r}: it cannot be made ({type(error).__name__}: {one_line(str(error))}) — fix it"
        ) from error
    if not isinstance(made, Embedder):
        raise InputError(f"embedder {name!r}: not an embedder; see memory/embedders/embedder.py for what one must have")
    try:
        problem = defect(made)
    except Exception as error:  # as above: whatever its ``embed`` raises here, it would raise in the middle of a run
        raise InputError(
            f"embedder {name!r}: it raised {type(error).__name__}: {one_line(str(error))} — fix it"
        ) from error
    if problem:
        raise InputError(f"embedder {name!r}: {problem} — fix it, see memory/embedders/embedder.py")
    return made


def embedder_behind(fingerprint: str, name: str | None) -> Embedder:
    """The embedder that a memory with this fingerprint was made with; ``name`` where the fingerprint does not tell.

    Raises ``InputError`` when neither does, or as ``make_embedder`` does.
    """
    kind, _, rest = fingerprint.partition("/")
    if name is None and kind in SHORT_NAMES:
        name = kind
    elif name is None and kind == "openai":
        # The memory may be a stranger's, and whoever looks into it would send its texts there, with their own key.
        asked = f"openai:{rest.partition('/')[0]}"
        raise InputError(f"this memory was made with {asked!r}, which calls an endpoint — allow it: --embedder {asked}")
    if name is None:
        raise InputError(
            f"this memory was made with an embedder that is not part of adaem ({fingerprint}) — name it: --embedder"
        )
    return make_embedder(name)
