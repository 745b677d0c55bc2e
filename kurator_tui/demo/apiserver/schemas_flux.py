"""Schemas of the Flux kinds that Kurator makes, as text (notation: `schemas`).

The source specs are shared with Kurator's Application.
"""

TEXT = r"""
SourceAccess -- Who may use the source from other namespaces.
  namespaceSelectors* [object] -- Namespaces, by label.
    matchLabels {string} -- Labels of the namespace.

GitRepositorySpec -- A Git repository to fetch.
  url* string pattern=^(http|https|ssh)://.*$ -- Address of the repository.
  secretRef NamedReference -- Secret with the credential.
  interval* string pattern=^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$ -- How often to fetch.
  timeout string default="60s" pattern=^([0-9]+(\.[0-9]+)?(ms|s|m))+$ -- Time a fetch may take.
  ref object -- What to check out.
    branch string -- Branch.
    tag string -- Tag.
    semver string -- Range of tags.
    name string -- Name of a reference.
    commit string -- Commit.
  verify object -- Signature to check.
    mode* string enum=head -- What is signed.
    secretRef* NamedReference -- Secret with the keys.
  ignore string -- Files to leave out.
  suspend bool -- Hold.
  gitImplementation string default=go-git enum=go-git|libgit2 -- Git library.
  recurseSubmodules bool -- Fetch submodules.
  include [object] -- Other repositories to include.
    repository* NamedReference -- The repository.
    fromPath string -- Path there.
    toPath string -- Path here.
  accessFrom SourceAccess -- Who may use it from other namespaces.

HelmRepositorySpec -- A Helm repository to index.
  url* string -- Address of the repository.
  secretRef NamedReference -- Secret with the credential.
  passCredentials bool -- Send the credential to other hosts.
  interval* string pattern=^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$ -- How often to fetch.
  timeout string default="60s" pattern=^([0-9]+(\.[0-9]+)?(ms|s|m))+$ -- Time a fetch may take.
  suspend bool -- Hold.
  accessFrom SourceAccess -- Who may use it from other namespaces.
  type string enum=default|oci -- Kind of repository.
  provider string default=generic enum=generic|aws|azure|gcp -- How to log in.

OCIRepositorySpec -- An OCI artifact to pull.
  url* string pattern=^oci://.*$ -- Address of the artifact.
  ref object -- What to pull.
    digest string -- Digest.
    semver string -- Range of tags.
    tag string -- Tag.
  layerSelector object -- Layer to use.
    mediaType string -- Media type of the layer.
    operation string enum=extract|copy -- What to do with it.
  provider string default=generic enum=generic|aws|azure|gcp -- How to log in.
  secretRef NamedReference -- Secret with the credential.
  verify object -- Signature to check.
    provider* string default=cosign enum=cosign -- Tool of the signature.
    secretRef NamedReference -- Secret with the keys.
  serviceAccountName string -- Identity to use.
  certSecretRef NamedReference -- Secret with certificates.
  interval* string pattern=^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$ -- How often to pull.
  timeout string default="60s" pattern=^([0-9]+(\.[0-9]+)?(ms|s|m))+$ -- Time a pull may take.
  ignore string -- Files to leave out.
  insecure bool -- Allow plain HTTP.
  suspend bool -- Hold.

SourceStatus open -- State of a source.
  observedGeneration int64 -- Generation the status belongs to.
  conditions [FluxCondition] -- Ready and others.
  url string -- Where the artifact is served.
  artifact any -- The fetched artifact.
  lastHandledReconcileAt string -- Last reconcile asked for.

FluxCondition -- One observed aspect of an object.
  type* string -- Name of the condition.
  status* string enum=True|False|Unknown -- Whether it holds.
  observedGeneration int64 -- Generation the condition belongs to.
  lastTransitionTime* time -- When the status last changed.
  reason* string -- One-word reason.
  message* string -- Details for people.

KubeConfigReference -- Kubeconfig of the target cluster.
  secretRef* object -- Secret with the kubeconfig.
    name* string -- Name of the Secret.
    key string -- Key in the Secret.

kind source.toolkit.fluxcd.io/v1beta2 GitRepository -- A Git repository as a source.
  spec GitRepositorySpec -- What to fetch.
  status SourceStatus -- Observed state.

kind source.toolkit.fluxcd.io/v1beta2 HelmRepository -- A Helm repository as a source.
  spec HelmRepositorySpec -- What to index.
  status SourceStatus -- Observed state.

CrossReference -- Names an object, maybe in another namespace.
  apiVersion string -- API version of the object.
  kind* string -- Kind of the object.
  name* string -- Name of the object.
  namespace string -- Namespace of the object.

kind kustomize.toolkit.fluxcd.io/v1beta2 Kustomization -- A directory of a source applied to a cluster.
  spec object -- What is applied and how.
    sourceRef* CrossReference -- The source.
    path string -- Directory in the source.
    interval* string pattern=^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$ -- How often to apply.
    retryInterval string pattern=^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$ -- How soon to retry.
    prune* bool -- Whether removed objects are deleted.
    kubeConfig KubeConfigReference -- Target cluster; this one when empty.
    targetNamespace string -- Namespace to apply into.
    force bool default=false -- Whether objects are recreated when a change is refused.
    suspend bool -- Hold.
    timeout string -- Time it may take.
    wait bool -- Wait for readiness.
    serviceAccountName string -- Identity to use.
    commonMetadata ObjectLabels -- Labels and annotations for all objects.
    components [string] -- Components to include.
    decryption any -- How secrets are decrypted.
    dependsOn [any] -- What must be ready before.
    healthChecks [any] -- Objects to wait for.
    images [any] -- Images to replace.
    patches [any] -- Patches.
    postBuild any -- Variables to substitute.
  status object open -- Observed state.
    observedGeneration int64 -- Generation the status belongs to.
    conditions [FluxCondition] -- Ready and others.
    lastAppliedRevision string -- Revision applied.
    lastAttemptedRevision string -- Revision tried.
    lastHandledReconcileAt string -- Last reconcile asked for.
    inventory any -- Objects applied.

kind helm.toolkit.fluxcd.io/v2beta1 HelmRelease -- A Helm chart installed in a cluster.
  spec object -- What is installed and how.
    chart* object -- The chart.
      metadata ObjectLabels -- Metadata of the chart object.
      spec* object -- The chart.
        chart* string -- Name of the chart.
        version string default=* -- Version or range.
        sourceRef* CrossReference -- The source.
        interval string -- How often to look for new versions.
        reconcileStrategy string default=ChartVersion enum=ChartVersion|Revision -- What counts as new.
        valuesFiles [string] -- Values files in the chart.
        valuesFile string -- Deprecated.
        verify any -- Signature to check.
    interval* string pattern=^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$ -- How often to check.
    kubeConfig KubeConfigReference -- Target cluster; this one when empty.
    suspend bool -- Hold.
    releaseName string -- Name of the release.
    targetNamespace string -- Namespace of the release.
    storageNamespace string -- Namespace of Helm's own data.
    dependsOn [any] -- What must be ready before.
    timeout string -- Time it may take.
    maxHistory int64 -- Revisions kept.
    persistentClient bool -- Keep one client for the whole run.
    serviceAccountName string -- Identity to use.
    install HelmAction -- Settings of the install.
    upgrade HelmAction -- Settings of the upgrade.
    rollback HelmAction -- Settings of the rollback.
    uninstall HelmAction -- Settings of the uninstall.
    test any -- Settings of tests.
    values any -- Helm values.
    valuesFrom [any] -- Values from objects.
    postRenderers [any] -- Changes after rendering.
  status object open -- Observed state.
    observedGeneration int64 -- Generation the status belongs to.
    conditions [FluxCondition] -- Ready, Released and others.
    lastAppliedRevision string -- Revision installed.
    lastAttemptedRevision string -- Revision tried.
    lastReleaseRevision int64 -- Helm revision.
    failures int64 -- Failures since the last success.
    helmChart string -- The chart object.
"""
