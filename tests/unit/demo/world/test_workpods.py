"""Work that other systems start has pods: those of Volcano's tasks and Tekton's steps, with logs."""

import pytest

from kurator_tui.demo.apiserver import logs
from kurator_tui.demo.world.world import World
from tests.unit.demo.world.worlds import advance, running


@pytest.fixture(scope="module")
def world() -> World:
    return running("still", 2)


def test_every_task_run_has_the_pod_it_names(world: World) -> None:
    runs = world.host.all_of("taskruns.tekton.dev")
    assert runs
    for run in runs:
        pod = world.host.find("pods", run["metadata"]["namespace"], run["status"]["podName"])
        assert pod is not None
        assert [each["name"] for each in pod["spec"]["containers"]] == [run["status"]["steps"][0]["container"]]
        ended = {"True": "Succeeded", "False": "Failed", "Unknown": "Running"}
        assert pod["status"]["phase"] == ended[run["status"]["conditions"][0]["status"]]


def test_volcano_jobs_have_a_pod_a_replica(world: World) -> None:
    cluster = world.clusters["ai-cloud"]
    for job in cluster.all_of("jobs.batch.volcano.sh"):
        pods = cluster.owned(job["metadata"]["uid"], "pods")
        if job["status"]["state"]["phase"] != "Aborted":
            assert len(pods) == sum(task["replicas"] for task in job["spec"]["tasks"])
        running_pods = sum(1 for pod in pods if pod["status"]["phase"] == "Running")
        assert running_pods == job["status"].get("running", 0)


def test_no_node_is_asked_for_more_gpus_than_it_has(world: World) -> None:
    cluster = world.clusters["ai-cloud"]
    for node in cluster.all_of("nodes"):
        asked = cluster.requested_on(node["metadata"]["name"]).get("nvidia.com/gpu", 0)
        assert asked <= int(node["status"]["capacity"].get("nvidia.com/gpu", 0))


def test_pods_of_work_that_is_over_stay_as_they_are_and_have_logs(world: World) -> None:
    host = world.host
    before = {pod["metadata"]["name"]: pod["status"]["phase"] for pod in host.all_of("pods", "default")}
    over = {name: phase for name, phase in before.items() if phase in ("Succeeded", "Failed")}
    assert len(over) > 20
    advance(world, 30)
    after = {pod["metadata"]["name"]: pod["status"]["phase"] for pod in host.all_of("pods", "default")}
    assert over.items() <= after.items()
    pod = next(pod for pod in host.all_of("pods", "default") if "tekton.dev/taskRun" in pod["metadata"]["labels"])
    source = logs.source(pod, host.types["pods"], {}, True)
    assert source is not None
