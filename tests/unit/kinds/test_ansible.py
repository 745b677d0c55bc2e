"""What is read of Ansible's log, whole, cut, coloured and hostile."""

from __future__ import annotations

import pytest

from kurator_tui.demo.apiserver.log_ansible import HOSTS, LINES
from kurator_tui.kinds.ansible import MOST_TASKS, parsed, summary

LOG = """
PLAY [Gather facts] ************************************************************

TASK [Gather minimal facts] ****************************************************
ok: [node-1]
ok: [node-2]
skipping: [node-3]

RUNNING HANDLER [etcd : Restart etcd] ******************************************
changed: [node-1 -> localhost]

TASK [kubernetes/node : Enable kubelet] ****************************************
changed: [node-1]
fatal: [node-2]: FAILED! => {"changed": false, "msg": "Unable to start service kubelet: Job failed"}
fatal: [node-3]: UNREACHABLE! => {"changed": false, "msg": "Failed to connect via ssh", "unreachable": true}

PLAY RECAP *********************************************************************
node-1                     : ok=3    changed=2    unreachable=0    failed=0    skipped=0
node-2                     : ok=1    changed=0    unreachable=0    failed=1    skipped=0
node-3                     : ok=0    changed=0    unreachable=1    failed=0    skipped=1
""".splitlines()


def test_tasks_are_counted_by_how_each_host_came_through() -> None:
    run = parsed(LOG)
    first, handler, last = run.tasks
    assert (first.play, first.name, first.ok, first.skipped) == ("Gather facts", "Gather minimal facts", 2, 1)
    assert (handler.name, handler.changed) == ("etcd : Restart etcd", 1)
    assert (last.changed, last.failed, last.unreachable, last.hosts) == (1, 1, 1, ["node-2", "node-3"])


def test_the_recap_says_which_hosts_are_not_done() -> None:
    run = parsed(LOG)
    assert run.over
    assert {host: (each.failed, each.unreachable) for host, each in run.recap.items()} == {
        "node-1": (0, 0),
        "node-2": (1, 0),
        "node-3": (0, 1),
    }
    assert summary(run) == (
        "3 tasks · done on 1 of 3 hosts · not on node-2, node-3 · "
        "failed: kubernetes/node : Enable kubelet on node-2, node-3: Failed to connect via ssh"
    )


def test_a_run_that_goes_on_says_what_it_does_now() -> None:
    assert summary(parsed(LOG[:13])) == "3 tasks · now kubernetes/node : Enable kubelet (1 changed)"


def test_what_was_ignored_is_no_failure() -> None:
    run = parsed(["TASK [x] ****", 'fatal: [a]: FAILED! => {"msg": "no"}', "...ignoring"])
    assert run.failed is None


@pytest.mark.parametrize("begin", range(0, len(LOG), 3))
def test_a_log_that_begins_anywhere_is_read_from_its_next_task_on(begin: int) -> None:
    run = parsed(LOG[begin:])
    assert len(run.recap) == 3 or begin > 15
    assert all(task.name for task in run.tasks)


def test_a_log_that_breaks_off_within_a_line_keeps_what_was_whole() -> None:
    for end in range(len("\n".join(LOG))):
        parsed("\n".join(LOG)[:end].splitlines())
    cut = parsed([*LOG[:11], 'fatal: [node-2]: FAILED! => {"changed": fal'])
    assert (cut.tasks[-1].failed, cut.tasks[-1].message) == (1, '{"changed": fal')


def test_colours_are_taken_off() -> None:
    run = parsed(["TASK [a] ****", "\x1b[0;32mok: [node-1]\x1b[0m"])
    assert run.tasks[0].ok == 1


@pytest.mark.parametrize(
    "line",
    [
        "",
        "TASK [",
        "TASK [] ***",
        "PLAY RECAP",
        "ok: []",
        "ok: [a" * 5000,
        'fatal: [a]: FAILED! => {"msg": "' + "\\" * 9999,
        "x : ok=99999999999999999999 changed=1 unreachable=0 failed=0",
        "\x00\x1b]0;title\x07",
    ],
)
def test_hostile_lines_say_nothing_and_break_nothing(line: str) -> None:
    run = parsed(["PLAY [p] ****", "TASK [t] ****", line, "PLAY RECAP ***", line])
    said = summary(run)
    assert "\x1b" not in said
    assert len(said) < 2000


def test_names_and_messages_are_inert_and_short() -> None:
    run = parsed(
        ["TASK [\x1b[2Jevil\u202e" + "x" * 999 + "] ****", 'fatal: [h]: FAILED! => {"msg": "\x1b]0;a\x07"}']
    )
    said = summary(run)
    assert "\x1b" not in said
    assert "\u202e" not in said
    assert len(run.tasks[0].name) <= 300


def test_of_endless_logs_the_newest_tasks_are_kept_and_all_are_counted() -> None:
    run = parsed(f"TASK [t{at}] ****" for at in range(MOST_TASKS + 50))
    assert (len(run.tasks), run.dropped, run.tasks[-1].name) == (MOST_TASKS, 50, f"t{MOST_TASKS + 49}")
    assert summary(run).startswith(f"{MOST_TASKS + 50} tasks")


def test_other_logs_are_not_taken_for_ansibles() -> None:
    assert (
        summary(parsed(["level=info msg=ok", "ok: [node-1]", "node : ok=1 changed=1 unreachable=0 failed=0"]))
        == ""
    )


def test_what_the_demo_writes_is_read_to_its_end() -> None:
    run = parsed(LINES)
    assert summary(run) == f"{len(run.tasks)} tasks · done on all {len(HOSTS)} hosts"
