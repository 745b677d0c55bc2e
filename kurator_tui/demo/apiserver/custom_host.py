"""Custom kinds of a Kurator host, written as `notation` says."""

TEXT = r"""
set kurator cat=kurator-dev
apps.kurator.dev/v1alpha1 applications Application
cluster.kurator.dev/v1alpha1 attachedclusters AttachedCluster
  Ready | boolean | .status.ready
cluster.kurator.dev/v1alpha1 clusters Cluster
  InfraType | .spec.infraType
  Version | .spec.version
  Phase | .status.phase
fleet.kurator.dev/v1alpha1 fleets Fleet
  Phase | .status.phase
helm.toolkit.fluxcd.io/v2beta1 helmreleases HelmRelease short=hr cat=
  Age
  Ready | .status.conditions[?(@.type=="Ready")].status
  Status | .status.conditions[?(@.type=="Ready")].message
infrastructure.cluster.x-k8s.io/v1alpha1 customclusters CustomCluster short=cc cat=
  Phase | .status.phase
infrastructure.cluster.x-k8s.io/v1alpha1 custommachines CustomMachine cat=
  Ready | boolean | .status.ready
kustomize.toolkit.fluxcd.io/v1beta2 kustomizations Kustomization short=ks cat=
  Age
  Ready | .status.conditions[?(@.type=="Ready")].status
  Status | .status.conditions[?(@.type=="Ready")].message
source.toolkit.fluxcd.io/v1beta2 gitrepositories GitRepository short=gitrepo cat=
  URL | .spec.url
  Age
  Ready | .status.conditions[?(@.type=="Ready")].status
  Status | .status.conditions[?(@.type=="Ready")].message
source.toolkit.fluxcd.io/v1beta2 helmrepositories HelmRepository short=helmrepo cat=
  URL | .spec.url
  Age
  Ready | .status.conditions[?(@.type=="Ready")].status
  Status | .status.conditions[?(@.type=="Ready")].message

set backup cat=kurator-dev
backup.kurator.dev/v1alpha1 backups Backup
  Schedule | .spec.schedule
  Phase | .status.phase
backup.kurator.dev/v1alpha1 restores Restore
  Phase | .status.phase
backup.kurator.dev/v1alpha1 migrates Migrate
  Phase | .status.phase
pipeline.kurator.dev/v1alpha1 pipelines Pipeline

set flux
source.toolkit.fluxcd.io/v1beta2 helmcharts HelmChart short=hc
  Chart | .spec.chart
  Version | .spec.version
  Source Kind | .spec.sourceRef.kind
  Source Name | .spec.sourceRef.name
  Age
  Ready | .status.conditions[?(@.type=="Ready")].status
  Status | .status.conditions[?(@.type=="Ready")].message
source.toolkit.fluxcd.io/v1beta2 ocirepositories OCIRepository short=ocirepo
  URL | .spec.url
  Ready | .status.conditions[?(@.type=="Ready")].status
  Status | .status.conditions[?(@.type=="Ready")].message
  Age

set cluster-api cat=cluster-api
cluster.x-k8s.io/v1beta1 clusters Cluster short=cl
  Phase | .status.phase
  Age
  Version | .spec.topology.version
cluster.x-k8s.io/v1beta1 machines Machine short=ma
  Cluster | .spec.clusterName
  NodeName | .status.nodeRef.name
  ProviderID | .spec.providerID
  Phase | .status.phase
  Age
  Version | .spec.version
cluster.x-k8s.io/v1beta1 machinedeployments MachineDeployment short=md sub=scale,status
  Cluster | .spec.clusterName
  Desired | integer | .spec.replicas | wide
  Replicas | integer | .status.replicas
  Ready | integer | .status.readyReplicas
  Updated | integer | .status.updatedReplicas
  Unavailable | integer | .status.unavailableReplicas
  Phase | .status.phase
  Age
  Version | .spec.template.spec.version
cluster.x-k8s.io/v1beta1 machinesets MachineSet short=ms sub=scale,status
  Cluster | .spec.clusterName
  Desired | integer | .spec.replicas | wide
  Replicas | integer | .status.replicas
  Ready | integer | .status.readyReplicas
  Available | integer | .status.availableReplicas
  Age
  Version | .spec.template.spec.version
cluster.x-k8s.io/v1beta1 machinehealthchecks MachineHealthCheck short=mhc,mhcs
  Cluster | .spec.clusterName
  ExpectedMachines | integer | .status.expectedMachines
  MaxUnhealthy | .spec.maxUnhealthy
  CurrentHealthy | integer | .status.currentHealthy
  Age
controlplane.cluster.x-k8s.io/v1beta1 kubeadmcontrolplanes KubeadmControlPlane short=kcp sub=scale,status
  Cluster | .metadata.labels['cluster\.x-k8s\.io/cluster-name']
  Initialized | boolean | .status.initialized
  API Server Available | boolean | .status.ready
  Desired | integer | .spec.replicas | wide
  Replicas | integer | .status.replicas
  Ready | integer | .status.readyReplicas
  Updated | integer | .status.updatedReplicas
  Unavailable | integer | .status.unavailableReplicas
  Age
  Version | .spec.version
infrastructure.cluster.x-k8s.io/v1beta2 awsclusters AWSCluster short=awsc
  Cluster | .metadata.labels.cluster\.x-k8s\.io/cluster-name
  Ready | .status.ready
  VPC | .spec.network.vpc.id
  Endpoint | .spec.controlPlaneEndpoint | wide
  Bastion IP | .status.bastion.publicIp
infrastructure.cluster.x-k8s.io/v1beta2 awsmachines AWSMachine short=awsm
  Cluster | .metadata.labels.cluster\.x-k8s\.io/cluster-name
  State | .status.instanceState
  Ready | .status.ready
  InstanceID | .spec.providerID
  Machine | .metadata.ownerReferences[?(@.kind=="Machine")].name

set tekton cat=tekton,tekton-pipelines
tekton.dev/v1 pipelines Pipeline
tekton.dev/v1 pipelineruns PipelineRun short=pr,prs
  Succeeded | .status.conditions[?(@.type=="Succeeded")].status
  Reason | .status.conditions[?(@.type=="Succeeded")].reason
  StartTime | date | .status.startTime
  CompletionTime | date | .status.completionTime
triggers.tekton.dev/v1beta1 eventlisteners EventListener short=el
  Address | .status.address.url
  Available | .status.conditions[?(@.type=="Available")].status
  Reason | .status.conditions[?(@.type=="Available")].reason
  Ready | .status.conditions[?(@.type=="Ready")].status
tekton.dev/v1 tasks Task
tekton.dev/v1 taskruns TaskRun short=tr,trs
  Succeeded | .status.conditions[?(@.type=="Succeeded")].status
  Reason | .status.conditions[?(@.type=="Succeeded")].reason
  StartTime | date | .status.startTime
  CompletionTime | date | .status.completionTime

set karmada cat=karmada-io
policy.karmada.io/v1alpha1 propagationpolicies PropagationPolicy short=pp sub=
  CONFLICT-RESOLUTION | .spec.conflictResolution
  PRIORITY | .spec.priority
  AGE | date | .metadata.creationTimestamp
policy.karmada.io/v1alpha1 clusterpropagationpolicies ClusterPropagationPolicy cluster short=cpp sub=
  CONFLICT-RESOLUTION | .spec.conflictResolution
  PRIORITY | .spec.priority
  AGE | date | .metadata.creationTimestamp
policy.karmada.io/v1alpha1 overridepolicies OverridePolicy short=op sub=
policy.karmada.io/v1alpha1 clusteroverridepolicies ClusterOverridePolicy cluster short=cop sub=
policy.karmada.io/v1alpha1 federatedresourcequotas FederatedResourceQuota
  OVERALL | .status.overall
  OVERALL_USED | .status.overallUsed
work.karmada.io/v1alpha2 resourcebindings ResourceBinding short=rb
  SCHEDULED | .status.conditions[?(@.type=="Scheduled")].status
  FULLYAPPLIED | .status.conditions[?(@.type=="FullyApplied")].status
  AGE | date | .metadata.creationTimestamp
work.karmada.io/v1alpha2 clusterresourcebindings ClusterResourceBinding cluster short=crb
  SCHEDULED | .status.conditions[?(@.type=="Scheduled")].status
  FULLYAPPLIED | .status.conditions[?(@.type=="FullyApplied")].status
  AGE | date | .metadata.creationTimestamp
work.karmada.io/v1alpha1 works Work short=wk
  WORKLOAD-KIND | .spec.workload.manifests[*].kind
  APPLIED | .status.conditions[?(@.type=="Applied")].status
  AGE | date | .metadata.creationTimestamp
autoscaling.karmada.io/v1alpha1 federatedhpas FederatedHPA short=fhpa
  REFERENCE-KIND | .spec.scaleTargetRef.kind
  REFERENCE-NAME | .spec.scaleTargetRef.name
  MINPODS | integer | .spec.minReplicas
  MAXPODS | integer | .spec.maxReplicas
  REPLICAS | integer | .status.currentReplicas
  AGE | date | .metadata.creationTimestamp
autoscaling.karmada.io/v1alpha1 cronfederatedhpas CronFederatedHPA short=cronfhpa
  REFERENCE-KIND | .spec.scaleTargetRef.kind
  REFERENCE-NAME | .spec.scaleTargetRef.name
  AGE | date | .metadata.creationTimestamp
apps.karmada.io/v1alpha1 workloadrebalancers WorkloadRebalancer cluster cat=
networking.karmada.io/v1alpha1 multiclusterservices MultiClusterService short=mcs
cluster.karmada.io/v1alpha1 clusters Cluster cluster sub=proxy,status
  VERSION | .status.kubernetesVersion
  MODE | .spec.syncMode
  READY | .status.conditions[?(@.type=="Ready")].status
  AGE | date | .metadata.creationTimestamp
  APIENDPOINT | .spec.apiEndpoint | wide
"""
