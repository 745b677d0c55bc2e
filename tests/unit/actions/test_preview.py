"""Fields of other managers are told, and taken only when that was said."""

from __future__ import annotations

from pathlib import Path

from kurator_tui.actions.plan import Apply, Step, seen
from kurator_tui.actions.preview import Decided, fold, try_all
from kurator_tui.actions.reader import LiveReader
from kurator_tui.api.writing import Manner
from kurator_tui.kinds.plans import Target
from tests.unit.actions.estate import estate


async def test_a_clash_is_told_with_its_manager_and_gone_when_the_field_is_taken(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        world.add("configmaps", {"metadata": {"name": "c", "namespace": "d"}})
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"k": "theirs"}}
        path = "/api/v1/namespaces/d/configmaps/c?fieldManager=gitops&force=true"
        kind = "application/apply-patch+yaml"
        await world.apis["m1"].call("PATCH", path, body, Content_Type=kind)
        reader = LiveReader(world.hub)
        target = Target("m1", "configmaps", "d", "c")
        step = Step(seen(target, await reader.get(target)), Apply({**body, "data": {"k": "ours"}}))
        (told,) = await try_all(world.hub, reader, [step], Manner(), "salt")
        assert [(clash.field, clash.manager, bool(clash.time)) for clash in told.clashes] == [
            (".data.k", "gitops", True)
        ]
        assert [(line.before, line.after) for line in told.lines] == [('"theirs"', '"ours"')]
        (taken,) = await try_all(world.hub, reader, [step], Manner(), "salt", Decided(take=frozenset({".data.k"})))
        assert taken.clashes == ()
        assert isinstance(taken.step.write, Apply)
        assert taken.step.write.force
        assert fold([taken])[0].steps == (0,)
        assert (await world.get("m1", "api/v1/namespaces/d/configmaps/c"))["data"] == {"k": "theirs"}
