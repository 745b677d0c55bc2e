"""Schemas of networking, RBAC, storage, leases, slices and other platform kinds, as text (notation: `schemas`)."""

TEXT = """
kind networking.k8s.io/v1 Ingress -- Routes HTTP from outside to services.
  spec! object -- Rules.
    ingressClassName string -- Controller that serves it.
    defaultBackend IngressBackend -- Where everything else goes.
    tls [object] -- Certificates.
      hosts [string] -- Hosts of the certificate.
      secretName string -- Secret with the certificate.
    rules [object] -- Rules by host.
      host string -- Host name.
      http object -- Rules by path.
        paths* [object] -- Paths.
          path string -- The path.
          pathType* string enum=Exact|Prefix|ImplementationSpecific -- How it is compared.
          backend* IngressBackend -- Where it goes.
  status! object -- Observed state.
    loadBalancer! LoadBalancerStatus -- State of the load balancer.

IngressBackend -- Where traffic goes.
  service object -- A service.
    name* string -- Name of the service.
    port object -- Its port.
      name string -- Name of the port.
      number int -- Number of the port.
  resource ObjectReference -- Another object.

kind networking.k8s.io/v1 IngressClass -- Names the controller that serves an Ingress.
  spec! object -- The controller.
    controller string -- Name of the controller.
    parameters any -- Settings of the controller.

kind scheduling.k8s.io/v1 PriorityClass -- How important pods are when room is short.
  value* int -- Larger goes first.
  globalDefault bool -- Whether it is meant for pods that name none.
  description string -- When to use it.
  preemptionPolicy string default=PreemptLowerPriority enum=Never|PreemptLowerPriority -- May others be evicted.

kind admissionregistration.k8s.io/v1 MutatingWebhookConfiguration -- Who may change what is written.
  webhooks [AdmissionWebhook] merge=name -- The webhooks.

kind admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration -- Who may refuse what is written.
  webhooks [AdmissionWebhook] merge=name -- The webhooks.

AdmissionWebhook -- One webhook.
  name* string -- Name, unique in the configuration.
  clientConfig* object -- How it is called.
    url string -- Address outside the cluster.
    service object -- Service in the cluster.
      namespace* string -- Namespace of the Service.
      name* string -- Name of the Service.
      path string -- Path of the request.
      port int default=443 -- Port of the Service.
    caBundle bytes -- Authorities that may have signed its certificate, as PEM.
  rules [any] -- What it is asked about.
  namespaceSelector any -- Namespaces it is asked about.
  objectSelector any -- Objects it is asked about.
  failurePolicy string default=Fail enum=Fail|Ignore -- What happens when it does not answer.
  matchPolicy string default=Equivalent enum=Exact|Equivalent -- How versions of a kind are compared.
  reinvocationPolicy string enum=Never|IfNeeded -- Whether it is asked again after another one.
  sideEffects* string enum=None|NoneOnDryRun -- Whether it changes something beside.
  timeoutSeconds int default=10 min=1 max=30 -- How long it may take.
  admissionReviewVersions* [string] -- Versions of reviews that it understands.

kind networking.k8s.io/v1 NetworkPolicy -- Which traffic pods may have.
  spec! object -- Rules.
    podSelector! LabelSelector -- The pods.
    policyTypes [string] -- Ingress, Egress or both.
    ingress [any] -- Allowed incoming traffic.
    egress [any] -- Allowed outgoing traffic.

PolicyRule -- What may be done to what.
  verbs* [string] -- Verbs, or * for all.
  apiGroups [string] -- API groups.
  resources [string] -- Resources.
  resourceNames [string] -- Names; empty means all.
  nonResourceURLs [string] -- Paths that are no resources.

RoleRef atomic -- The role that is granted.
  apiGroup*! string -- Group of the role.
  kind*! string -- Role or ClusterRole.
  name*! string -- Name of the role.

Subject atomic -- Who gets a role.
  kind* string -- User, Group or ServiceAccount.
  apiGroup string -- Group of the subject.
  name* string -- Name of the subject.
  namespace string -- Namespace of a ServiceAccount.

kind rbac.authorization.k8s.io/v1 Role -- Rights in one namespace.
  rules! [PolicyRule] -- The rights.

kind rbac.authorization.k8s.io/v1 ClusterRole -- Rights in the whole cluster.
  rules! [PolicyRule] -- The rights.
  aggregationRule object -- Other roles to take rights from.
    clusterRoleSelectors [LabelSelector] -- The roles.

kind rbac.authorization.k8s.io/v1 RoleBinding -- Grants a role in one namespace.
  subjects [Subject] -- Who gets it.
  roleRef*! RoleRef immutable -- What they get.

kind rbac.authorization.k8s.io/v1 ClusterRoleBinding -- Grants a role in the whole cluster.
  subjects [Subject] -- Who gets it.
  roleRef*! RoleRef immutable -- What they get.

kind coordination.k8s.io/v1 Lease -- A heartbeat or a lock.
  spec! object -- State of the lease.
    holderIdentity string -- Who holds it.
    leaseDurationSeconds int -- Seconds until it lapses.
    acquireTime time -- When it was taken.
    renewTime time -- When it was last renewed.
    leaseTransitions int -- Changes of holder.
    strategy string -- How a holder is chosen.
    preferredHolder string -- Who should hold it.

kind discovery.k8s.io/v1 EndpointSlice -- A part of a service's endpoints.
  addressType*! string immutable -- IPv4, IPv6 or FQDN.
  endpoints! [any] -- The endpoints.
  ports! [any] -- Their ports.

kind storage.k8s.io/v1 StorageClass -- A way to provide volumes.
  provisioner*! string immutable -- Who makes the volumes.
  parameters {string} immutable -- Settings for the provisioner.
  reclaimPolicy string default=Delete -- What happens to released volumes.
  mountOptions [string] -- Mount options.
  allowVolumeExpansion bool -- Whether volumes can grow.
  volumeBindingMode string default=Immediate -- When volumes are made.
  allowedTopologies [any] -- Where volumes can be.

kind events.k8s.io/v1 Event -- A report of something that happened to an object.
  eventTime! time -- When it was first seen.
  series any -- A run of equal events.
  reportingController string -- Controller that reported it.
  reportingInstance string -- Instance of that controller.
  action string -- What was done or failed.
  reason string -- One word for machines.
  regarding ObjectReference -- The object the event is about.
  related ObjectReference -- A second object.
  note string -- Details for people.
  type string -- Normal or Warning.
  deprecatedSource! any -- Who reported it.
  deprecatedFirstTimestamp! time -- First occurrence.
  deprecatedLastTimestamp! time -- Latest occurrence.
  deprecatedCount int -- Number of occurrences.

kind v1 ReplicationController open -- Keeps pods running; replaced by deployments.
  spec! object open -- Desired behaviour.
    replicas int default=1 min=0 -- Number of pods wanted.
    selector {string} -- Pods of this controller.
  status! object open -- Observed state.
    replicas! int -- Pods there are.

kind apiextensions.k8s.io/v1 CustomResourceDefinition -- Adds a kind to the API.
  spec*! object open -- The kind.
    group* string -- API group.
    names* any -- Names of the kind.
    scope* string enum=Cluster|Namespaced -- Where objects live.
    versions* [any] -- Versions and their schemas.
  status object open -- Observed state.
"""
