"""What kubespray writes while it upgrades hosts: a play after the other, told line by line, once. Pure."""

from __future__ import annotations

HOSTS = ("dc1-cp-01", "dc1-cp-02", "dc1-cp-03", *(f"dc1-node-{number:02d}" for number in range(1, 10)))
_PLAYS = (
    (
        "Check ansible version",
        (("Check 2.11.0 <= Ansible version < 2.13.0", "ok"), ("Check that python netaddr is installed", "ok")),
    ),
    ("Gather facts", (("Gather minimal facts", "ok"), ("Gather necessary facts (network)", "ok"))),
    (
        "Handle upgrades to master components first to maintain backwards compat.",
        (
            ("upgrade/pre-upgrade : Cordon node", "changed"),
            ("upgrade/pre-upgrade : Drain node", "changed"),
            ("kubernetes/preinstall : Ensure kube-bench parameters are set", "skipping"),
            ("kubernetes/control-plane : kubeadm | Upgrade first master", "changed"),
            ("kubernetes/control-plane : kubeadm | Upgrade other masters", "changed"),
            ("upgrade/post-upgrade : Uncordon node", "changed"),
        ),
    ),
    (
        "Finally handle worker upgrades, based on given batch size",
        (
            ("upgrade/pre-upgrade : Cordon node", "changed"),
            ("upgrade/pre-upgrade : Drain node", "changed"),
            ("kubernetes/node : install | Copy kubelet binary from download dir", "changed"),
            ("kubernetes/node : Enable kubelet", "ok"),
            ("upgrade/post-upgrade : Uncordon node", "changed"),
        ),
    ),
)


def _written() -> tuple[str, ...]:
    lines = ["Using /kubespray/ansible.cfg as config file", ""]
    counts = {host: {"ok": 0, "changed": 0, "skipped": 0} for host in HOSTS}
    for play, tasks in _PLAYS:
        lines += [f"PLAY [{play}] ".ljust(100, "*"), ""]
        for task, result in tasks:
            lines.append(f"TASK [{task}] ".ljust(100, "*"))
            for host in HOSTS:
                lines.append(f"{result}: [{host}]")
                counts[host]["ok"] += result in ("ok", "changed")
                counts[host]["changed"] += result == "changed"
                counts[host]["skipped"] += result == "skipping"
            lines.append("")
    lines.append("PLAY RECAP ".ljust(100, "*"))
    for host, found in counts.items():
        told = f"ok={found['ok']}    changed={found['changed']}    unreachable=0    failed=0    "
        lines.append(f"{host:<26} : {told}skipped={found['skipped']}    rescued=0    ignored=0")
    return tuple(lines)


LINES = _written()


def line(_value: int, number: int, _at: float) -> str:
    """The text of a line; nothing after the last."""
    return LINES[number] if number < len(LINES) else ""
