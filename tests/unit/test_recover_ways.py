"""The ways on that a plan is held against: what was really done, and closing everything."""

from dataclasses import replace

import numpy as np
import pytest
from tests.unit.twohalls import SEED, case_in, laid_of, text_of

from secondhall.case import PlannedAction
from secondhall.recover.nothing import play
from secondhall.recover.programme.relax import with_waves
from secondhall.recover.state import Laid
from secondhall.recover.ways import carried_out, closing_all, shared_out

LEFT, MONTH = 7, 3


@pytest.fixture(scope="module")
def laid(tmp_path_factory: pytest.TempPathFactory) -> Laid:
    return laid_of(case_in(tmp_path_factory.mktemp("ways"), text_of()))


def lived(laid: Laid, posts: float | None) -> Laid:
    """Return the same company, of which a past is known: the second hall closed, some posts left."""
    start = laid.case.start
    acts = (
        PlannedAction(month=start + MONTH, action="close", target="second"),
        PlannedAction(month=start + MONTH, action="dismiss_excess", target=None, posts=posts),
    )
    case = replace(laid.case, plans={"done": acts}, history_plan="done")
    return replace(laid, standing=replace(laid.standing, case=case))


def test_as_many_posts_leave_as_are_known_to_have_left_from_the_roles_that_can_spare_them(laid: Laid) -> None:
    done = carried_out(lived(laid, LEFT))
    assert done is not None
    _, said, [terms] = done
    assert said == f"close second in {laid.case.start + MONTH}, 7 posts leave in {laid.case.start + MONTH}"
    gone = terms.measures.posts_leaving
    assert gone.sum(axis=0).tolist() == [LEFT if month == MONTH else 0 for month in range(gone.shape[1])]
    problem = laid.problem
    left = problem.posts * (1.0 - problem.attrition) ** (MONTH + 1)
    need = np.median(problem.need[:, :, MONTH], axis=0) + problem.need_per_hall
    assert gone[:, MONTH].tolist() == shared_out(LEFT, np.maximum(left - need, 0.0)).tolist()
    owed = (gone[:, MONTH] * laid.indemnities.dismissal * laid.indemnities.monthly_cost).sum()
    assert terms.measures.charges[MONTH] == pytest.approx(owed)


def test_those_posts_go_and_are_filled_again_only_where_the_work_needs_them(laid: Laid) -> None:
    done = carried_out(lived(laid, LEFT))
    assert done is not None
    terms = done[2][0]
    kept = replace(terms, measures=replace(terms.measures, posts_leaving=np.zeros((3, MONTH + 1))))
    paid, less = (
        play(laid.standing, one, seed=SEED, paths=laid.bundles.paths).staff for one in (kept, terms)
    )
    gone = terms.measures.posts_leaving[:, MONTH] @ laid.indemnities.monthly_cost * laid.money.index[MONTH]
    saved = paid - less
    assert saved[:MONTH] == pytest.approx(0.0)
    assert (saved[MONTH] > 0.0).all()
    assert (saved[MONTH] <= gone * (1.0 + 1e-9)).all()
    assert saved[MONTH].max() == pytest.approx(gone)


def test_where_no_number_is_known_the_posts_in_excess_leave(laid: Laid) -> None:
    done = carried_out(lived(laid, None))
    assert done is not None
    assert done[2][0].dismiss_month == MONTH
    assert done[2][0].measures.posts_leaving.sum() == 0.0


def test_whole_posts_add_up_to_the_total_and_stay_within_one_of_their_share() -> None:
    rng = np.random.default_rng(3)
    for _ in range(200):
        weight, total = rng.uniform(0.1, 9.0, int(rng.integers(1, 9))), float(rng.integers(0, 90))
        whole = shared_out(total, weight)
        assert whole.sum() == total
        assert (np.abs(whole - total * weight / weight.sum()) < 1.0).all()


def test_closing_everything_does_not_depend_on_the_kind_of_plan_that_is_best(laid: Laid) -> None:
    slow = tuple(replace(wave, leave=wave.leave + 2) if wave.is_collective else wave for wave in laid.waves)
    small = [place for place, wave in enumerate(slow) if not wave.is_collective]
    one_kind = replace(laid, waves=slow, problem=with_waves(laid.problem, small))
    assert one_kind.smallest_plan == laid.smallest_plan == 10
    _, _, [terms] = closing_all(one_kind)
    leave = next(wave.leave for wave in slow if wave.is_collective and wave.announced == 0)
    assert set(terms.close_month[[hall.slot for hall in laid.standing.halls]]) == {leave}
    assert terms.measures.posts_leaving[:, leave].tolist() == laid.problem.posts.tolist()


def test_a_case_without_a_past_has_no_way_that_was_gone(laid: Laid) -> None:
    assert carried_out(laid) is None
