"""Custom kinds of members: policy, backup, monitoring, Flux 2, batch, edge, written as `notation` says."""

TEXT = r"""
set kyverno cat=kyverno
kyverno.io/v1 clusterpolicies ClusterPolicy cluster short=cpol
  Background | boolean | .spec.background
  Validate Action | .spec.validationFailureAction
  Failure Policy | .spec.failurePolicy | wide
  Ready | .status.conditions[?(@.type == "Ready")].status
  Age
  Validate | integer | .status.rulecount.validate | wide
  Mutate | integer | .status.rulecount.mutate | wide
  Generate | integer | .status.rulecount.generate | wide
  Verifyimages | integer | .status.rulecount.verifyimages | wide
  MESSAGE | .status.conditions[?(@.type == "Ready")].message
kyverno.io/v1 policies Policy short=pol
  Background | boolean | .spec.background
  Validate Action | .spec.validationFailureAction
  Failure Policy | .spec.failurePolicy | wide
  Ready | .status.conditions[?(@.type == "Ready")].status
  Age
  Validate | integer | .status.rulecount.validate | wide
  Mutate | integer | .status.rulecount.mutate | wide
  Generate | integer | .status.rulecount.generate | wide
  Verifyimages | integer | .status.rulecount.verifyimages | wide
  MESSAGE | .status.conditions[?(@.type == "Ready")].message
kyverno.io/v2alpha1 policyexceptions PolicyException short=polex sub=
wgpolicyk8s.io/v1alpha2 policyreports PolicyReport short=polr sub= cat=
  Kind | .scope.kind | wide
  Name | .scope.name | wide
  Pass | integer | .summary.pass
  Fail | integer | .summary.fail
  Warn | integer | .summary.warn
  Error | integer | .summary.error
  Skip | integer | .summary.skip
  Age
wgpolicyk8s.io/v1alpha2 clusterpolicyreports ClusterPolicyReport cluster short=cpolr sub= cat=
  Kind | .scope.kind | wide
  Name | .scope.name | wide
  Pass | integer | .summary.pass
  Fail | integer | .summary.fail
  Warn | integer | .summary.warn
  Error | integer | .summary.error
  Skip | integer | .summary.skip
  Age

set kyverno-2 cat=kyverno
kyverno.io/v2beta1 clusterpolicies ClusterPolicy cluster short=cpol
  ADMISSION | boolean | .spec.admission
  BACKGROUND | boolean | .spec.background
  READY | .status.conditions[?(@.type == "Ready")].status
  AGE | date | .metadata.creationTimestamp
  FAILURE POLICY | .spec.failurePolicy | wide
  VALIDATE | integer | .status.rulecount.validate | wide
  MUTATE | integer | .status.rulecount.mutate | wide
  GENERATE | integer | .status.rulecount.generate | wide
  VERIFY IMAGES | integer | .status.rulecount.verifyimages | wide
  MESSAGE | .status.conditions[?(@.type == "Ready")].message
kyverno.io/v2beta1 policies Policy short=pol
  ADMISSION | boolean | .spec.admission
  BACKGROUND | boolean | .spec.background
  READY | .status.conditions[?(@.type == "Ready")].status
  AGE | date | .metadata.creationTimestamp
  FAILURE POLICY | .spec.failurePolicy | wide
  VALIDATE | integer | .status.rulecount.validate | wide
  MUTATE | integer | .status.rulecount.mutate | wide
  GENERATE | integer | .status.rulecount.generate | wide
  VERIFY IMAGES | integer | .status.rulecount.verifyimages | wide
  MESSAGE | .status.conditions[?(@.type == "Ready")].message
kyverno.io/v2beta1 policyexceptions PolicyException short=polex sub=
wgpolicyk8s.io/v1alpha2 policyreports PolicyReport short=polr sub= cat=
  Kind | .scope.kind
  Name | .scope.name
  Pass | integer | .summary.pass
  Fail | integer | .summary.fail
  Warn | integer | .summary.warn
  Error | integer | .summary.error
  Skip | integer | .summary.skip
  Age
wgpolicyk8s.io/v1alpha2 clusterpolicyreports ClusterPolicyReport cluster short=cpolr sub= cat=
  Kind | .scope.kind
  Name | .scope.name
  Pass | integer | .summary.pass
  Fail | integer | .summary.fail
  Warn | integer | .summary.warn
  Error | integer | .summary.error
  Skip | integer | .summary.skip
  Age

set velero
velero.io/v1 backups Backup sub=
velero.io/v1 restores Restore sub=
velero.io/v1 schedules Schedule sub=
  Status | .status.phase
  Schedule | .spec.schedule
  LastBackup | date | .status.lastBackup
  Age
  Paused | boolean | .spec.paused
velero.io/v1 backupstoragelocations BackupStorageLocation short=bsl sub=
  Phase | .status.phase
  Last Validated | date | .status.lastValidationTime
  Age
  Default | boolean | .spec.default
velero.io/v1 podvolumebackups PodVolumeBackup sub=
  Status | .status.phase
  Created | date | .status.startTimestamp
  Namespace | .spec.pod.namespace
  Pod | .spec.pod.name
  Volume | .spec.volume
  Repository ID | .spec.repoIdentifier
  Uploader Type | .spec.uploaderType
  Storage Location | .spec.backupStorageLocation
  Age
velero.io/v1 deletebackuprequests DeleteBackupRequest sub=
  BackupName | .spec.backupName
  Status | .status.phase
velero.io/v1 backuprepositories BackupRepository sub=
  Age
  Repository Type | .spec.repositoryType

set prometheus cat=prometheus-operator
monitoring.coreos.com/v1 prometheuses Prometheus short=prom sub=scale,status
  Version | .spec.version
  Desired | integer | .spec.replicas
  Ready | integer | .status.availableReplicas
  Reconciled | .status.conditions[?(@.type == 'Reconciled')].status
  Available | .status.conditions[?(@.type == 'Available')].status
  Age
  Paused | boolean | .status.paused | wide
monitoring.coreos.com/v1 servicemonitors ServiceMonitor short=smon
monitoring.coreos.com/v1 podmonitors PodMonitor short=pmon
monitoring.coreos.com/v1 prometheusrules PrometheusRule short=promrule

set flux-2 cat=all,fluxcd,fluxcd-sources
helm.toolkit.fluxcd.io/v2 helmreleases HelmRelease short=hr cat=all,fluxcd,fluxcd-appliers
  Age
  Ready | .status.conditions[?(@.type=="Ready")].status
  Status | .status.conditions[?(@.type=="Ready")].message
kustomize.toolkit.fluxcd.io/v1 kustomizations Kustomization short=ks cat=all,fluxcd,fluxcd-appliers
  Age
  Ready | .status.conditions[?(@.type=="Ready")].status
  Status | .status.conditions[?(@.type=="Ready")].message
source.toolkit.fluxcd.io/v1 gitrepositories GitRepository short=gitrepo
  URL | .spec.url
  Age
  Ready | .status.conditions[?(@.type=="Ready")].status
  Status | .status.conditions[?(@.type=="Ready")].message
source.toolkit.fluxcd.io/v1 helmcharts HelmChart short=hc
  Chart | .spec.chart
  Version | .spec.version
  Source Kind | .spec.sourceRef.kind
  Source Name | .spec.sourceRef.name
  Age
  Ready | .status.conditions[?(@.type=="Ready")].status
  Status | .status.conditions[?(@.type=="Ready")].message
source.toolkit.fluxcd.io/v1 helmrepositories HelmRepository short=helmrepo
  URL | .spec.url
  Age
  Ready | .status.conditions[?(@.type=="Ready")].status
  Status | .status.conditions[?(@.type=="Ready")].message
source.toolkit.fluxcd.io/v1 ocirepositories OCIRepository short=ocirepo
  URL | .spec.url
  Ready | .status.conditions[?(@.type=="Ready")].status
  Status | .status.conditions[?(@.type=="Ready")].message
  Age

set volcano
batch.volcano.sh/v1alpha1 jobs Job short=vcjob,vj
  STATUS | .status.state.phase
  minAvailable | integer | .status.minAvailable
  RUNNINGS | integer | .status.running
  AGE | date | .metadata.creationTimestamp
  QUEUE | .spec.queue | wide
bus.volcano.sh/v1alpha1 commands Command sub=
flow.volcano.sh/v1alpha1 jobflows JobFlow short=jf
  Status | .status.state.phase
  Age
flow.volcano.sh/v1alpha1 jobtemplates JobTemplate short=jt
scheduling.volcano.sh/v1beta1 podgroups PodGroup short=pg,podgroup-v1beta1 sub=
  STATUS | .status.phase
  minMember | integer | .spec.minMember
  RUNNINGS | integer | .status.running
  AGE | date | .metadata.creationTimestamp
  QUEUE | .spec.queue | wide
scheduling.volcano.sh/v1beta1 queues Queue cluster short=q,queue-v1beta1
  PARENT | .spec.parent

set kubeedge
devices.kubeedge.io/v1beta1 devices Device sub=
devices.kubeedge.io/v1beta1 devicemodels DeviceModel sub=
devices.kubeedge.io/v1beta1 devicestatuses DeviceStatus sub=
apps.kubeedge.io/v1alpha1 nodegroups NodeGroup cluster short=ng
apps.kubeedge.io/v1alpha1 edgeapplications EdgeApplication short=eapp
operations.kubeedge.io/v1alpha2 nodeupgradejobs NodeUpgradeJob cluster
operations.kubeedge.io/v1alpha2 imageprepulljobs ImagePrePullJob cluster
operations.kubeedge.io/v1alpha2 configupdatejobs ConfigUpdateJob cluster
rules.kubeedge.io/v1 rules Rule sub=
rules.kubeedge.io/v1 ruleendpoints RuleEndpoint short=re sub=

set kubeedge-old
devices.kubeedge.io/v1alpha2 devices Device sub=
devices.kubeedge.io/v1alpha2 devicemodels DeviceModel sub=
rules.kubeedge.io/v1 rules Rule sub=
rules.kubeedge.io/v1 ruleendpoints RuleEndpoint short=re sub=
apps.kubeedge.io/v1alpha1 nodegroups NodeGroup cluster short=ng
apps.kubeedge.io/v1alpha1 edgeapplications EdgeApplication short=eapp
operations.kubeedge.io/v1alpha1 nodeupgradejobs NodeUpgradeJob cluster
operations.kubeedge.io/v1alpha1 imageprepulljobs ImagePrePullJob cluster
"""
