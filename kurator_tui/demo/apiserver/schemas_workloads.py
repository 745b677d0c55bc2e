"""Schemas of the groups apps, batch, autoscaling and policy, as text (notation: `schemas`)."""

TEXT = """
WorkloadCondition -- One observed aspect of a workload.
  type* string -- Name of the condition.
  status* string -- True, False or Unknown.
  lastUpdateTime time -- When it was last updated.
  lastTransitionTime time -- When the status last changed.
  lastProbeTime time -- When it was last checked.
  reason string -- One-word reason.
  message string -- Details for people.

kind apps/v1 Deployment -- Keeps a number of equal pods running and rolls out changes to them.
  spec! object -- Desired behaviour.
    replicas int default=1 min=0 -- Number of pods wanted.
    selector*! LabelSelector immutable -- Pods of this deployment; must match the template's labels.
    template*! PodTemplateSpec -- The pods to make.
    strategy! object retain -- How old pods are replaced.
      type string default=RollingUpdate enum=Recreate|RollingUpdate -- RollingUpdate or Recreate.
      rollingUpdate object -- Settings of RollingUpdate.
        maxUnavailable intstr -- Pods that may be missing, as number or percentage.
        maxSurge intstr -- Pods there may be too many, as number or percentage.
    minReadySeconds int min=0 -- Seconds a pod must be ready to count as available.
    revisionHistoryLimit int default=10 min=0 -- Old replica sets kept for a rollback.
    paused bool -- Whether rollouts are held.
    progressDeadlineSeconds int default=600 min=0 -- Seconds without progress until a rollout counts as failed.
  status! object -- Observed state.
    observedGeneration int64 -- Generation the status belongs to.
    replicas int -- Pods there are.
    updatedReplicas int -- Pods of the newest template.
    readyReplicas int -- Pods that are ready.
    availableReplicas int -- Pods that are available.
    unavailableReplicas int -- Pods that are missing.
    terminatingReplicas int -- Pods that are ending.
    conditions [WorkloadCondition] keys=type merge=type -- Available, Progressing, ReplicaFailure.
    collisionCount int -- Clashes of template hashes.

kind apps/v1 ReplicaSet -- Keeps a number of equal pods running.
  spec! object -- Desired behaviour.
    replicas int default=1 min=0 -- Number of pods wanted.
    minReadySeconds int min=0 -- Seconds a pod must be ready to count as available.
    selector*! LabelSelector immutable -- Pods of this set.
    template! PodTemplateSpec -- The pods to make.
  status! object -- Observed state.
    replicas! int -- Pods there are.
    fullyLabeledReplicas int -- Pods with all labels of the template.
    readyReplicas int -- Pods that are ready.
    availableReplicas int -- Pods that are available.
    terminatingReplicas int -- Pods that are ending.
    observedGeneration int64 -- Generation the status belongs to.
    conditions [WorkloadCondition] keys=type merge=type -- Observed aspects.

kind apps/v1 StatefulSet -- Runs pods with stable names and storage.
  spec! object -- Desired behaviour.
    replicas int default=1 min=0 -- Number of pods wanted.
    selector*! LabelSelector immutable -- Pods of this set.
    template*! PodTemplateSpec -- The pods to make.
    volumeClaimTemplates [any] -- Claims made for each pod.
    serviceName! string immutable -- Service that names the pods.
    podManagementPolicy string default=OrderedReady enum=OrderedReady|Parallel immutable -- Order of pods.
    updateStrategy! object -- How pods are replaced.
      type string default=RollingUpdate enum=RollingUpdate|OnDelete -- RollingUpdate or OnDelete.
      rollingUpdate object -- Settings of RollingUpdate.
        partition int -- Ordinal from which pods are updated.
        maxUnavailable intstr -- Pods that may be missing.
    revisionHistoryLimit int default=10 min=0 -- Revisions kept.
    minReadySeconds int min=0 -- Seconds a pod must be ready to count as available.
    persistentVolumeClaimRetentionPolicy object -- When claims are deleted.
      whenDeleted string default=Retain -- When the set is deleted.
      whenScaled string default=Retain -- When the set is scaled down.
    ordinals any -- First ordinal.
  status! object -- Observed state.
    observedGeneration int64 -- Generation the status belongs to.
    replicas! int -- Pods there are.
    readyReplicas int -- Pods that are ready.
    currentReplicas int -- Pods of the current revision.
    updatedReplicas int -- Pods of the new revision.
    currentRevision string -- Current revision.
    updateRevision string -- New revision.
    collisionCount int -- Clashes of revision hashes.
    conditions [WorkloadCondition] keys=type merge=type -- Observed aspects.
    availableReplicas! int -- Pods that are available.

kind apps/v1 DaemonSet -- Runs one pod on each matching node.
  spec! object -- Desired behaviour.
    selector*! LabelSelector immutable -- Pods of this set.
    template*! PodTemplateSpec -- The pods to make.
    updateStrategy! object -- How pods are replaced.
      type string default=RollingUpdate enum=RollingUpdate|OnDelete -- RollingUpdate or OnDelete.
      rollingUpdate object -- Settings of RollingUpdate.
        maxUnavailable intstr -- Pods that may be missing.
        maxSurge intstr -- Pods there may be too many.
    minReadySeconds int min=0 -- Seconds a pod must be ready to count as available.
    revisionHistoryLimit int default=10 min=0 -- Revisions kept.
  status! object -- Observed state.
    currentNumberScheduled! int -- Nodes that run the pod and should.
    numberMisscheduled! int -- Nodes that run the pod and should not.
    desiredNumberScheduled! int -- Nodes that should run the pod.
    numberReady! int -- Nodes with a ready pod.
    observedGeneration int64 -- Generation the status belongs to.
    updatedNumberScheduled int -- Nodes with the newest pod.
    numberAvailable int -- Nodes with an available pod.
    numberUnavailable int -- Nodes without an available pod.
    collisionCount int -- Clashes of revision hashes.
    conditions [WorkloadCondition] keys=type merge=type -- Observed aspects.

kind apps/v1 ControllerRevision -- A snapshot of a workload's template.
  data any -- The snapshot.
  revision*! int64 -- Number of the revision.

JobSpec -- What a job runs.
  parallelism int min=0 -- Pods at a time.
  completions int min=0 -- Successes needed.
  activeDeadlineSeconds int64 -- Seconds the job may run.
  podFailurePolicy any -- How failures count.
  successPolicy any -- When the job counts as done.
  backoffLimit int default=6 min=0 -- Failures allowed.
  backoffLimitPerIndex int -- Failures allowed an index.
  maxFailedIndexes int -- Failed indexes allowed.
  selector LabelSelector immutable -- Pods of this job.
  manualSelector bool -- Whether the selector is the user's.
  template*! PodTemplateSpec -- The pods to make.
  ttlSecondsAfterFinished int -- Seconds a finished job is kept.
  completionMode string default=NonIndexed -- NonIndexed or Indexed.
  suspend bool default=false -- Whether the job is held.
  podReplacementPolicy string -- When failed pods are replaced.
  managedBy string -- Controller of the job.

kind batch/v1 Job -- Runs pods until enough have succeeded.
  spec! JobSpec -- Desired behaviour.
  status! object -- Observed state.
    conditions [WorkloadCondition] merge=type -- Complete, Failed, Suspended.
    startTime time -- Start.
    completionTime time -- End.
    active int -- Pods that run.
    succeeded int -- Pods that succeeded.
    failed int -- Pods that failed.
    terminating int -- Pods that are ending.
    completedIndexes string -- Indexes done.
    failedIndexes string -- Indexes failed.
    uncountedTerminatedPods any -- Pods not yet counted.
    ready int -- Pods that are ready.

kind batch/v1 CronJob -- Makes jobs on a schedule.
  spec! object -- Desired behaviour.
    schedule*! string -- Cron expression.
    timeZone string -- Time zone of the schedule.
    startingDeadlineSeconds int64 -- Seconds a start may be late.
    concurrencyPolicy string default=Allow enum=Allow|Forbid|Replace -- What happens when jobs overlap.
    suspend bool default=false -- Whether the schedule is held.
    jobTemplate*! object -- The jobs to make.
      metadata! ObjectMeta -- Metadata of the jobs.
      spec! JobSpec -- Behaviour of the jobs.
    successfulJobsHistoryLimit int default=3 min=0 -- Successful jobs kept.
    failedJobsHistoryLimit int default=1 min=0 -- Failed jobs kept.
  status! object -- Observed state.
    active [ObjectReference] -- Running jobs.
    lastScheduleTime time -- Last start.
    lastSuccessfulTime time -- Last success.

kind autoscaling/v2 HorizontalPodAutoscaler -- Scales a workload by metrics.
  spec! object -- Desired behaviour.
    scaleTargetRef*! object -- The workload.
      kind*! string -- Kind of the workload.
      name*! string -- Name of the workload.
      apiVersion string -- API version of the workload.
    minReplicas int default=1 min=0 -- Least replicas.
    maxReplicas*! int min=1 -- Most replicas.
    metrics [any] -- Metrics and their targets.
    behavior any -- How fast to scale.
  status! object -- Observed state.
    observedGeneration int64 -- Generation the status belongs to.
    lastScaleTime time -- Last change of scale.
    currentReplicas int -- Present replicas.
    desiredReplicas! int -- Wanted replicas.
    currentMetrics! [any] -- Present metrics.
    conditions [WorkloadCondition] keys=type merge=type -- Observed aspects.

kind autoscaling/v1 Scale -- The number of replicas of a workload.
  spec! object -- What is wanted.
    replicas int min=0 -- Number of replicas.
  status! object -- What there is.
    replicas! int -- Number of replicas.
    selector string -- Selector of the pods.

kind policy/v1 PodDisruptionBudget -- How many of a set of pods may be evicted at once.
  spec! object -- The rule.
    minAvailable intstr -- Pods that must stay available.
    selector LabelSelector -- The pods.
    maxUnavailable intstr -- Pods that may be missing.
    unhealthyPodEvictionPolicy string enum=IfHealthyBudget|AlwaysAllow -- When unready pods may be evicted.
  status! object -- Observed state.
    observedGeneration int64 -- Generation the status belongs to.
    disruptedPods {time} -- Pods being evicted.
    disruptionsAllowed*! int -- Evictions allowed now.
    currentHealthy*! int -- Healthy pods.
    desiredHealthy*! int -- Healthy pods needed.
    expectedPods*! int -- Pods counted.
    conditions [Condition] keys=type merge=type -- Observed aspects.
"""
