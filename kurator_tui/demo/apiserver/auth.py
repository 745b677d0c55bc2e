"""Who asks and what they may do: tokens, impersonation, rules and the access review kinds.

A small stand-in for RBAC: a user carries its rules; RBAC objects in storage are shown, not evaluated.  Tokens
exist only in memory.
"""

import base64
import binascii
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from kurator_tui.demo.apiserver import errors
from kurator_tui.demo.apiserver.resources import ResourceType

Json = dict[str, Any]
READ = ("get", "list", "watch")


@dataclass(frozen=True, slots=True)
class Rule:
    """One RBAC rule: on resources (`pods`, `pods/log`, `*`) of groups, or on non-resource URLs (`/api/*`)."""

    verbs: tuple[str, ...]
    groups: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()

    def allows(self, verb: str, group: str, resource: str) -> bool:
        """Whether the rule grants `verb` on `resource` (`plural` or `plural/subresource`)."""
        return (
            _has(self.verbs, verb)
            and _has(self.groups, group)
            and (_has(self.resources, resource) or f"*/{resource.partition('/')[2]}" in self.resources)
        )

    def allows_url(self, verb: str, path: str) -> bool:
        """Whether the rule grants `verb` on a non-resource path."""
        return _has(self.verbs, verb) and any(
            path == url or (url.endswith("*") and path.startswith(url[:-1])) for url in self.urls
        )


def _has(choices: tuple[str, ...], value: str) -> bool:
    return value in choices or "*" in choices


DISCOVERY_RULES = (
    Rule(("create",), ("authorization.k8s.io",), ("selfsubjectaccessreviews", "selfsubjectrulesreviews")),
    Rule(("create",), ("authentication.k8s.io",), ("selfsubjectreviews",)),
    Rule(
        ("get",),
        urls=(
            *("/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez"),
            *("/openapi", "/openapi/*", "/readyz", "/version", "/version/"),
        ),
    ),
)
PUBLIC_RULES = (Rule(("get",), urls=("/healthz", "/livez", "/readyz", "/version", "/version/")),)
ADMIN_RULES = (Rule(("*",), ("*",), ("*",)), Rule(("*",), urls=("*",)))
_KURATOR_GROUPS = (
    *("fleet.kurator.dev", "cluster.kurator.dev", "apps.kurator.dev", "infrastructure.cluster.x-k8s.io"),
    *("backup.kurator.dev", "pipeline.kurator.dev"),
    *("helm.toolkit.fluxcd.io", "source.toolkit.fluxcd.io", "kustomize.toolkit.fluxcd.io"),
)
VIEW_RULES = (
    *DISCOVERY_RULES,
    Rule(
        READ,
        ("",),
        (
            *("configmaps", "endpoints", "persistentvolumeclaims", "persistentvolumeclaims/status", "pods"),
            *("replicationcontrollers", "replicationcontrollers/scale", "serviceaccounts", "services"),
            *("services/status", "limitranges", "namespaces", "namespaces/status", "nodes", "pods/log"),
            *("pods/status", "resourcequotas", "resourcequotas/status", "persistentvolumes"),
        ),
    ),
    Rule(READ, ("", "events.k8s.io"), ("events",)),
    Rule(READ, ("discovery.k8s.io", "apps", "autoscaling", "batch", "policy", "networking.k8s.io"), ("*",)),
    Rule(READ, ("coordination.k8s.io",), ("leases",)),
    Rule(READ, ("apiextensions.k8s.io",), ("customresourcedefinitions",)),
    Rule(READ, _KURATOR_GROUPS, ("*",)),
)


@dataclass(frozen=True, slots=True)
class User:
    """An authenticated user: name, uid, groups, the rules granted and resources taken away again (plurals)."""

    name: str
    uid: str = ""
    groups: tuple[str, ...] = ("system:authenticated",)
    rules: tuple[Rule, ...] = DISCOVERY_RULES
    denied: frozenset[str] = frozenset()
    binding: str = ""
    """Why access is allowed, as an access review says; '' for cluster admins."""

    def may(self, verb: str, rt_group: str, resource: str) -> bool:
        """Whether the user has `verb` on `resource` (`plural` or `plural/subresource`) of a group."""
        if resource.partition("/")[0] in self.denied:
            return False
        return any(rule.allows(verb, rt_group, resource) for rule in self.rules)

    def may_url(self, verb: str, path: str) -> bool:
        """Whether the user has `verb` on a non-resource path."""
        return any(rule.allows_url(verb, path) for rule in self.rules)

    def without(self, *plurals: str) -> "User":
        """The same user, forbidden these resources."""
        return replace(self, denied=self.denied.union(plurals))


ADMIN = User("admin-token", "uid-admin", ("system:masters", "system:authenticated"), ADMIN_RULES)
VIEWER = User(
    "viewer",
    "uid-viewer",
    ("demo:viewers", "system:authenticated"),
    VIEW_RULES,
    binding='RBAC: allowed by ClusterRoleBinding "demo-viewers" of ClusterRole "view" to Group "demo:viewers"',
)
NOBODY = User("nobody", "uid-nobody")
ANONYMOUS = User("system:anonymous", "", ("system:unauthenticated",), PUBLIC_RULES)


class Authenticator:
    """Finds the user of a request among the tokens given; compares tokens in constant time."""

    def __init__(self, tokens: Mapping[str, User]) -> None:
        self._tokens = dict(tokens)

    def user(self, headers: Mapping[str, str], certificate_name: str = "") -> User:
        """The user, after impersonation.

        `certificate_name` is the common name of a verified client certificate.  Raises Unauthorized for a bad
        credential and Forbidden when the user may not impersonate.
        """
        user = self._credential(headers.get("Authorization", ""), certificate_name)
        target = headers.get("Impersonate-User")
        if target is None:
            return user
        if not user.may("impersonate", "", "users"):
            raise errors.forbidden_impersonation(user.name, "users", target)
        groups = _all_values(headers, "Impersonate-Group")
        return self._impersonated(target, groups)

    def named(self, name: str) -> User:
        """The user of this name with its rules; an unknown name may only do what everybody may."""
        return next((user for user in self._tokens.values() if user.name == name), User(name))

    def _credential(self, header: str, certificate_name: str) -> User:
        scheme, _, secret = header.partition(" ")
        if not header:
            return self.named(certificate_name) if certificate_name else ANONYMOUS
        if scheme.lower() == "basic":
            secret = _basic_password(secret)
        for token, user in self._tokens.items():
            if hmac.compare_digest(token.encode(), secret.strip().encode()):
                return user
        raise errors.unauthorized()

    def _impersonated(self, name: str, groups: tuple[str, ...]) -> User:
        if "system:masters" in groups:
            return replace(ADMIN, name=name, uid="", groups=groups)
        known = self.named(name)
        return replace(known, uid="", groups=groups or known.groups)


def _basic_password(secret: str) -> str:
    try:
        return base64.b64decode(secret, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError) as error:
        raise errors.unauthorized() from error


def _all_values(headers: Mapping[str, str], name: str) -> tuple[str, ...]:
    every = getattr(headers, "getall", None)
    return tuple(every(name, ())) if every else tuple(filter(None, [headers.get(name)]))


def authorize(user: User, verb: str, rt: ResourceType, ns: str, name: str, subresource: str = "") -> None:
    """Raise Forbidden unless the user may do this."""
    resource = f"{rt.plural}/{subresource}" if subresource else rt.plural
    if not user.may(verb, rt.group, resource):
        raise errors.forbidden(user.name, verb, rt, ns, name, subresource)


def review(rt: ResourceType, body: Json, user: User, who: Authenticator, now: str) -> Json:
    """Answer one of the virtual review kinds; `body` is the object posted."""
    head = {"kind": rt.kind, "apiVersion": rt.api_version}
    spec = body.get("spec") or {}
    if rt.plural == "selfsubjectreviews":
        return {**head, "metadata": {"creationTimestamp": now}, "status": {"userInfo": _user_info(user)}}
    if rt.plural == "selfsubjectrulesreviews":
        if not spec.get("namespace"):
            raise errors.bad_request("no namespace on request")
        return {**head, "metadata": {}, "spec": {}, "status": _rules_status(user.rules)}
    subject = user if rt.plural.startswith("self") else who.named(str(spec.get("user") or ""))
    shown = {key: _without_empty(value) if isinstance(value, dict) else value for key, value in spec.items()}
    return {**head, "metadata": {}, "spec": shown, "status": _access_status(rt, subject, spec)}


def _access_status(rt: ResourceType, subject: User, spec: Json) -> Json:
    resource, url = spec.get("resourceAttributes"), spec.get("nonResourceAttributes")
    if bool(resource) == bool(url):
        message = "exactly one of nonResourceAttributes or resourceAttributes must be specified"
        cause = errors.invalid_value("spec.resourceAttributes", "null", message)
        raise errors.invalid(rt, "", [cause])
    if resource:
        full = resource.get("resource", "")
        if resource.get("subresource"):
            full += f"/{resource['subresource']}"
        allowed = subject.may(resource.get("verb", ""), resource.get("group", ""), full)
    else:
        allowed = subject.may_url((url or {}).get("verb", ""), (url or {}).get("path", ""))
    status: Json = {"allowed": allowed}
    if allowed and subject.binding:
        status["reason"] = subject.binding
    return status


def _user_info(user: User) -> Json:
    return _without_empty({"username": user.name, "uid": user.uid, "groups": list(user.groups)})


def _without_empty(values: Json) -> Json:
    return {key: value for key, value in values.items() if value not in ("", None, [])}


def _rules_status(rules: Iterable[Rule]) -> Json:
    resources = []
    urls = []
    for rule in rules:
        if rule.urls:
            urls.append({"verbs": list(rule.verbs), "nonResourceURLs": list(rule.urls)})
        else:
            granted = {"apiGroups": list(rule.groups), "resources": list(rule.resources)}
            resources.append({"verbs": list(rule.verbs), **granted})
    return {"resourceRules": resources, "nonResourceRules": urls, "incomplete": False}
