from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from kurator_tui.api.kubeconfig import kubeconfig_from_secret, load_kubeconfig
from kurator_tui.errors import CredentialError, KubeconfigError, RefusedCredential
from tests.unit.api.support import TOKEN, document


def write(path: Path, text: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return str(path)


def config(name: str, server: str, **top: object) -> str:
    body: dict[str, object] = {
        "current-context": name,
        "contexts": [{"name": name, "context": {"cluster": name, "user": name, "namespace": "apps"}}],
        "clusters": [{"name": name, "cluster": {"server": server}}],
        "users": [{"name": name, "user": {"token": TOKEN}}],
    }
    return yaml.safe_dump({**body, **top})


def test_explicit_path_wins_over_environment(tmp_path: Path) -> None:
    one = write(tmp_path / "one", config("one", "https://one:6443"))
    two = write(tmp_path / "two", config("two", "https://two:6443"))
    ref = load_kubeconfig(one, {"KUBECONFIG": two}).select(None)
    assert (ref.name, ref.cluster, ref.user, ref.namespace, ref.server) == (
        "one",
        "one",
        "one",
        "apps",
        "https://one:6443",
    )


def test_kubeconfig_list_is_merged_first_wins_and_missing_files_are_passed_over(tmp_path: Path) -> None:
    one = write(tmp_path / "one", config("one", "https://one:6443"))
    clash = write(tmp_path / "clash", config("one", "https://other:6443"))
    two = write(tmp_path / "two", config("two", "https://two:6443"))
    listed = os.pathsep.join([str(tmp_path / "missing"), one, clash, two])
    merged = load_kubeconfig(None, {"KUBECONFIG": listed})
    assert merged.current == "one"
    assert {name: ref.server for name, ref in merged.contexts.items()} == {
        "one": "https://one:6443",
        "two": "https://two:6443",
    }


def test_home_is_the_default(tmp_path: Path) -> None:
    write(tmp_path / ".kube" / "config", config("home", "https://home:6443"))
    assert load_kubeconfig(None, {"HOME": str(tmp_path)}).current == "home"


def test_relative_paths_belong_to_their_file(tmp_path: Path) -> None:
    users = [{"name": "a", "user": {"client-certificate": "c.pem", "exec": {"command": "./login"}}}]
    clusters = [{"name": "a", "cluster": {"server": "https://a", "certificate-authority": "pki/ca.pem"}}]
    path = write(tmp_path / "sub" / "a", config("a", "", users=users, clusters=clusters))
    loaded = load_kubeconfig(path, {})
    ref = loaded.select(None)
    assert loaded.cluster(ref)["certificate-authority"] == str(tmp_path / "sub" / "pki" / "ca.pem")
    assert loaded.user(ref)["client-certificate"] == str(tmp_path / "sub" / "c.pem")
    assert Path(loaded.user(ref)["exec"]["command"]) == tmp_path / "sub" / "login"


def test_a_plugin_found_by_path_stays_a_bare_name(tmp_path: Path) -> None:
    users = [{"name": "a", "user": {"exec": {"command": "aws"}}}]
    loaded = load_kubeconfig(write(tmp_path / "a", config("a", "https://a", users=users)), {})
    assert loaded.user(loaded.select(None))["exec"]["command"] == "aws"


def test_in_cluster_is_the_last_resort(tmp_path: Path) -> None:
    for name, text in (("token", TOKEN), ("ca.crt", "CA"), ("namespace", "ns\n")):
        write(tmp_path / "sa" / name, text)
    env = {"HOME": str(tmp_path), "KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443"}
    loaded = load_kubeconfig(None, env, service_account=tmp_path / "sa")
    ref = loaded.select(None)
    assert (ref.server, ref.namespace) == ("https://[fd00::1]:443", "ns")
    assert loaded.user(ref) == {"tokenFile": str(tmp_path / "sa" / "token")}


def test_for_server_compares_urls_not_spellings(tmp_path: Path) -> None:
    loaded = load_kubeconfig(write(tmp_path / "a", config("a", "https://API.example.com:443/")), {})
    found = loaded.for_server("https://api.example.com")
    assert found is not None
    assert found.name == "a"
    assert loaded.for_server("https://api.example.com:6443") is None
    assert loaded.for_server("not a url") is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("{unclosed: [", "is not YAML (line "),
        ("just text", "is not a kubeconfig"),
        ("\x00\x01", "is not YAML"),
        (config("a", "https://a", **{"current-context": ""}), "has no current context"),
        (config("a", "https://a", **{"current-context": "gone"}), "has no context 'gone'"),
        (config("a", "https://a", users=[]), "refers to user 'a', which is not there"),
        (config("a", "https://a", clusters=[]), "refers to cluster 'a', which is not there"),
        (config("a", "https://a", clusters=[{"name": "a", "cluster": {}}]), "has no server"),
        (config("a", "ftp://a"), "no http(s) URL"),
    ],
)
def test_bad_file_says_what_is_wrong(tmp_path: Path, text: str, said: str) -> None:
    path = write(tmp_path / "bad", text)
    with pytest.raises(KubeconfigError) as caught:
        load_kubeconfig(path, {}).select(None)
    assert said in caught.value.message
    assert TOKEN not in caught.value.message + caught.value.hint


def test_yaml_mistake_does_not_quote_the_file(tmp_path: Path) -> None:
    path = write(tmp_path / "bad", f"users:\n- token: {TOKEN}\n  : : {TOKEN} [\n")
    with pytest.raises(KubeconfigError) as caught:
        load_kubeconfig(path, {})
    assert TOKEN not in repr(caught.value) + str(caught.value.__context__)


def test_directory_missing_and_unreadable(tmp_path: Path) -> None:
    with pytest.raises(KubeconfigError, match="is a directory"):
        load_kubeconfig(str(tmp_path), {})
    with pytest.raises(KubeconfigError, match="does not exist"):
        load_kubeconfig(str(tmp_path / "nothing"), {})
    with pytest.raises(KubeconfigError, match="No kubeconfig") as caught:
        load_kubeconfig(None, {"HOME": str(tmp_path)})
    assert "demo" in caught.value.hint
    locked = Path(write(tmp_path / "locked", "x"))
    locked.chmod(0)
    with as_somebody_else(tmp_path), pytest.raises(KubeconfigError, match="cannot be read: Permission denied"):
        load_kubeconfig(str(locked), {})


def test_repr_shows_no_content(tmp_path: Path) -> None:
    loaded = load_kubeconfig(write(tmp_path / "a", config("a", "https://a")), {})
    assert TOKEN not in repr(loaded) + str(vars(loaded)["contexts"])


@contextlib.contextmanager
def as_somebody_else(folder: Path) -> Iterator[None]:
    """Root reads everything: let it be nobody for a while, in a folder that nobody may enter."""
    if os.geteuid() != 0:
        yield
        return
    top = Path(tempfile.gettempdir())
    for parent in (folder, *folder.parents):
        if parent != top and parent.is_relative_to(top):
            parent.chmod(0o755)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def secret(**user: object) -> bytes:
    return document("https://m1:6443", user=user).encode()


def test_secret_with_embedded_data_is_taken() -> None:
    loaded = kubeconfig_from_secret(secret(token=TOKEN), source="secret fleet/m1")
    assert loaded.select(None).server == "https://m1:6443"


def test_secret_without_current_context_but_one_context_is_taken() -> None:
    text = config("only", "https://only", **{"current-context": ""})
    assert kubeconfig_from_secret(text.encode(), source="s").select(None).name == "only"


def test_proxy_url_in_a_secret_is_taken() -> None:
    text = document("https://m1", cluster={"proxy-url": "http://proxy:3128"}, user={"token": TOKEN})
    assert kubeconfig_from_secret(text.encode(), source="s").current == "here"


@pytest.mark.parametrize("key", ["exec", "auth-provider", "client-certificate", "client-key", "tokenFile"])
def test_secret_that_would_run_or_read_here_is_refused(key: str) -> None:
    with pytest.raises(RefusedCredential, match=f"`{key}`"):
        kubeconfig_from_secret(secret(**{key: {"command": "evil"}}), source="secret fleet/m1")


def test_secret_with_ca_file_is_refused() -> None:
    text = document("https://m1", cluster={"certificate-authority": "/etc/passwd"})
    with pytest.raises(RefusedCredential, match="`certificate-authority`"):
        kubeconfig_from_secret(text.encode(), source="s")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b"\x80\x81bin", "is not YAML"),
        (b"access-key: AKIA\nsecret-key: zzz\n", "is not a kubeconfig"),
        (config("a", "").encode(), "has no server"),
        (b"[" * 200_000 + b"]" * 200_000, "nests deeper"),
        (b"a: &a [x]\nb: [*a, *a]\n", "aliases"),
    ],
)
def test_secret_that_is_no_kubeconfig(data: bytes, said: str) -> None:
    with pytest.raises(CredentialError, match=said) as caught:
        kubeconfig_from_secret(data, source="secret fleet/m1")
    assert not isinstance(caught.value, RefusedCredential)
    assert "AKIA" not in str(caught.value)


def test_importing_it_brings_no_network_code() -> None:
    heavy = {"aiohttp", "kubernetes", "asyncio"}
    code = f"import sys, kurator_tui.api.kubeconfig; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
