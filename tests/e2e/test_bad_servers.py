"""API servers that cannot be reached, are not trusted or say no: each with its reason, none at another's cost."""

from __future__ import annotations

import datetime
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import trustme
from aiohttp import web

from tests.e2e.bad_input import (
    MEMBER,
    NO_PODS_TOKEN,
    NOBODY_TOKEN,
    STRANGER_TOKEN,
    VIEWER_TOKEN,
    Access,
    Server,
    b64,
    complains,
    kubeconfig,
    nothing_secret,
    run,
    server_context,
    serving,
    together,
    token,
    write,
)

LONG_AGO = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
REFUSED = "https://127.0.0.1:9"
UNRESOLVED = "https://no-such-host.invalid:6443"


class Authority:
    """A certificate authority, with servers and users of its own."""

    def __init__(self) -> None:
        self._ca = trustme.CA()
        self.trust = {"certificate-authority-data": b64(self._ca.cert_pem.bytes())}

    def server(self, name: str = "tls", *names: str, not_after: datetime.datetime | None = None) -> Server:
        leaf = self._ca.issue_cert(*(names or ("127.0.0.1",)), not_after=not_after)
        return Server(name, MEMBER, server_context(leaf))

    def demanding_server(self) -> Server:
        """A server that talks only to those with a client certificate of ours."""
        context = server_context(self._ca.issue_cert("127.0.0.1"))
        self._ca.configure_trust(context)
        context.verify_mode = context.verify_mode.CERT_REQUIRED
        return Server("demanding", MEMBER, context)

    def user(self, not_after: datetime.datetime | None = None) -> dict[str, str]:
        leaf = self._ca.issue_cert(common_name="viewer", not_after=not_after)
        chain = b"".join(blob.bytes() for blob in leaf.cert_chain_pems)
        return {"client-certificate-data": b64(chain), "client-key-data": b64(leaf.private_key_pem.bytes())}


@asynccontextmanager
async def login_page() -> AsyncIterator[str]:
    """The URL of something that answers everything with 200 and HTML."""

    async def page(_request: web.Request) -> web.Response:
        return web.Response(text="<html>Please log in</html>", content_type="text/html")

    app = web.Application()
    app.router.add_get("/{path:.*}", page)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


Expected = tuple[int, str, str]
"""Exit code and title as the only cluster's, and a part of the reason."""


@asynccontextmanager
async def every_bad_server() -> AsyncIterator[dict[str, tuple[Access, Expected]]]:
    """Name -> (how to get there, what comes of it)."""
    ours, theirs = Authority(), Authority()
    good, expired = ours.server("good"), ours.server("expired", not_after=LONG_AGO)
    named, plain, demanding = ours.server("named", "k8s.example.com"), Server("plain"), ours.demanding_server()
    async with serving(good, expired, named, plain, demanding), login_page() as page:
        yield {
            "expired": (Access(expired.url, token(), ours.trust), (5, "TLS failed", "has expired")),
            "unknown-ca": (Access(good.url, token(), theirs.trust), (5, "TLS failed", "unknown authority")),
            "system-ca": (Access(good.url, token()), (5, "TLS failed", "unknown authority")),
            "other-name": (Access(named.url, token(), ours.trust), (5, "TLS failed", "for another address")),
            "dns": (Access(UNRESOLVED, token()), (5, "Name does not resolve", "no-such-host.invalid")),
            "refused": (Access(REFUSED, token()), (5, "Connection refused", "127.0.0.1:9 refuses connections")),
            "tls-to-plain": (
                Access(plain.url.replace("http", "https"), token(), ours.trust),
                (5, "TLS failed", "does not speak TLS"),
            ),
            "plain-to-tls": (
                Access(good.url.replace("https", "http"), token()),
                (5, "Broken answer", "must begin with https://"),
            ),
            "login-page": (Access(page, token()), (5, "Broken answer", "sent no version")),
            "401": (Access(plain.url, token(STRANGER_TOKEN)), (6, "Not logged in", "Unauthorized")),
            "expired-user": (
                Access(demanding.url, ours.user(LONG_AGO), ours.trust),
                (5, "Broken answer", "the client certificate expired on 2020-01-01"),
            ),
            "no-user": (
                Access(demanding.url, {}, ours.trust),
                (5, "Broken answer", "If it wants a client certificate"),
            ),
        }


async def test_a_host_that_cannot_be_used_ends_the_command_with_its_reason(tmp_path: Path) -> None:
    async with every_bad_server() as cases:
        path = write(tmp_path, kubeconfig({name: access for name, (access, _) in cases.items()}))
        for some in (list(cases)[:6], list(cases)[6:]):
            ended = await together(*(run("get", "clusters", "--kubeconfig", path, "--context", c) for c in some))
            for name, done in zip(some, ended, strict=True):
                code, title, part = cases[name][1]
                complains(done, code, title, part)


async def test_members_that_cannot_be_used_say_why_and_cost_the_others_nothing(tmp_path: Path) -> None:
    host = Server("host", MEMBER)
    host.add_node()
    async with every_bad_server() as cases, serving(host):
        contexts = {"good": Access(host.url, token()), "twin": Access(host.url, token())}
        contexts |= {name: access for name, (access, _) in cases.items()}
        path = write(tmp_path, kubeconfig(contexts))
        log = tmp_path / "log"
        options = ("--kubeconfig", path, "--members-from", "contexts", "-o", "json")
        got, checked = await together(
            run("get", "clusters", *options, "--log-file", str(log)), run("check", *options)
        )
    assert (got.code, got.err) == (0, "")
    logged = log.read_text()
    nothing_secret(logged)
    assert len({line.split()[2] for line in logged.splitlines()}) == 2, "console and feeder both write"
    for name in cases:
        assert f"{name} is unreachable: {got.items[name]['reason']}" in logged
    assert got.items.keys() == {"host", "twin", *cases}
    assert {(got.items[name]["state"], got.items[name]["nodes"]) for name in ("host", "twin")} == {("live", 1)}
    for name in cases:
        assert (got.items[name]["state"], got.items[name]["health"]) == ("unreachable", "failed")
        assert got.items[name]["nodes"] is None
    assert checked.code == 1
    reach = {found["cluster"]: found for found in checked.findings if found["check"] == "reach"}
    assert {name for name, found in reach.items() if found["health"] == "failed"} == cases.keys()
    for name, (_, (_, _, part)) in cases.items():
        assert part in reach[name]["reason"] + reach[name]["hint"]
        assert got.items[name]["reason"] == reach[name]["reason"]
        assert reach[name]["hint"]


async def test_403_on_one_kind_only_keeps_the_rest(tmp_path: Path) -> None:
    host = Server("host", MEMBER)
    host.add_node()
    async with serving(host):
        contexts = {"admin": Access(host.url, token()), "partly": Access(host.url, token(NO_PODS_TOKEN))}
        path = write(tmp_path, kubeconfig(contexts))
        options = ("--kubeconfig", path, "--members-from", "contexts", "-o", "json")
        got, checked = await together(run("get", "clusters", *options), run("check", *options))
    partly = got.items["partly"]
    assert (partly["state"], partly["health"], partly["nodes"], partly["pods"]) == ("live", "degraded", 1, None)
    assert "pods is forbidden" in partly["reason"]
    assert got.items["host"]["health"] == "healthy"
    failed = {(found["cluster"], found["check"]) for found in checked.findings if found["health"] == "failed"}
    assert failed == {("partly", "list pods")}
    assert checked.code == 1


async def test_a_host_without_kurator_offers_contexts_as_members_and_they_work(tmp_path: Path) -> None:
    one, two = Server("one", MEMBER), Server("two", MEMBER)
    for server in (one, two):
        server.add_node()
    async with serving(one, two):
        path = write(tmp_path, kubeconfig({n: Access(s.url, token()) for n, s in (("one", one), ("two", two))}))
        options = ("-o", "json", "--kubeconfig", path)
        contexts = (*options, "--members-from", "contexts")
        clusters, fleets, offered, checked = await together(
            run("get", "clusters", *options),
            run("get", "fleets", *options),
            run("get", "clusters", *contexts),
            run("check", *contexts),
        )
    for done in (clusters, fleets):
        complains(done, 7, "Kurator is not installed here", "fleets.fleet.kurator.dev", "--members-from contexts")
    assert {name: item["nodes"] for name, item in offered.items.items()} == {"host": 1, "two": 1}
    assert checked.code == 0


async def test_a_viewer_without_secrets_sees_fleets_and_why_members_are_out_of_reach(tmp_path: Path) -> None:
    host, member = Server("host"), Server("m1", MEMBER)
    member.add_node()
    async with serving(host, member):
        host.add_secret("m1", value=str(kubeconfig({"m1": Access(member.url, token())})))
        host.attach("m1")
        host.add_fleet("prod", "m1")
        path = write(tmp_path, kubeconfig({"host": Access(host.url, token(VIEWER_TOKEN))}))
        options = ("--kubeconfig", path, "-o", "json")
        clusters, fleets, checked = await together(
            run("get", "clusters", *options), run("get", "fleets", *options), run("check", *options)
        )
    m1 = clusters.items["m1"]
    assert (m1["state"], m1["fleet"]) == ("forbidden", "prod")
    assert "may not read Secret default/m1" in m1["reason"]
    assert clusters.items["host"]["state"] == "live"
    assert fleets.items["prod"]["health"] == "degraded"
    (finding,) = [found for found in checked.findings if found["cluster"] == "m1"]
    assert (finding["health"], finding["reason"]) == ("failed", m1["reason"])
    assert "context" in finding["hint"]


async def test_a_host_that_does_not_let_fleets_be_listed_is_refusal_not_emptiness(tmp_path: Path) -> None:
    host = Server("host")
    async with serving(host):
        path = write(tmp_path, kubeconfig({"host": Access(host.url, token(NOBODY_TOKEN))}))
        ended = await together(*(run("get", view, "--kubeconfig", path) for view in ("fleets", "clusters")))
    for done in ended:
        complains(done, 6, "Forbidden", "fleets.fleet.kurator.dev is forbidden")
