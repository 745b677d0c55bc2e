"""The kinds that every cluster has, as text (written as `notation` says), and what a cluster serves by default."""

from functools import lru_cache

from kurator_tui.demo.apiserver import custom
from kurator_tui.demo.apiserver.notation import parse
from kurator_tui.demo.apiserver.resources import Catalogue, ResourceType

TEXT = r"""
set core builtin
/v1 configmaps ConfigMap short=cm
/v1 endpoints Endpoints short=ep
/v1 events Event short=ev
  + fields=involvedObject.kind,involvedObject.namespace,involvedObject.name,involvedObject.uid,
  + involvedObject.apiVersion,involvedObject.resourceVersion,involvedObject.fieldPath,
  + reason,reportingComponent,source,type
/v1 limitranges LimitRange short=limits
/v1 namespaces Namespace cluster short=ns sub=finalize,status fields=status.phase
  + verbs=create,delete,get,list,patch,update,watch
/v1 nodes Node cluster short=no sub=proxy,status fields=spec.unschedulable
/v1 persistentvolumeclaims PersistentVolumeClaim short=pvc sub=status
/v1 persistentvolumes PersistentVolume cluster short=pv sub=status
/v1 pods Pod short=po cat=all
  + sub=attach,ephemeralcontainers,eviction,exec,log,portforward,proxy,status
  + fields=spec.nodeName,spec.restartPolicy,spec.schedulerName,spec.serviceAccountName,spec.hostNetwork,
  + status.phase,status.podIP,status.nominatedNodeName
/v1 replicationcontrollers ReplicationController short=rc cat=all sub=scale,status
  + fields=status.replicas
/v1 resourcequotas ResourceQuota short=quota sub=status
/v1 secrets Secret fields=type
/v1 serviceaccounts ServiceAccount short=sa
/v1 services Service short=svc cat=all sub=proxy,status fields=spec.clusterIP,spec.type

set workloads builtin
apps/v1 controllerrevisions ControllerRevision
apps/v1 daemonsets DaemonSet short=ds cat=all sub=status
apps/v1 deployments Deployment short=deploy cat=all sub=scale,status
apps/v1 replicasets ReplicaSet short=rs cat=all sub=scale,status
apps/v1 statefulsets StatefulSet short=sts cat=all sub=scale,status
autoscaling/v2 horizontalpodautoscalers HorizontalPodAutoscaler short=hpa cat=all sub=status
batch/v1 cronjobs CronJob short=cj cat=all sub=status
batch/v1 jobs Job cat=all sub=status fields=status.successful
policy/v1 poddisruptionbudgets PodDisruptionBudget short=pdb sub=status

set platform builtin
authentication.k8s.io/v1 selfsubjectreviews SelfSubjectReview cluster verbs=create
authorization.k8s.io/v1 localsubjectaccessreviews LocalSubjectAccessReview verbs=create
authorization.k8s.io/v1 selfsubjectaccessreviews SelfSubjectAccessReview cluster verbs=create
authorization.k8s.io/v1 selfsubjectrulesreviews SelfSubjectRulesReview cluster verbs=create
authorization.k8s.io/v1 subjectaccessreviews SubjectAccessReview cluster verbs=create
admissionregistration.k8s.io/v1 mutatingwebhookconfigurations MutatingWebhookConfiguration cluster
admissionregistration.k8s.io/v1 validatingwebhookconfigurations ValidatingWebhookConfiguration cluster
coordination.k8s.io/v1 leases Lease
discovery.k8s.io/v1 endpointslices EndpointSlice
events.k8s.io/v1 events Event short=ev
  + fields=regarding.kind,regarding.namespace,regarding.name,regarding.uid,
  + regarding.apiVersion,regarding.resourceVersion,regarding.fieldPath,
  + reason,reportingController,type
networking.k8s.io/v1 ingresses Ingress short=ing sub=status
networking.k8s.io/v1 ingressclasses IngressClass cluster
networking.k8s.io/v1 networkpolicies NetworkPolicy short=netpol
rbac.authorization.k8s.io/v1 clusterrolebindings ClusterRoleBinding cluster
rbac.authorization.k8s.io/v1 clusterroles ClusterRole cluster
rbac.authorization.k8s.io/v1 rolebindings RoleBinding
rbac.authorization.k8s.io/v1 roles Role
scheduling.k8s.io/v1 priorityclasses PriorityClass cluster short=pc
storage.k8s.io/v1 storageclasses StorageClass cluster short=sc
apiextensions.k8s.io/v1 customresourcedefinitions CustomResourceDefinition cluster short=crd,crds
  + cat=api-extensions sub=status
"""


@lru_cache(maxsize=1)
def _kinds() -> tuple[ResourceType, ...]:
    return tuple(rt for kinds in parse(TEXT).values() for rt in kinds)


def default_catalogue(host: bool) -> Catalogue:
    """What a member serves, and on a host also the Kurator, Cluster API and Flux kinds."""
    return Catalogue((*_kinds(), *custom.kinds("kurator")) if host else _kinds())
