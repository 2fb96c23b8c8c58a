"""Whose key a well-known environment variable holds, and the addresses where that provider takes it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Provider:
    """``names`` are LangChain's, ``hosts`` the provider's own API addresses, ``variables`` where its key is kept.

    ``regions`` is the part of its regional addresses behind the region: nobody but the provider has any below it.
    """

    names: tuple[str, ...]
    hosts: tuple[str, ...]
    variables: tuple[str, ...]
    regions: str = ""

    def serves(self, host: str) -> bool:
        """Whether ``host`` (in lower case, without a port) is the provider's own."""
        return host in self.hosts or (bool(self.regions) and host.endswith(self.regions))


OPENAI_ITSELF = Provider(
    ("openai",), ("api.openai.com",), ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY"), regions=".api.openai.com"
)

PROVIDERS = (
    OPENAI_ITSELF,
    Provider(("anthropic",), ("api.anthropic.com",), ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN")),
    Provider(
        ("google_genai",),
        ("generativelanguage.googleapis.com",),
        ("GOOGLE_API_KEY", "GEMINI_API_KEY", "GOOGLE_GENERATIVE_AI_API_KEY"),
    ),
    Provider(("openrouter",), ("openrouter.ai",), ("OPENROUTER_API_KEY",)),
    Provider(("groq",), ("api.groq.com",), ("GROQ_API_KEY",)),
    Provider(("mistralai",), ("api.mistral.ai",), ("MISTRAL_API_KEY",)),
    Provider(("together",), ("api.together.xyz", "api.together.ai"), ("TOGETHER_API_KEY", "TOGETHERAI_API_KEY")),
    Provider(("fireworks",), ("api.fireworks.ai",), ("FIREWORKS_API_KEY", "FIREWORKS_AI_API_KEY")),
    Provider(("deepseek",), ("api.deepseek.com",), ("DEEPSEEK_API_KEY",)),
    Provider(("xai",), ("api.x.ai",), ("XAI_API_KEY",)),
    Provider(("perplexity",), ("api.perplexity.ai",), ("PERPLEXITY_API_KEY", "PERPLEXITYAI_API_KEY", "PPLX_API_KEY")),
    Provider((), ("api.cerebras.ai",), ("CEREBRAS_API_KEY",)),
    Provider(("cohere",), ("api.cohere.com", "api.cohere.ai"), ("COHERE_API_KEY", "CO_API_KEY")),
    Provider(
        ("huggingface",),
        ("router.huggingface.co", "api-inference.huggingface.co"),
        ("HF_TOKEN", "HUGGINGFACE_API_KEY", "HUGGINGFACEHUB_API_TOKEN", "HUGGING_FACE_HUB_TOKEN"),
    ),
    Provider(("nvidia",), ("integrate.api.nvidia.com",), ("NVIDIA_API_KEY",)),
    Provider((), ("api.deepinfra.com",), ("DEEPINFRA_API_KEY", "DEEPINFRA_API_TOKEN")),
    Provider((), ("api.sambanova.ai",), ("SAMBANOVA_API_KEY",)),
    Provider((), ("api.tokenfactory.nebius.com", "api.studio.nebius.ai"), ("NEBIUS_API_KEY",)),
    Provider((), ("api.moonshot.ai", "api.moonshot.cn"), ("MOONSHOT_API_KEY",)),
    Provider((), ("api.z.ai",), ("ZAI_API_KEY",)),
    Provider((), ("dashscope.aliyuncs.com", "dashscope-intl.aliyuncs.com"), ("DASHSCOPE_API_KEY",)),
    Provider((), ("ai-gateway.vercel.sh",), ("AI_GATEWAY_API_KEY",)),
    Provider((), ("models.github.ai",), ("GITHUB_TOKEN", "GH_TOKEN")),
    # Their addresses hold the customer's name, and anybody can be a customer: no address is known to be the user's.
    Provider(
        ("azure_openai", "azure_ai"),
        (),
        ("AZURE_OPENAI_API_KEY", "AZURE_OPENAI_AD_TOKEN", "AZURE_API_KEY", "AZURE_AI_API_KEY", "AZURE_INFERENCE_KEY"),
    ),
    Provider(
        ("bedrock", "bedrock_converse"),
        (),
        ("AWS_BEARER_TOKEN_BEDROCK", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"),
    ),
    Provider(("databricks",), (), ("DATABRICKS_TOKEN",)),
    # Never a model's key.
    Provider((), (), ("LANGSMITH_API_KEY", "LANGCHAIN_API_KEY")),
)


def owner(variable: str) -> Provider | None:
    """The provider whose key ``variable`` is known to hold. Some systems do not tell upper from lower case."""
    return next((provider for provider in PROVIDERS if variable.upper() in provider.variables), None)


def provider(name: str) -> Provider | None:
    """The provider that LangChain calls ``name``."""
    return next((provider for provider in PROVIDERS if name in provider.names), None)
