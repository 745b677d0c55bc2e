"""What stands broken in the estate of six members in every scenario but `calm`: the incidents that it makes.

Each is planted on purpose: by `blemishes`, or by the module of its system. Data only.
"""

from kurator_tui.demo.world.incidents import Incident, incident

STANDING: tuple[Incident, ...] = (
    # workloads
    incident("KT1001", "on-prem", "Deployment/recommendation"),
    incident("KT1001", "prod-cloud", "Deployment/fraud-scoring"),
    incident("KT1002", "ai-cloud", "quay.io/jupyter/scipy-notebook:2024-05-27"),
    incident("KT1002", "edge-cold-chain", "docker.io/bitnami/prometheus:2.44.0"),
    incident("KT1002", "edge-cold-chain", "registry.edge.example/video-analytics:v0.8.2"),
    incident("KT1403", "ai-cloud", "features/feature-cache"),
    incident("KT1501", "prod-cloud", "reconcile-ledger"),
    incident("KT1601", "edge-east", "Deployment/video-analytics", by=300),
    incident("KT1601", "on-prem", "Deployment/cart-primary", by=300),
    incident("KT1601", "on-prem", "Deployment/reporting", by=300),
    incident("KT1601", "prod-cloud", "Deployment/ledger", by=300),
    Incident("KT1601", ("pre-cloud", "prod-cloud"), "Deployment/catalog", by=300),
    incident("KT1602", "on-prem", "Deployment/cart", by=300),
    incident("KT1621", "prod-cloud", "team"),
    incident("KT1713", "on-prem", "istio-system/istiod"),
    # what brings them there
    incident("KT2301", "on-prem", "backup"),
    incident("KT2302", "pre-cloud", "flagger", by=960),
    incident("KT2401", "pre-cloud", "flux-system/preview-9312"),
    incident("KT2402", "on-prem", "default/erp"),
    incident("KT2402", "pre-cloud", "preview/redis"),
    incident("KT2403", "edge-east", "edge/edge-apps", by=900),
    incident("KT2405", "pre-cloud", "preview/minio", by=900),
    incident("KT2409", "host", "default/manifests"),
    incident("KT2409", "host", "edge/firmware"),
    incident("KT2501", "prod-cloud", "default/checkout"),
    incident("KT2509", "pre-cloud", "Rollout/cart"),
    incident("KT2601", "host", "shop/batch-scoring"),
    incident("KT2603", "on-prem", "features/Deployment/feature-store"),
    incident("KT2605", "edge-cold-chain", "edge-cold-chain"),
    # edge
    incident("KT3101", "edge-cold-chain", "truck-05"),
    incident("KT3121", "edge-east", "edge-apps/cooling-unit-east-site-02", by=120),
    incident("KT3122", "edge-cold-chain", "edge-apps/cooling-unit-truck-02", by=600),
    incident("KT3131", "edge-cold-chain", "edge-apps/video-analytics", by=600),
    incident("KT3131", "edge-east", "edge-apps/video-analytics", by=600),
    incident("KT3141", "edge-east", "to-1-21"),
    incident("KT3141", "edge-east", "video-0-9"),
    incident("KT3151", "edge-cold-chain", "edge-apps/alarms-to-cloud"),
    incident("KT3151", "edge-east", "edge-apps/alarms-to-cloud"),
    # batch; the command to abort `tokenizer` is taken at once
    incident("KT1004", "ai-cloud", "Job/pretrain-70b"),
    incident("KT1004", "ai-cloud", "Job/tokenizer"),
    incident("KT3201", "ai-cloud", "Job/embeddings-backfill"),
    incident("KT3211", "on-prem", "research-asr"),
    incident("KT3213", "on-prem", "batch-old", by=60),
    incident("KT3221", "on-prem", "research-tts"),
    incident("KT3231", "ai-cloud", "JobFlow/ablation"),
    # mesh, policies, pipelines
    incident("KT3301", "on-prem", "catalog.webapp.svc.cluster.local"),
    incident("KT3302", "pre-cloud", "webapp/frontend", by=60),
    incident("KT3305", "pre-cloud", "session-redis.webapp.svc.cluster.local", by=60),
    incident("KT3401", "on-prem", "disallow-latest-tag", by=120),
    incident("KT3403", "ai-cloud", "default-deny"),
    incident("KT3501", "host", "Pipeline/ledger"),
    # backups, machines, links, storage
    incident("KT3607", "on-prem", "webapp-nightly"),
    incident("KT3611", "ai-cloud", "kurator-backup", by=120),
    incident("KT3704", "host", "default/prod-cloud"),
    incident("KT3801", "on-prem", "on-prem – pre-cloud", by=60),
    incident("KT3811", "on-prem", "webapp/frontend", by=300),
    incident("KT3811", "prod-cloud", "webapp/legacy-catalog", by=300),
    incident("KT3902", "on-prem", "rook-ceph/rook-ceph"),
    # how Kurator is used
    incident("KT5003", "host", "default/notification"),
    incident("KT5006", "on-prem", "webapp/cart", by=300),
    incident("KT5019", "host", "staging/staging"),
)
