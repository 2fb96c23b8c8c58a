"""Keys are found in every spelling that a server or a program gives them, and nothing else is touched."""

from __future__ import annotations

import base64
import html
import json
from urllib.parse import quote

import pytest
from adaem.domain.texts.hiding import HIDDEN, hide, known_keys, looks_like_key, name_key_variables
from hypothesis import given
from hypothesis import strategies as st

KEY = "sk-proj-Zq7/Wx9+Lm2_Tr5.Kv8=Bn4"
KEYS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=16, max_size=80)


def escaped_json(text: str) -> str:
    return "".join(f"\\u{ord(each):04x}" for each in text)


SPELLINGS = {
    "plain": KEY,
    "json": json.dumps(KEY)[1:-1].replace("/", "\\/"),
    "one escape": KEY.replace("-", "\\u002d"),
    "capital digits": KEY.replace("-", "\\u002D"),
    "json in json": json.dumps(json.dumps(escaped_json(KEY))),
    "every character": escaped_json(KEY),
    "python": "".join(f"\\x{ord(each):02x}" for each in KEY),
    "octal": "".join(f"\\{ord(each):03o}" for each in KEY),
    "javascript": "".join(f"\\u{{{ord(each):x}}}" for each in KEY),
    "url": quote(KEY, safe=""),
    "url in url": quote(quote(KEY, safe=""), safe=""),
    "every byte": "".join(f"%{ord(each):02x}" for each in KEY),
    "html": html.escape(KEY).replace("-", "&#45;"),
    "html in hexadecimal": "".join(f"&#x{ord(each):X};" for each in KEY),
    "hexadecimal": KEY.encode().hex(),
    "base64": base64.b64encode(KEY.encode()).decode(),
    "base64 of a header": base64.b64encode(f"Bearer {KEY}\n".encode()).decode(),
    "base64 of credentials": base64.b64encode(f"me:{KEY}".encode()).decode(),
    "base64 in a url": base64.urlsafe_b64encode(f"x{KEY}".encode()).decode(),
    "the other case": KEY.replace("-", "%2d").upper(),
}


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS)
def test_a_key_is_found_in_any_spelling(spelling: str) -> None:
    found = hide(f"you sent {spelling}, thanks", [KEY])
    assert HIDDEN in found
    assert "Wx9" not in found.replace("\\u0057", "W")
    assert found.startswith("you sent ")
    assert found.endswith(", thanks")
    assert len(found) < 45


def test_a_part_of_a_key_is_found_where_it_was_cut() -> None:
    first, second = KEY[:15], KEY[15:]
    assert hide(json.dumps({"point": first, "justification": second}), [KEY]) == json.dumps(
        {"point": HIDDEN, "justification": HIDDEN}
    )
    assert hide(f"{KEY[:12]}…", [KEY]) == f"{HIDDEN}…"
    assert hide("sk-proj- begins every key of a project", [KEY]) == "sk-proj- begins every key of a project"


@given(KEYS, st.text(max_size=40), st.integers(0, 60), st.integers(12, 80))
def test_no_quarter_of_a_key_is_left(key: str, around: str, start: int, length: int) -> None:
    least = max(12, len(key) // 4)
    part = key[start : start + max(length, least)]
    if len(key) > 12 and len(part) >= least:
        assert part not in hide(f"{around}{part}{around}", [key])


@given(st.text(max_size=200))
def test_a_text_without_keys_is_kept_as_it_is(text: str) -> None:
    assert hide(text, [KEY, "short"]) == text


def test_the_known_keys_are_those_that_were_named_and_those_whose_names_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "MY_LAB": "a key of another name",
        "FOREIGN_API_KEY": "0123456789abcdef",
        "DB_PASSWORD": "kept-as-it-is-1234567",
        "SHORT_API_KEY": "EMPTY",
    }.items():
        monkeypatch.setenv(name, value)
    assert "a key of another name" not in known_keys()
    name_key_variables(["MY_LAB", "NOT_SET"])
    assert known_keys() == ("a key of another name", "0123456789abcdef")


@pytest.mark.parametrize(
    "text",
    [
        "sk_live_51Habc123XYZ",
        "gsk_0a1b2c3d4e5f6g7h8i9j",
        "hf_aBcDeFgHiJkLm1oPqRsTuV",
        "AIzaSyA1B2C3D4E5F6G7H8I9J0K1L2M3N4O5P6Q",
        "a3f5c8e1b2d4f6a8c0e2b4d6f8a0c2e4",
        "xai-0123456789abcdef",
        "wJalrXUtnFEMIKMDENGbPxRfiCYEXAMPLEKEY",
    ],
)
def test_a_key_is_no_name(text: str) -> None:
    assert looks_like_key(text)


@pytest.mark.parametrize(
    "text",
    ["OPENAI_API_KEY", "openai_api_key_2", "HF_TOKEN", "hf_api_token_2", "HUGGING_FACE_HUB_TOKEN", "KEY1", "_",
     "AZURE_OPENAI_API_KEY_EUROPE_2", "AWS_BEARER_TOKEN_BEDROCK", "GOOGLE_GENERATIVE_AI_API_KEY"],
)  # fmt: skip
def test_a_name_is_no_key(text: str) -> None:
    assert not looks_like_key(text)
