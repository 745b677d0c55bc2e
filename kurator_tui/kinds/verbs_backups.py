"""Verbs of Kurator's backups, restores and migrations. Entries only."""

from __future__ import annotations

from kurator_tui.kinds.verb import Parameter, Risk, Verb

FLEET = "fleets.fleet.kurator.dev"
CLUSTERS = ("clusters.cluster.kurator.dev", "attachedclusters.cluster.kurator.dev")
BACKUPS = ("backups.backup.kurator.dev",)
_GROUP = "Backups"
_NAME = Parameter("name", "Name", help="of the new object; empty: made of the fleet's or cluster's and the time")
_NAMESPACES = Parameter("namespaces", "Namespaces", help="with blanks between; empty: all")
_MAPPING = Parameter("mapping", "Renamed", "pairs", help="old=new namespaces, with blanks between")
_PORTS = Parameter("nodeports", "Keep ports", "bool", "no", help="node ports of Services stay as they were")
_OWNER = "nobody writes it again; refused where Kurator cannot do it (no backup plugin, gcp, azure)"

VERBS = (
    Verb(
        "backup.create",
        "Back up",
        "Back a fleet or some of its clusters up, now or by a schedule",
        _GROUP,
        Risk.SAFE,
        (FLEET, *CLUSTERS),
        permission="get",
        parameters=(
            _NAME,
            Parameter("schedule", "Schedule", help="cron, such as 0 2 * * *; empty: once, now"),
            _NAMESPACES,
            Parameter("ttl", "Kept for", "duration", help="such as 720h; empty: as Velero says, 30 days"),
        ),
        patch="creates a Backup in the Fleet's namespace, always with policy.resourceFilter",
        owner=_OWNER,
        undo="the Backup is deleted, and Velero's with it; its data stays until it is purged",
    ),
    Verb(
        "backup.restore",
        "Restore",
        "Restore a backup on the clusters it is of, or on some of them",
        _GROUP,
        Risk.DESTRUCTIVE,
        BACKUPS,
        many=False,
        permission="get",
        parameters=(
            _NAME,
            Parameter("clusters", "Clusters", help="with blanks between; empty: all of the backup"),
            _NAMESPACES,
            _MAPPING,
            _PORTS,
        ),
        patch="creates a Restore beside the Backup, always with policy.resourceFilter",
        owner=_OWNER,
        undo="the Restore is deleted; what it restored stays",
    ),
    Verb(
        "backup.migrate",
        "Migrate",
        "Copy what runs on a cluster to others of its fleet: a backup and restores of it",
        _GROUP,
        Risk.DESTRUCTIVE,
        CLUSTERS,
        many=False,
        permission="get",
        parameters=(
            Parameter("to", "To", required=True, help="clusters of the same fleet, with blanks between"),
            _NAME,
            _NAMESPACES,
            _MAPPING,
            _PORTS,
        ),
        patch="creates a Migrate in the Fleet's namespace, source and policy.resourceFilter always written",
        owner=_OWNER,
        undo="the Migrate is deleted; what it restored stays",
    ),
)
