"""Schemas of pods and pod templates, as text (notation: `schemas`)."""

TEXT = """
kind v1 Pod -- Containers that run together on one node.
  spec! PodSpec -- Desired behaviour of the pod.
  status! PodStatus -- Last observed state.

PodTemplateSpec -- The pods a workload makes.
  metadata! ObjectMeta -- Metadata of the pods.
  spec! PodSpec -- Desired behaviour of the pods.

PodSpec -- What a pod runs and how.
  volumes [Volume] keys=name merge=name retain -- Storage that containers can mount.
  initContainers [Container] keys=name merge=name -- Containers that run to completion first, in order.
  containers*! [Container] keys=name merge=name -- The pod's containers; at least one.
  ephemeralContainers [Container] keys=name merge=name -- Containers added for debugging.
  restartPolicy string default=Always enum=Always|OnFailure|Never -- What happens when a container ends.
  terminationGracePeriodSeconds int64 default=30 min=0 -- Seconds for a clean end before the kill.
  activeDeadlineSeconds int64 min=1 -- Seconds the pod may run.
  dnsPolicy string default=ClusterFirst enum=ClusterFirstWithHostNet|ClusterFirst|Default|None -- Name resolution.
  nodeSelector {string} atomic -- Labels a node must have.
  serviceAccountName string -- Identity of the pod.
  serviceAccount string -- Deprecated alias of serviceAccountName.
  automountServiceAccountToken bool -- Whether the identity's token is mounted.
  nodeName string -- Node the pod is bound to.
  hostNetwork bool -- Use the node's network.
  hostPID bool -- Use the node's processes.
  hostIPC bool -- Use the node's interprocess communication.
  hostUsers bool -- Use the node's user namespace.
  shareProcessNamespace bool -- Share processes among the containers.
  securityContext PodSecurityContext default={} -- Security of the whole pod.
  imagePullSecrets [LocalObjectReference] keys=name merge=name -- Secrets for pulling images.
  hostname string -- Host name of the pod.
  subdomain string -- Subdomain of the pod's full name.
  affinity Affinity -- Where the pod prefers or needs to run.
  schedulerName string default=default-scheduler -- Scheduler that places the pod.
  tolerations [Toleration] -- Taints the pod tolerates.
  hostAliases [object] keys=ip merge=ip -- Entries for the hosts file.
    ip* string -- Address.
    hostnames [string] -- Names of the address.
  priorityClassName string -- Class of importance.
  priority int -- Importance as a number.
  dnsConfig object -- Resolver settings.
    nameservers [string] -- Name servers.
    searches [string] -- Search domains.
    options [object] -- Resolver options.
      name string -- Option.
      value string -- Its value.
  readinessGates [object] -- Conditions that must hold for readiness.
    conditionType* string -- The condition's type.
  runtimeClassName string -- Runtime class.
  enableServiceLinks bool -- Whether services are put into the environment.
  preemptionPolicy string -- PreemptLowerPriority or Never.
  overhead {quantity} -- Resources of the runtime itself.
  topologySpreadConstraints [TopologySpread] keys=topologyKey,whenUnsatisfiable merge=topologyKey -- Even spread.
  setHostnameAsFQDN bool -- Use the full name as host name.
  hostnameOverride string -- Host name to set as it is.
  os object -- Operating system of the pod.
    name* string -- linux or windows.
  schedulingGates [object] keys=name merge=name -- What holds back scheduling.
    name* string -- Name of the gate.
  resourceClaims [object] keys=name merge=name retain -- Claims on devices.
    name* string -- Name inside the pod.
    resourceClaimName string -- An existing claim.
    resourceClaimTemplateName string -- Template of a claim.
  resources ResourceRequirements -- Resources of the whole pod.
  workloadRef any -- Workload the pod belongs to.

TopologySpread -- How pods are spread over a topology.
  maxSkew* int min=1 -- Largest difference between two domains.
  topologyKey* string -- Node label that names the domain.
  whenUnsatisfiable* string enum=DoNotSchedule|ScheduleAnyway -- What to do when it cannot hold.
  labelSelector LabelSelector -- Pods that are counted.
  minDomains int -- Least number of domains.
  nodeAffinityPolicy string -- Honor or Ignore.
  nodeTaintsPolicy string -- Honor or Ignore.
  matchLabelKeys [string] -- Labels taken from the pod itself.

Toleration -- Lets a pod run on nodes with a matching taint.
  key string -- Key of the taint; empty matches all with Exists.
  operator string -- Exists, Equal, Lt or Gt.
  value string -- Value of the taint.
  effect string -- Effect of the taint; empty matches all.
  tolerationSeconds int64 -- Seconds a NoExecute taint is tolerated.

Affinity -- Scheduling rules by nodes and other pods.
  nodeAffinity object -- Rules by node.
    requiredDuringSchedulingIgnoredDuringExecution object atomic -- Nodes the pod needs.
      nodeSelectorTerms* [NodeSelectorTerm] -- Alternatives.
    preferredDuringSchedulingIgnoredDuringExecution [object] -- Nodes the pod prefers.
      weight* int -- Weight, 1 to 100.
      preference* NodeSelectorTerm -- The preferred nodes.
  podAffinity PodAffinity -- Pods to be near to.
  podAntiAffinity PodAffinity -- Pods to stay away from.

NodeSelectorTerm atomic -- Requirements on a node.
  matchExpressions [LabelSelectorRequirement] -- By labels.
  matchFields [LabelSelectorRequirement] -- By fields.

PodAffinity -- Rules by other pods.
  requiredDuringSchedulingIgnoredDuringExecution [PodAffinityTerm] -- What is needed.
  preferredDuringSchedulingIgnoredDuringExecution [object] -- What is preferred.
    weight* int -- Weight, 1 to 100.
    podAffinityTerm* PodAffinityTerm -- The rule.

PodAffinityTerm -- A set of pods and the topology to compare.
  labelSelector LabelSelector -- The pods.
  namespaces [string] -- Their namespaces.
  topologyKey* string -- Node label that names the domain.
  namespaceSelector LabelSelector -- Their namespaces by label.
  matchLabelKeys [string] -- Labels that must be equal.
  mismatchLabelKeys [string] -- Labels that must differ.

PodSecurityContext open -- Security settings of a pod.
  runAsUser int64 -- User ID.
  runAsGroup int64 -- Group ID.
  runAsNonRoot bool -- Refuse to run as root.
  fsGroup int64 -- Group that owns volumes.
  fsGroupChangePolicy string -- When volumes change owner.
  supplementalGroups [int64] -- Further groups.
  seccompProfile any -- Seccomp profile.

Container -- One program of a pod.
  name* string -- Name, unique in the pod.
  image string -- Image to run.
  command [string] -- Entry point; the image's when empty.
  args [string] -- Arguments of the entry point.
  workingDir string -- Working directory.
  ports [ContainerPort] keys=containerPort,protocol merge=containerPort -- Ports the container listens on.
  envFrom [any] -- Sources of many environment variables.
  env [EnvVar] keys=name merge=name -- Environment variables.
  resources! ResourceRequirements -- Resources needed and allowed.
  resizePolicy [any] -- What happens when resources change.
  restartPolicy string -- Restart policy of an init container.
  restartPolicyRules [any] -- Restart by exit code.
  volumeMounts [VolumeMount] keys=mountPath merge=mountPath -- Volumes in the file system.
  volumeDevices [object] keys=devicePath merge=devicePath -- Block devices.
    name* string -- Claim in the pod.
    devicePath* string -- Path inside the container.
  livenessProbe Probe -- When to restart the container.
  readinessProbe Probe -- When to send it traffic.
  startupProbe Probe -- When it counts as started.
  lifecycle object -- Hooks.
    postStart any -- After the start.
    preStop any -- Before the end.
    stopSignal string -- Signal that ends the container.
  terminationMessagePath string default=/dev/termination-log -- File with the last message.
  terminationMessagePolicy string default=File enum=File|FallbackToLogsOnError -- Source of the last message.
  imagePullPolicy string enum=Always|IfNotPresent|Never -- When the image is pulled.
  securityContext any -- Security settings of the container.
  stdin bool -- Keep standard input open.
  stdinOnce bool -- Close standard input after the first client.
  tty bool -- Give the container a terminal.
  targetContainerName string -- Container an ephemeral container joins.

ContainerPort -- A port a container listens on.
  name string -- Name of the port.
  hostPort int min=0 max=65535 -- Port on the node.
  containerPort* int min=1 max=65535 -- Port number.
  protocol string default=TCP enum=TCP|UDP|SCTP -- Transport protocol.
  hostIP string -- Address on the node.

EnvVar -- One environment variable.
  name* string -- Name of the variable.
  value string -- Its value.
  valueFrom object -- Where its value comes from.
    fieldRef object atomic -- A field of the pod.
      apiVersion string default=v1 -- API version of the path.
      fieldPath* string -- Path of the field.
    resourceFieldRef object atomic -- A resource of a container.
      containerName string -- The container.
      resource* string -- The resource.
      divisor quantity -- Unit.
    configMapKeyRef KeySelector -- A key of a ConfigMap.
    secretKeyRef KeySelector -- A key of a Secret.
    fileKeyRef any -- A key in a file.

KeySelector atomic -- A key of a ConfigMap or Secret.
  name string -- The object.
  key* string -- The key.
  optional bool -- Whether it may be missing.

ResourceRequirements -- Compute resources.
  limits {quantity} -- Most that may be used.
  requests {quantity} -- Least that must be free.
  claims [object] keys=name -- Claims on devices.
    name* string -- Claim of the pod.
    request string -- Part of the claim.

VolumeMount -- A volume in a container's file system.
  name* string -- The volume.
  readOnly bool -- Mount read-only.
  recursiveReadOnly string -- Read-only below as well.
  mountPath* string -- Path inside the container.
  subPath string -- Path inside the volume.
  subPathExpr string -- Path inside the volume with variables.
  mountPropagation string -- How mounts spread.

Probe -- A check of a container.
  exec object -- Run a command.
    command [string] -- The command.
  httpGet object -- Do an HTTP request.
    path string default=/ -- Path.
    port* intstr -- Port.
    host string -- Host.
    scheme string default=HTTP -- HTTP or HTTPS.
    httpHeaders [any] -- Headers.
  tcpSocket object -- Open a connection.
    port* intstr -- Port.
    host string -- Host.
  grpc object -- Ask a gRPC health service.
    port* int -- Port.
    service string -- Service.
  initialDelaySeconds int min=0 -- Seconds before the first check.
  timeoutSeconds int default=1 min=0 -- Seconds a check may take.
  periodSeconds int default=10 min=0 -- Seconds between checks.
  successThreshold int default=1 min=0 -- Successes to recover.
  failureThreshold int default=3 min=0 -- Failures to give up.
  terminationGracePeriodSeconds int64 -- Seconds for a clean end.

Volume open -- Storage that containers can mount.
  name* string -- Name, unique in the pod.
  emptyDir object -- An empty directory as long as the pod lives.
    medium string -- Memory, or the node's default.
    sizeLimit quantity -- Largest size.
  hostPath object -- A path of the node.
    path* string -- The path.
    type string -- What must be there.
  secret object -- A Secret.
    secretName string -- The Secret.
    items [any] -- Keys and paths.
    defaultMode int default=420 -- Mode of the files.
    optional bool -- Whether it may be missing.
  configMap object -- A ConfigMap.
    name string -- The ConfigMap.
    items [any] -- Keys and paths.
    defaultMode int default=420 -- Mode of the files.
    optional bool -- Whether it may be missing.
  persistentVolumeClaim object -- A claim.
    claimName* string -- The claim.
    readOnly bool -- Mount read-only.
  projected object -- Several sources in one directory.
    sources [any] -- The sources.
    defaultMode int default=420 -- Mode of the files.

PodStatus -- What is known about a pod.
  observedGeneration int64 -- Generation the status belongs to.
  phase string -- Pending, Running, Succeeded, Failed or Unknown.
  conditions [PodCondition] keys=type merge=type -- Observed aspects.
  message string -- Details for people.
  reason string -- One-word reason, such as Evicted.
  nominatedNodeName string -- Node being made free for the pod.
  hostIP string -- Address of the node.
  hostIPs [object] merge=ip -- Addresses of the node.
    ip* string -- Address.
  podIP string -- Address of the pod.
  podIPs [object] keys=ip merge=ip -- Addresses of the pod.
    ip* string -- Address.
  startTime time -- When the kubelet took the pod.
  initContainerStatuses [ContainerStatus] -- State of the init containers.
  containerStatuses [ContainerStatus] -- State of the containers.
  ephemeralContainerStatuses [ContainerStatus] -- State of the ephemeral containers.
  qosClass string -- Guaranteed, Burstable or BestEffort.
  resize string -- State of a resize.
  resourceClaimStatuses [any] keys=name merge=name -- State of claims.
  extendedResourceClaimStatus any -- State of claims made for extended resources.
  allocatedResources {quantity} -- Resources given to the pod.
  resources ResourceRequirements -- Resources in force.

PodCondition -- One aspect of a pod's state.
  type* string -- PodScheduled, Initialized, ContainersReady, Ready and others.
  observedGeneration int64 -- Generation the condition belongs to.
  status* string -- True, False or Unknown.
  lastProbeTime! time -- When it was last checked.
  lastTransitionTime! time -- When the status last changed.
  reason string -- One-word reason.
  message string -- Details for people.

ContainerStatus -- State of one container.
  name* string -- The container.
  state! ContainerState -- Present state.
  lastState! ContainerState -- State before the last restart.
  ready*! bool -- Whether it is ready.
  restartCount*! int -- Number of restarts.
  image*! string -- Image it runs.
  imageID*! string -- Digest of the image.
  containerID string -- Identity of the container.
  started bool -- Whether it has started.
  allocatedResources {quantity} -- Resources given to it.
  resources ResourceRequirements -- Resources in force.
  volumeMounts [any] -- Mounts.
  user any -- User it runs as.
  allocatedResourcesStatus [any] -- Health of resources.
  stopSignal string -- Signal that ends it.

ContainerState -- One of three states.
  waiting object -- Not yet running.
    reason string -- Why.
    message string -- Details for people.
  running object -- Running.
    startedAt! time -- Since when.
  terminated object -- Ended.
    exitCode*! int -- Exit code.
    signal int -- Signal that ended it.
    reason string -- Why.
    message string -- Last message.
    startedAt! time -- Start.
    finishedAt! time -- End.
    containerID string -- Identity of the container.
"""
