"""Schemas of the Kurator kinds, as text (notation: `schemas`).

Field names, types, enums and defaults are those of Kurator's custom resource definitions; the words are ours.
"""

TEXT = r"""
ChartConfig -- Where a plugin's Helm chart comes from; the three fields are replaced together.
  repository string -- URL of the chart repository.
  name string -- Name of the chart.
  version string -- Version of the chart.

PluginStorageSelection -- Machines and devices for storage.
  useAllNodes bool -- Whether every node gives storage.
  nodes [object] nullable -- Nodes that give storage.
    name string -- Name of the node.
    devices [any] nullable -- Devices of the node.
  devices [any] nullable -- Devices used on every node.

StorageDaemon open nullable -- Settings of a storage daemon.
  count int64 min=1 -- Number of daemons.
  annotations {string} nullable -- Annotations of its pods.
  labels {string} nullable -- Labels of its pods.
  placement any nullable -- Where its pods run.

kind fleet.kurator.dev/v1alpha1 Fleet -- A group of clusters managed as one.
  spec object -- Members and plugins of the fleet.
    clusters [ObjectReference] -- Members, by kind and name in the fleet's own namespace.
    plugin object -- Plugins the fleet manager installs.
      metric object -- Metrics of all members in one place.
        thanos object -- Thanos on the host.
          chart ChartConfig -- Chart to use instead of the default one.
          objectStoreConfig* object -- Object storage of the metrics.
            secretName* string -- Secret whose key objstore.yml holds the settings.
          extraArgs any -- Helm values to merge in.
        prometheus object -- Prometheus on each member.
          chart ChartConfig -- Chart to use instead of the default one.
          nodeExporter object -- Exporter of node metrics; not read by the controller.
            enabled bool -- Whether it is wanted.
          kubeStateMetrics object -- Exporter of object state; not read by the controller.
            enabled bool -- Whether it is wanted.
          extraArgs any -- Helm values to merge in.
      grafana object -- Grafana on the host.
        chart ChartConfig -- Chart to use instead of the default one.
        extraArgs any -- Helm values to merge in.
      policy object -- Policies on each member.
        kyverno object -- Kyverno.
          chart ChartConfig -- Chart to use instead of the default one.
          podSecurity object -- Pod security policies; leave out to install none.
            standard string default=baseline enum=privileged|baseline|restricted -- Pod security level.
            severity string default=medium enum=low|medium|high -- Severity shown in reports.
            validationFailureAction string default=Audit enum=Enforce|Audit -- Report or refuse.
          extraArgs any -- Helm values to merge in.
      backup object -- Velero on each member.
        chart ChartConfig -- Chart to use instead of the default one.
        storage* object -- Where backups go.
          location* object -- The object storage.
            bucket* string -- Bucket.
            provider* string -- Provider, such as aws.
            endpoint* string -- Endpoint of the storage.
            region string -- Region.
            config {string} -- Further settings.
          secretName* string -- Secret with access-key and secret-key.
        extraArgs any -- Helm values to merge in.
      distributedStorage object -- Rook on each member.
        chart ChartConfig -- Chart to use instead of the default one.
        storage* object -- The Ceph cluster.
          dataDirHostPath string pattern=^/(\S+) -- Directory of the node for its data.
          monitor StorageDaemon -- Monitors.
          manager StorageDaemon -- Managers.
          storage PluginStorageSelection nullable -- Machines and devices to use.
        extraArgs any -- Helm values to merge in.
      flagger object -- Flagger on each member, for rollouts.
        chart ChartConfig -- Chart to use instead of the default one.
        trafficRoutingProvider* string -- istio, kuma or nginx.
        publicTestloader bool -- Whether a shared load generator is installed.
        config object -- The provider, when it is installed as well.
          chart ChartConfig -- Chart to use instead of the default one.
          extraArgs any -- Helm values to merge in.
        extraArgs any -- Helm values to merge in.
      submariner object -- Submariner between the members.
        chart ChartConfig -- Chart to use instead of the default one.
        brokerCluster string -- Member that holds the broker.
        clusterCidrs* {string} -- Pod networks by member.
        serviceCidrs* {string} -- Service networks by member.
        globalcidrs {string} -- Global networks by member.
        extraArgs any -- Helm values to merge in.
  status object -- Observed state.
    credentialSecret string -- Secret with the kubeconfig of the fleet's control plane.
    phase string -- Pending, Running, Ready, Failed, Terminating, TerminateFailed or TerminateSucceeded.
    reason string -- Error of the control plane; never cleared.
    readyClusters int -- Members that are ready.
    unReadyClusters int -- Members that are not.
    pluginEndpoints {[string]} -- Declared, never filled.

kind cluster.kurator.dev/v1alpha1 AttachedCluster -- An existing cluster made known to Kurator.
  spec object -- How to reach the cluster.
    kubeconfig object -- Secret in the same namespace that holds the kubeconfig.
      name* string -- Name of the Secret.
      key string default=value -- Key in the Secret.
  status object -- Observed state.
    ready bool -- Whether the cluster could be reached when last tried.

ConditionWithSeverity -- One observed aspect of an object.
  type* string -- Name of the condition.
  status* string -- True, False or Unknown.
  severity string -- Error, Warning or Info, when False.
  lastTransitionTime* time -- When the status last changed.
  reason string -- One-word reason.
  message string -- Details for people.

MachineVolume -- A disk of a machine.
  type string -- Type of the volume.
  size* int64 min=8 -- Size in GiB.

MachinePool -- Equal machines of a cluster.
  replicas* int64 -- Number of machines.
  instanceType* string -- Size of the machines.
  sshKeyName string -- SSH key.
  imageOS string default=ubuntu-20.04 -- Operating system.
  rootVolumeSize MachineVolume -- Root disk.
  nonRootVolumes [MachineVolume] -- Further disks.
  labels {string} -- Labels of the nodes.
  taints [Taint] -- Taints of the nodes.
  extraArgs any -- Further settings.
  strategy object -- How machines are replaced; not rendered by the controller.
    type string -- RollingUpdate or OnDelete.
    rollingUpdate object -- Settings of RollingUpdate.
      maxUnavailable intstr -- Machines that may be missing.
      maxSurge intstr -- Machines there may be too many.
      deletePolicy string enum=Random|Newest|Oldest -- Which machines go first.

kind cluster.kurator.dev/v1alpha1 Cluster -- A cluster that Kurator makes through Cluster API.
  spec object -- Desired state of the cluster.
    infraType* string default=aws enum=aws immutable -- Infrastructure provider.
    version* string -- Kubernetes version; a change is an upgrade.
    region* string -- Region.
    credential object -- Credential of the provider.
      secretRef* string -- Secret with the cloud credential.
    network* object -- Networks.
      vpc* object -- Virtual network.
        id string -- An existing one.
        name string -- Name.
        cidrBlock string default="10.0.0.0/16" -- Address range.
      podCIDRs [string] default=["192.168.0.0/16"] -- Pod networks.
      serviceCIDRs [string] default=["10.96.0.0/12"] -- Service networks.
      cni* object -- Container network.
        type* string -- Name of the network plugin.
        extraArgs any -- Further settings.
    master* MachinePool -- Control plane machines.
    workers* [MachinePool] -- Pools of worker machines.
    additionalResources [object] -- Objects to apply in the cluster once.
      kind* string enum=ConfigMap|Secret -- Kind of the object.
      name* string -- Name of the object.
    podIdentity object -- Cloud identities for pods.
      enabled* bool -- Whether pods get cloud identities.
  status object -- Observed state.
    phase string -- Provisioning, Ready, Deleting or Failed.
    conditions [ConditionWithSeverity] -- InfrastructureReady, CNI, Ready.
    apiEndpoint string -- Address of the API server.
    kubeconfigSecretRef string -- Secret with the kubeconfig.
    serviceAccountIssuer string -- Issuer of pod identities.

kind infrastructure.cluster.x-k8s.io/v1alpha1 CustomCluster -- A cluster made with kubespray on given machines.
  spec object -- Desired state.
    machineRef ObjectReference -- The CustomMachine with the machines.
    cni* object -- Container network.
      type* string -- Name of the network plugin.
    controlPlaneConfig object -- Address of the control plane.
      address* string -- Virtual address.
      certSANs [string] -- Further names in the certificate.
      loadBalancerDomainName string -- Name of the load balancer.
  status object -- Observed state.
    phase string -- Pending, Provisioning, Provisioned, ProvisionFailed, ScalingUp, Upgrading, Deleting and others.
    conditions [ConditionWithSeverity] -- Ready, ScaledUp, ScaledDown, Upgraded, Terminated, ObtainedKubeConfig.
    apiEndpoint string -- Declared, never set.
    kubeconfigSecretRef string -- Declared, never set.

Machine -- One machine.
  hostName* string -- Host name.
  labels {string} -- Labels of the node.
  privateIP* string -- Inner address.
  publicIP* string -- Outer address.
  region string -- Region.
  zone string -- Zone.
  sshKey ObjectReference -- Secret with the SSH key.

kind infrastructure.cluster.x-k8s.io/v1alpha1 CustomMachine -- Machines for a CustomCluster.
  spec object -- The machines.
    master [Machine] -- Control plane machines; an odd number.
    node [Machine] -- Worker machines.
  status object -- Observed state.
    ready bool -- Whether the SSH secret exists.

Destination -- Where an application goes.
  fleet* string -- Name of the fleet.
  clusterSelector object -- Which members; all when empty.
    matchLabels {string} -- Labels of the member objects.

NamedReference -- Names an object in the same namespace.
  name* string -- Name of the object.

HelmChartTemplate -- The chart to install.
  metadata ObjectLabels -- Metadata of the chart object.
  spec* object -- The chart.
    chart* string -- Name of the chart.
    version string default=* -- Version or range.
    interval string pattern=^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$ -- How often to look for new versions.
    reconcileStrategy string default=ChartVersion enum=ChartVersion|Revision -- What counts as new.
    valuesFiles [string] -- Values files in the chart.

ObjectLabels -- Labels and annotations for made objects.
  annotations {string} -- Annotations.
  labels {string} -- Labels.

HelmAction open -- Settings of a Helm action.
  timeout string pattern=^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$ -- Time it may take.
  disableHooks bool -- Leave hooks out.
  disableWait bool -- Do not wait for readiness.
  remediation any -- What to do after a failure.

Rollout -- Gradual delivery of one workload.
  trafficRoutingProvider* string -- istio, kuma or nginx.
  workload* object -- The workload.
    apiVersion string -- Its API version.
    kind string -- Deployment or DaemonSet.
    name* string -- Its name.
    namespace string -- Its namespace.
  serviceName* string -- Service of the workload.
  port* int -- Port of the service.
  primary ObjectLabels -- Ignored by the controller.
  preview ObjectLabels -- Ignored by the controller.
  testLoader bool -- Whether a load generator is installed next to it.
  rolloutPolicy* object -- Steps and gates.
    trafficRouting object -- How traffic moves.
      canaryStrategy object -- Weights of a canary.
        maxWeight int64 -- Most weight before promotion, in percent.
        stepWeight int64 -- Weight added a step, in percent.
        stepWeights [int64] -- Weights step by step.
        stepWeightPromotion int64 -- Step of the promotion itself.
      analysisTimes int64 min=0 -- Number of checks without weights.
      match [any] -- Requests that go to the new version.
      gateways [string] -- Gateways.
      hosts [string] -- Hosts.
      host string -- Host of the ingress.
      protocol string -- Protocol of the service.
      timeoutSeconds int64 -- Timeout of a request.
      retries object -- Retries of a request.
        attempts int64 -- Number of tries.
        perTryTimeout string -- Time of one try.
        retryOn string -- When to try again.
      headers any -- Changes of headers.
      corsPolicy any -- Cross-origin rules.
    trafficAnalysis object -- Gates.
      checkIntervalSeconds int64 -- Seconds between checks.
      checkFailedTimes* int64 min=0 -- Failures until the rollout is undone.
      metrics [object] -- Metrics to check.
        name* string -- Name of the metric.
        intervalSeconds int64 -- Window of the metric.
        thresholdRange object -- Values that pass.
          min number -- Least value.
          max number -- Largest value.
        customMetric any -- Query of an own metric.
      webhooks object -- Load generator.
        timeoutSeconds int64 -- Time of one call.
        command [string] -- Commands to run.
      sessionAffinity object -- Keep users on their version.
        cookieName string -- Name of the cookie.
        maxAge int64 -- Seconds the cookie lives.
    rolloutTimeoutSeconds int -- Seconds without progress until it fails.
    skipTrafficAnalysis bool -- Promote without checks.
    revertOnDeletion bool -- Restore the workload when the policy goes.
    suspend bool -- Hold the rollout.

kind apps.kurator.dev/v1alpha1 Application -- One source delivered to the clusters of a fleet.
  spec object -- What is delivered and where.
    source* object -- Where it comes from; exactly one of the three.
      gitRepository GitRepositorySpec -- A Git repository.
      helmRepository HelmRepositorySpec -- A Helm repository.
      ociRepository OCIRepositorySpec -- An OCI repository.
    destination Destination -- Default target.
    syncPolicies* [object] -- What is installed where.
      name string -- Name of the policy.
      destination Destination -- Target of this policy.
      kustomization object -- Apply a directory.
        path string -- Directory in the source.
        interval* string pattern=^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$ -- How often to apply.
        retryInterval string pattern=^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$ -- How soon to retry.
        prune* bool -- Whether removed objects are deleted.
        targetNamespace string -- Namespace to apply into.
        force bool default=false -- Whether objects are recreated when a change is refused.
        suspend bool -- Hold.
        timeout string pattern=^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$ -- Time it may take.
        images [object] -- Images to replace.
          name* string -- Image to replace.
          newName string -- Other name.
          newTag string -- Other tag.
          digest string -- Other digest.
        patches [any] -- Patches.
        components [string] -- Components to include.
        dependsOn [any] -- What must be ready before.
        commonMetadata ObjectLabels -- Labels and annotations for all objects.
      helm object -- Install a chart.
        chart* HelmChartTemplate -- The chart.
        interval* string pattern=^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$ -- How often to check.
        releaseName string -- Name of the release.
        targetNamespace string -- Namespace of the release.
        values any -- Helm values.
        valuesFrom [object] -- Values from objects.
          kind* string enum=Secret|ConfigMap -- Kind of the object.
          name* string -- Name of the object.
          valuesKey string -- Key in the object.
          targetPath string -- Where the value goes.
          optional bool -- Whether it may be missing.
        dependsOn [any] -- What must be ready before.
        suspend bool -- Hold.
        timeout string pattern=^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$ -- Time it may take.
        maxHistory int64 -- Revisions kept.
        persistentClient bool -- Keep one client for the whole run.
        serviceAccountName string -- Identity to use.
        install HelmAction -- Settings of the install.
        upgrade HelmAction -- Settings of the upgrade.
        rollback HelmAction -- Settings of the rollback.
        uninstall HelmAction -- Settings of the uninstall.
      rollout Rollout -- Gradual delivery.
  status object -- Observed state.
    sourceStatus any -- State of the source.
    syncStatus [object] -- State by policy and cluster.
      name string -- Name of the Kustomization or HelmRelease.
      kustomizationStatus any -- State of the Kustomization.
      HelmReleaseStatus any -- State of the HelmRelease.
      rolloutStatus object -- State of the rollout.
        clusterName string -- Cluster.
        rolloutNameInCluster string -- Name of the Canary.
        rolloutStatusInCluster any -- State of the Canary.
"""
