"""Custom kinds of networks between services: Istio, Flagger, Submariner, written as `notation` says."""

TEXT = r"""
set istio cat=istio-io,networking-istio-io
networking.istio.io/v1beta1 virtualservices VirtualService short=vs
  Gateways | .spec.gateways
  Hosts | .spec.hosts
  Age
networking.istio.io/v1beta1 destinationrules DestinationRule short=dr
  Host | .spec.host
  Age
networking.istio.io/v1beta1 gateways Gateway short=gw
networking.istio.io/v1beta1 serviceentries ServiceEntry short=se
  Hosts | .spec.hosts
  Location | .spec.location
  Resolution | .spec.resolution
  Age
networking.istio.io/v1beta1 workloadentries WorkloadEntry short=we
  Age
  Address | .spec.address
networking.istio.io/v1beta1 sidecars Sidecar
security.istio.io/v1beta1 authorizationpolicies AuthorizationPolicy cat=istio-io,security-istio-io
security.istio.io/v1beta1 peerauthentications PeerAuthentication short=pa cat=istio-io,security-istio-io
  Mode | .spec.mtls.mode
  Age

set istio-1 cat=istio-io,networking-istio-io
networking.istio.io/v1 virtualservices VirtualService short=vs
  Gateways | .spec.gateways
  Hosts | .spec.hosts
  Age
networking.istio.io/v1 destinationrules DestinationRule short=dr
  Host | .spec.host
  Age
networking.istio.io/v1 gateways Gateway short=gw
networking.istio.io/v1 serviceentries ServiceEntry short=se
  Hosts | .spec.hosts
  Location | .spec.location
  Resolution | .spec.resolution
  Age
networking.istio.io/v1 workloadentries WorkloadEntry short=we
  Age
  Address | .spec.address
networking.istio.io/v1 sidecars Sidecar
security.istio.io/v1 authorizationpolicies AuthorizationPolicy short=ap cat=istio-io,security-istio-io
  Action | .spec.action
  Age
security.istio.io/v1 peerauthentications PeerAuthentication short=pa cat=istio-io,security-istio-io
  Mode | .spec.mtls.mode
  Age

set flagger cat=all
flagger.app/v1beta1 canaries Canary
  Status | .status.phase
  Weight | .status.canaryWeight
  Suspended | boolean | .spec.suspend | wide
  FailedChecks | .status.failedChecks | wide
  Interval | .spec.analysis.interval | wide
  Mirror | boolean | .spec.analysis.mirror | wide
  StepWeight | .spec.analysis.stepWeight | wide
  StepWeights | .spec.analysis.stepWeights | wide
  MaxWeight | .spec.analysis.maxWeight | wide
  LastTransitionTime | .status.lastTransitionTime
flagger.app/v1beta1 metrictemplates MetricTemplate
  Provider | .spec.provider.type
flagger.app/v1beta1 alertproviders AlertProvider
  Type | .spec.type

set submariner
submariner.io/v1 gateways Gateway sub=
  HA Status | .status.haStatus
submariner.io/v1 endpoints Endpoint sub=
submariner.io/v1 clusters Cluster sub=
multicluster.x-k8s.io/v1alpha1 serviceexports ServiceExport short=svcex
  Age
multicluster.x-k8s.io/v1alpha1 serviceimports ServiceImport short=svcim
  Type | .spec.type
  IP | .spec.ips
  Age
"""
