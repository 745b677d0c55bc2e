"""Kubernetes' own kinds that the console does not watch, by their words in kubectl: only to say so."""

from __future__ import annotations

_SHORT_NAMES = {
    "certificatesigningrequests": "csr",
    "clusterrolebindings": "",
    "clusterroles": "",
    "configmaps": "cm",
    "cronjobs": "cj",
    "customresourcedefinitions": "crd crds",
    "daemonsets": "ds",
    "endpoints": "ep",
    "endpointslices": "",
    "horizontalpodautoscalers": "hpa",
    "ingresses": "ing",
    "ingressclasses": "",
    "jobs": "",
    "leases": "",
    "limitranges": "limits",
    "mutatingwebhookconfigurations": "",
    "networkpolicies": "netpol",
    "persistentvolumeclaims": "pvc",
    "persistentvolumes": "pv",
    "poddisruptionbudgets": "pdb",
    "priorityclasses": "pc",
    "replicasets": "rs",
    "replicationcontrollers": "rc",
    "resourcequotas": "quota",
    "rolebindings": "",
    "roles": "",
    "secrets": "",
    "serviceaccounts": "sa",
    "services": "svc",
    "statefulsets": "sts",
    "storageclasses": "sc",
    "validatingwebhookconfigurations": "",
    "volumeattachments": "",
}
"""Plural -> short names, as `kubectl api-resources` lists them."""


def _singular(plural: str) -> str:
    if plural == "endpoints":
        return plural
    if plural.endswith("ies"):
        return f"{plural[:-3]}y"
    return plural[:-2] if plural.endswith("sses") else plural[:-1]


_PLURALS = {
    word: plural for plural, short in _SHORT_NAMES.items() for word in (plural, _singular(plural), *short.split())
}


def unwatched(word: str) -> str:
    """The plural of the kind that `word` names (plural, singular, short name, any case); "" for none of these."""
    return _PLURALS.get(word.casefold(), "")
