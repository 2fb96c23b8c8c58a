"""Which hosts a pool file may allow without encryption, in every spelling that leads somewhere else."""

from __future__ import annotations

from pathlib import Path

import pytest
from adaem.domain.errors import FileError
from adaem.domain.pool_spec import PoolSpec
from adaem.domain.private_hosts import allowed_host, allows, is_private, literal, reads_as_number
from adaem.domain.reading.yaml_records import load_pool

MEMBERS = [{"id": "m", "model": "openai:x", "roles": ["scout"]}]


@pytest.mark.parametrize(
    ("written", "entry"),
    [
        ("192.168.1.20", "192.168.1.20"),
        ("192.168.1.20:8000", "192.168.1.20:8000"),
        ("10.255.255.255", "10.255.255.255"),
        ("172.16.0.1", "172.16.0.1"),
        ("172.31.255.255:1", "172.31.255.255:1"),
        ("169.254.7.7", "169.254.7.7"),
        ("127.0.0.1", "127.0.0.1"),
        ("fd00::1", "fd00::1"),
        ("FD00:0:0::0001", "fd00::1"),
        ("[fd00::1]", "fd00::1"),
        ("[fd00::1]:8000", "[fd00::1]:8000"),
        ("fe80::1", "fe80::1"),
        ("::1", "::1"),
        ("::ffff:192.168.1.20", "192.168.1.20"),
        ("[::FFFF:c0a8:114]:8000", "192.168.1.20:8000"),
        ("gpu", "gpu"),
        ("GPU.Lan.", "gpu.lan"),
        ("gpu.lan.:8000", "gpu.lan:8000"),
        ("my_box-2", "my_box-2"),
        ("localhost.evil.com", "localhost.evil.com"),
    ],
)
def test_a_host_is_compared_in_one_spelling(written: str, entry: str) -> None:
    assert allowed_host(written) == entry
    assert allowed_host(entry) == entry


@pytest.mark.parametrize(
    "public",
    [
        "8.8.8.8",
        "8.8.8.8:80",
        "0.0.0.0",
        "255.255.255.255",
        "100.64.0.1",
        "172.15.255.255",
        "172.32.0.0",
        "192.169.0.1",
        "169.253.0.1",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "::",
        "2001:4860:4860::8888",
        "[2001:db8::1]:80",
        "fec0::1",
        "::ffff:8.8.8.8",
        "[::ffff:0.0.0.0]",
        "64:ff9b::c0a8:114",
        "2002:c0a8:114::1",
    ],
)
def test_what_is_beyond_ones_own_network_is_refused_by_name(public: str) -> None:
    with pytest.raises(ValueError, match="no private address: prompts and keys would cross the internet unencrypted"):
        allowed_host(public)


@pytest.mark.parametrize(
    "number",
    ["3232235796", "0xC0A80114", "0x7f.1", "127.1", "192.168.276", "0300.0250.1.024", "192.168.1.256", "192.168.1.20."],
)
def test_a_number_that_a_resolver_would_read_is_refused(number: str) -> None:
    assert reads_as_number(number)
    with pytest.raises(ValueError, match="four numbers from 0 to 255"):
        allowed_host(number)


@pytest.mark.parametrize(
    "written",
    [
        "",
        " gpu",
        "gpu ",
        "*",
        "*.lan",
        "http://gpu",
        "gpu/v1",
        "user@gpu",
        "user:word@192.168.1.20",
        "192.168.1.0/24",
        "gpu:port",
        "gpu:99999",
        "gpu?x",
        "gpu#x",
        "[fd00::1",
        "fe80::1%eth0",
        "fd00::1::2",
        "gp\u0443",
        "gpu\\evil",
        "gpu..",
        "-gpu",
        ".",
    ],
)
def test_what_is_no_host_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="is no host"):
        allowed_host(written)


def test_names_are_no_numbers() -> None:
    assert not any(map(reads_as_number, ("gpu", "gpu1", "0xbox", "1.gpu", "7.lan.", "10-0-0-7")))


@pytest.mark.parametrize(
    ("entry", "host", "port", "allowed"),
    [
        ("192.168.1.20", "192.168.1.20", 80, True),
        ("192.168.1.20", "192.168.1.20", 8000, True),
        ("192.168.1.20:8000", "192.168.1.20", 8000, True),
        ("192.168.1.20:8000", "192.168.1.20", 8001, False),
        ("192.168.1.20", "192.168.1.2", 80, False),
        ("192.168.1.20", "192.168.1.200", 80, False),
        ("192.168.1.20", "::ffff:192.168.1.20", 80, True),
        ("[fd00::1]:8000", "FD00:0::1", 8000, True),
        ("[fd00::1]:8000", "fd00::1", 80, False),
        ("gpu.lan", "GPU.lan.", 80, True),
        ("gpu.lan", "sub.gpu.lan", 80, False),
        ("gpu.lan", "gpu.lan.evil.com", 80, False),
        ("localhost", "localhost.evil.com", 80, False),
    ],
)
def test_an_entry_allows_its_host_at_its_port_and_nothing_beside(
    entry: str, host: str, port: int, allowed: bool
) -> None:
    assert allows([allowed_host(entry)], host, port) is allowed


def test_this_machine_is_private_and_an_unspecified_address_is_not() -> None:
    private = {text: is_private(address) for text in ("127.8.9.1", "::1", "::ffff:127.0.0.1", "0.0.0.0", "::")
               if (address := literal(text)) is not None}  # fmt: skip
    assert private == {"127.8.9.1": True, "::1": True, "::ffff:127.0.0.1": True, "0.0.0.0": False, "::": False}
    assert literal("gpu") is None


def test_a_pool_file_allows_hosts_and_names_the_line_of_one_that_it_may_not(tmp_path: Path) -> None:
    file = tmp_path / "pool.yaml"
    members = "members:\n  - {id: m, model: 'openai:x', roles: [scout]}\n"
    file.write_text(f"allowed_hosts: [192.168.1.20, GPU.lan:8000]\n{members}", encoding="utf-8")
    spec = load_pool(str(file))
    assert spec.allowed_hosts == ("192.168.1.20", "gpu.lan:8000")
    assert PoolSpec.model_validate_json(spec.model_dump_json()) == spec
    file.write_text(f"allowed_hosts:\n  - gpu\n  - 8.8.8.8\n{members}", encoding="utf-8")
    with pytest.raises(FileError, match=r"line 3, allowed_hosts\.1: is no private address: .*found '8\.8\.8\.8'"):
        load_pool(str(file))


def test_without_a_word_nothing_is_allowed() -> None:
    assert PoolSpec.model_validate({"members": MEMBERS}).allowed_hosts == ()
