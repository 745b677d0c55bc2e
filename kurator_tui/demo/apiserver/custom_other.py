"""Custom kinds few clusters have: Rook, Argo, and operators nobody else knows, written as `notation` says."""

TEXT = r"""
set rook
ceph.rook.io/v1 cephclusters CephCluster short=ceph
  DataDirHostPath | .spec.dataDirHostPath
  MonCount | .spec.mon.count
  Age
  Phase | .status.phase
  Message | .status.message
  Health | .status.ceph.health
  External | .spec.external.enable
  FSID | .status.ceph.fsid
ceph.rook.io/v1 cephblockpools CephBlockPool short=cephbp
  Phase | .status.phase
  Type | .status.info.type
  FailureDomain | .status.info.failureDomain
  Age

set argo
argoproj.io/v1alpha1 applications Application short=app,apps sub=
  Sync Status | .status.sync.status
  Health Status | .status.health.status
  Revision | .status.sync.revision | wide
  Project | .spec.project | wide
argoproj.io/v1alpha1 appprojects AppProject short=appproj,appprojs sub=
argoproj.io/v1alpha1 rollouts Rollout short=ro sub=scale,status
  Desired | integer | .spec.replicas
  Current | integer | .status.replicas
  Up-to-date | integer | .status.updatedReplicas
  Available | integer | .status.availableReplicas
  Age

set widgets
widgets.example.com/v1 widgets Widget short=wd cat=factory
  Size | integer | .spec.size
  Line | .spec.line
  Ready | .status.conditions[?(@.type=="Ready")].status
  Reason | .status.conditions[?(@.type=="Ready")].reason
  Output | number | .status.unitsPerHour | wide
  Last Inspection | date | .status.lastInspection
  Age
widgets.example.com/v1 widgetlines WidgetLine cluster cat=factory
  Hall | .spec.hall
  Phase | .status.phase

set platform-host
platform.example.com/v1beta1 federateddeployments FederatedDeployment short=fdeploy
  Clusters | .spec.placement.clusters
  Ready | .status.conditions[?(@.type=="Ready")].status
  Age
platform.example.com/v1beta1 backuppolicies BackupPolicy
  Schedule | .spec.schedule
  Retention | .spec.retention
  Phase | .status.phase
  Last Success | date | .status.lastSuccessfulTime

set platform-edge
platform.example.com/v1beta1 edgenodes EdgeNode cluster short=en
  Site | .spec.site
  Connected | boolean | .status.connected
  Last Seen | date | .status.lastSeen
  Version | .status.agentVersion | wide

set platform-mesh
platform.example.com/v1beta1 servicemeshes ServiceMesh cluster short=mesh
  Provider | .spec.provider
  Version | .spec.version
  State | .status.state
  Age
"""
