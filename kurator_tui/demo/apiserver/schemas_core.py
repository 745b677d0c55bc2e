"""Schemas of object metadata, shared definitions and the core group, as text (notation: `schemas`)."""

TEXT = """
ObjectMeta -- Metadata all stored objects carry.
  name string -- Name, unique in the namespace for its kind.
  generateName string -- Prefix from which the server makes a unique name when `name` is empty.
  namespace string -- Namespace the object lives in; empty for cluster-scoped kinds.
  selfLink string -- Unused.
  uid string -- Identity in time and space; a recreated object has another one.
  resourceVersion string -- Opaque version for change detection, optimistic locking and watches.
  generation int64 -- Number of changes to the desired state.
  creationTimestamp time -- When the server stored the object.
  deletionTimestamp time -- When the object is to be gone; set by a delete that has to wait.
  deletionGracePeriodSeconds int64 -- Seconds a graceful delete may take.
  labels {string} -- Keys and values to organise and select objects by.
  annotations {string} -- Keys and values that tools attach and the server does not query.
  ownerReferences [OwnerReference] keys=uid merge=uid -- Objects this one depends on and is collected with.
  finalizers [string] set merge -- Names that must all be removed before the object goes away.
  managedFields [ManagedFieldsEntry] -- Which manager set which fields; kept by the server.

OwnerReference atomic -- An owning object in the same namespace or of the cluster.
  apiVersion* string -- API version of the owner.
  kind* string -- Kind of the owner.
  name* string -- Name of the owner.
  uid* string -- UID of the owner.
  controller bool -- Whether the owner is the managing controller.
  blockOwnerDeletion bool -- Whether a foreground delete of the owner waits for this object.

ManagedFieldsEntry -- The fields one manager owns.
  manager string -- Name of the manager.
  operation string enum=Apply|Update -- How the fields were set.
  apiVersion string -- API version the field names belong to.
  time time -- When the entry last changed.
  fieldsType string -- Format of the field set, FieldsV1.
  fieldsV1 any -- The field set.
  subresource string -- Subresource the fields were set through.

LabelSelector atomic -- Selects objects by labels; both parts must match.
  matchLabels {string} -- Labels with exactly these values.
  matchExpressions [LabelSelectorRequirement] -- Further requirements.

LabelSelectorRequirement -- One requirement on a label.
  key* string -- The label's key.
  operator* string -- In, NotIn, Exists or DoesNotExist.
  values [string] -- Values for In and NotIn.

Condition -- One observed aspect of an object's state.
  type* string -- Name of the condition.
  status* string enum=True|False|Unknown -- Whether it holds.
  observedGeneration int64 -- Generation the condition was observed on.
  lastTransitionTime*! time -- When the status last changed.
  reason* string -- One-word reason of the last change.
  message*! string -- Details for people.

ObjectReference atomic -- Points to another object or a part of it.
  apiVersion string -- API version of the target.
  fieldPath string -- Path of a part of the target.
  kind string -- Kind of the target.
  name string -- Name of the target.
  namespace string -- Namespace of the target.
  resourceVersion string -- Version of the target that is meant.
  uid string -- UID of the target.

LocalObjectReference atomic -- Names an object in the same namespace.
  name string -- Name of the object.

kind v1 ConfigMap -- Configuration data for pods to consume.
  data {string} -- Text by key.
  binaryData {bytes} -- Base64 data by key.
  immutable bool -- When true, data cannot be changed.

kind v1 Secret -- Sensitive data of a bounded size.
  data {bytes} -- Base64 values by key.
  stringData {string} -- Plain values to write; never returned.
  immutable bool -- When true, data cannot be changed.
  type string default=Opaque immutable -- What the secret holds and which keys it must have.

kind v1 Namespace -- A scope for names.
  spec! object -- Behaviour of the namespace.
    finalizers [string] -- What must be done before the namespace goes away.
  status! object -- Observed state.
    phase string -- Active or Terminating.
    conditions [NamespaceCondition] keys=type merge=type -- Details of a termination.

NamespaceCondition -- One observed aspect of a namespace.
  type* string -- Name of the condition.
  status* string -- True, False or Unknown.
  lastTransitionTime time -- When the status last changed.
  reason string -- One-word reason.
  message string -- Details for people.

kind v1 Node -- A machine of the cluster.
  spec! object -- Desired behaviour of the node.
    podCIDR string -- Address range for pods on this node.
    podCIDRs [string] set merge -- Address ranges for pods, one a family.
    providerID string -- Identity of the machine at its provider.
    unschedulable bool -- When true, no new pods are placed here (cordon).
    taints [Taint] -- Repel pods that do not tolerate them.
    externalID string -- Deprecated and unused.
    configSource any -- Unused.
  status! NodeStatus -- Last observed state of the node.

Taint -- Repels pods from a node.
  key* string -- Key of the taint.
  value string -- Value of the taint.
  effect* string enum=NoSchedule|PreferNoSchedule|NoExecute -- What happens to pods without a toleration.
  timeAdded time -- When a NoExecute taint was added.

NodeStatus -- What is known about a node.
  capacity {quantity} -- Total resources.
  allocatable {quantity} -- Resources that pods may use.
  phase string -- Unused.
  conditions [NodeCondition] keys=type merge=type -- Health of the node.
  addresses [NodeAddress] keys=type merge=type -- Where the node can be reached.
  daemonEndpoints! object -- Ports of the node's daemons.
    kubeletEndpoint! object -- Endpoint of the kubelet.
      Port! int -- Port number.
  nodeInfo! object -- Versions and identities.
    machineID! string -- ID from the operating system.
    systemUUID! string -- ID from the firmware.
    bootID! string -- ID of this boot.
    kernelVersion! string -- Kernel.
    osImage! string -- Operating system.
    containerRuntimeVersion! string -- Container runtime.
    kubeletVersion! string -- Kubelet.
    kubeProxyVersion! string -- Unused.
    operatingSystem! string -- Kind of operating system.
    architecture! string -- CPU architecture.
    swap any -- Swap memory.
  images [object] -- Images on the node.
    names [string] -- Names of the image.
    sizeBytes int64 -- Size in bytes.
  volumesInUse [string] -- Attachable volumes in use.
  volumesAttached [object] -- Attached volumes.
    name* string -- Name of the volume.
    devicePath* string -- Where it is attached.
  config any -- Unused.
  runtimeHandlers [any] -- Handlers of the container runtime.
  features any -- Features of the container runtime.
  declaredFeatures [string] -- Features the node declares.

NodeCondition -- One aspect of a node's health.
  type* string -- Ready, MemoryPressure, DiskPressure, PIDPressure or NetworkUnavailable.
  status* string -- True, False or Unknown.
  lastHeartbeatTime! time -- When it was last reported.
  lastTransitionTime! time -- When the status last changed.
  reason string -- One-word reason.
  message string -- Details for people.

NodeAddress -- One address of a node.
  type* string -- Hostname, InternalIP, ExternalIP, InternalDNS or ExternalDNS.
  address* string -- The address.

kind v1 Service -- A stable address for a set of pods.
  spec! ServiceSpec -- Desired behaviour.
  status! object -- Observed state.
    loadBalancer! LoadBalancerStatus -- State of the load balancer.
    conditions [Condition] keys=type merge=type -- Observed aspects.

ServiceSpec -- How a service selects pods and is reached.
  ports [ServicePort] keys=port,protocol merge=port -- Ports exposed.
  selector {string} -- Labels of the pods behind the service.
  clusterIP string -- Address inside the cluster.
  clusterIPs [string] -- Addresses inside the cluster, one a family.
  type string default=ClusterIP enum=ClusterIP|NodePort|LoadBalancer|ExternalName -- How the service is exposed.
  externalIPs [string] -- Further addresses the nodes accept traffic on.
  sessionAffinity string default=None enum=ClientIP|None -- Whether a client keeps its pod.
  sessionAffinityConfig object -- Settings of the affinity.
    clientIP object -- Settings of ClientIP.
      timeoutSeconds int -- Seconds an affinity lasts.
  loadBalancerIP string -- Deprecated: wanted address of the load balancer.
  loadBalancerSourceRanges [string] -- Clients that may use the load balancer.
  loadBalancerClass string -- Implementation of the load balancer.
  allocateLoadBalancerNodePorts bool -- Whether node ports are allocated.
  externalName string -- DNS name of an ExternalName service.
  externalTrafficPolicy string enum=Cluster|Local -- How outside traffic is spread.
  internalTrafficPolicy string default=Cluster enum=Cluster|Local -- How inside traffic is spread.
  healthCheckNodePort int -- Port for health checks of the load balancer.
  publishNotReadyAddresses bool -- Whether pods that are not ready are published.
  ipFamilies [string] -- IPv4, IPv6 or both.
  ipFamilyPolicy string -- SingleStack, PreferDualStack or RequireDualStack.
  trafficDistribution string -- Preference for near endpoints.

ServicePort -- One port of a service.
  name string -- Name, needed when there are several.
  protocol string default=TCP enum=TCP|UDP|SCTP -- Transport protocol.
  appProtocol string -- Application protocol.
  port* int min=1 max=65535 -- Port of the service.
  targetPort intstr -- Port of the pods, by number or name.
  nodePort int -- Port on each node.

LoadBalancerStatus -- State of a load balancer.
  ingress [LoadBalancerIngress] -- Where the load balancer takes traffic.

LoadBalancerIngress -- One entry point.
  ip string -- Address.
  ipMode string -- How the address behaves.
  hostname string -- DNS name.
  ports [any] -- State of the ports.

kind v1 Endpoints -- Addresses behind a service.
  subsets [object] -- Sets of addresses sharing ports.
    addresses [EndpointAddress] -- Ready addresses.
    notReadyAddresses [EndpointAddress] -- Addresses that are not ready.
    ports [object] -- Ports of these addresses.
      name string -- Name of the port.
      port* int -- Port number.
      protocol string -- Transport protocol.
      appProtocol string -- Application protocol.

EndpointAddress atomic -- One address of an endpoint.
  ip* string -- The address.
  hostname string -- Host name.
  nodeName string -- Node of the address.
  targetRef ObjectReference -- The object behind the address.

kind v1 ServiceAccount -- An identity for processes in pods.
  secrets [ObjectReference] keys=name merge=name -- Secrets pods of this account may use.
  imagePullSecrets [LocalObjectReference] -- Secrets for pulling images.
  automountServiceAccountToken bool -- Whether pods get a token mounted.

kind v1 PersistentVolumeClaim -- A request for storage.
  spec! object -- What is asked for.
    accessModes [string] -- How the volume may be mounted.
    selector LabelSelector -- Volumes to consider.
    resources! object -- Size asked for.
      limits {quantity} -- Most storage.
      requests {quantity} -- Least storage.
    volumeName string -- The bound volume.
    storageClassName string -- Class of the storage.
    volumeMode string default=Filesystem enum=Block|Filesystem -- Filesystem or block device.
    dataSource any -- Where the content comes from.
    dataSourceRef any -- Where the content comes from.
    volumeAttributesClassName string -- Attributes of the volume.
  status! object open -- Observed state.
    phase string -- Pending, Bound or Lost.
    accessModes [string] -- How the volume may be mounted.
    capacity {quantity} -- Actual size.

kind v1 PersistentVolume open -- A piece of storage.
  spec! object open -- The storage and its claim.
    capacity {quantity} -- Size.
    accessModes [string] -- How the volume may be mounted.
    storageClassName string -- Class of the storage.
    persistentVolumeReclaimPolicy string -- What happens when the claim is gone.
    claimRef ObjectReference -- The bound claim.
  status! object open -- Observed state.
    phase string -- Available, Bound, Released or Failed.

kind v1 ResourceQuota -- Limits on the sum of resources in a namespace.
  spec! object open -- Limits.
    hard {quantity} -- Most of each resource.
  status! object open -- Use.
    hard {quantity} -- Enforced limits.
    used {quantity} -- Present use.

kind v1 LimitRange -- Limits on single pods, containers and claims.
  spec! object -- Limits.
    limits [any] -- One entry a type.

kind v1 Event -- A report of something that happened to an object.
  involvedObject*! ObjectReference -- The object the event is about.
  reason string -- One word for machines.
  message string -- Details for people.
  source! object -- Who reported it.
    component string -- Component.
    host string -- Node.
  firstTimestamp! time -- First occurrence.
  lastTimestamp! time -- Latest occurrence.
  count int -- Number of occurrences.
  type string -- Normal or Warning.
  eventTime! time -- When it was first seen.
  series object -- A run of equal events.
    count int -- Number of occurrences.
    lastObservedTime time -- Latest occurrence.
  action string -- What was done or failed.
  related ObjectReference -- A second object.
  reportingComponent! string -- Controller that reported it.
  reportingInstance! string -- Instance of that controller.
"""
