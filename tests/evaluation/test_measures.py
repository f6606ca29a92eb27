"""Do the measures say what their names say, and what other people's programs say?"""

import warnings

import numpy as np
import pytest

from lookalike.evaluation.measures import (
    average_precision,
    calibration_error,
    micro_average_precision,
    ndcg_at_k,
    neighbor_recall_at_k,
    precision_at_k,
    recall_at_k,
    recall_at_precision,
    reciprocal_rank,
    reliability,
    success_at_k,
)


def found(text):
    """Read `.x.x`: a hit each, x for a relevant one."""
    return np.array([one == "x" for one in text], np.bool_)


def test_recall_success_and_precision_at_k_are_three_different_things():
    ranking = found(".x.x.")
    assert recall_at_k(ranking, 4, 2) == 1 / 4
    assert success_at_k(ranking, 2) == 1.0
    assert precision_at_k(ranking, 2) == 1 / 2
    assert success_at_k(ranking, 1) == recall_at_k(ranking, 4, 1) == 0.0


def test_ranks_left_empty_are_no_right_hits():
    assert precision_at_k(found("x"), 10) == 1 / 10


def test_average_precision_counts_what_was_never_found():
    assert average_precision(found("x.x"), 2) == pytest.approx((1 + 2 / 3) / 2)
    assert average_precision(found("x.x"), 4) == pytest.approx((1 + 2 / 3) / 4)
    assert average_precision(found("x.x"), 2, k=1) == 1 / 2


def test_a_perfect_ranking_has_the_best_of_all_measures():
    ranking = found("xxx..")
    assert average_precision(ranking, 3) == ndcg_at_k(ranking, 3, 5) == reciprocal_rank(ranking) == 1.0


def test_a_query_without_anything_relevant_scores_nothing():
    ranking = found("...")
    assert average_precision(ranking, 0) == ndcg_at_k(ranking, 0, 3) == recall_at_k(ranking, 0, 3) == 0.0
    scores = np.array([0.9, 0.5, 0.1])
    assert micro_average_precision(scores, ranking, 0) == recall_at_precision(scores, ranking, 0) == 0.0
    assert reciprocal_rank(ranking) == 0.0


def test_discounted_gain_is_lower_the_further_down_a_hit_stands():
    assert ndcg_at_k(found(".x"), 1, 2) == pytest.approx(1 / np.log2(3))
    assert ndcg_at_k(found(".x"), 1, 1) == 0.0


def test_micro_average_precision_puts_all_hits_in_one_ranking():
    scores = np.array([0.9, 0.8, 0.7, 0.6])
    assert micro_average_precision(scores, found("x.x."), 2) == pytest.approx((1 + 2 / 3) / 2)
    assert micro_average_precision(scores, found("x.x."), 4) == pytest.approx((1 + 2 / 3) / 4)


def test_hits_of_one_score_come_in_together_whatever_their_order():
    scores = np.array([0.5, 0.5, 0.5, 0.5])
    assert micro_average_precision(scores, found("xx.."), 2) == micro_average_precision(scores, found("..xx"), 2) == 0.5


def test_recall_at_precision_stops_where_too_many_are_wrong():
    scores = np.linspace(1, 0, 20)
    right = np.array([True] * 10 + [False] * 10)
    assert recall_at_precision(scores, right, 20) == 11 / 20 - 1 / 20
    assert recall_at_precision(scores, ~right, 10) == 0.0
    assert recall_at_precision(np.array([0.9, 0.8, 0.7, 0.6]), found("xxx."), 3, precision=0.75) == 1.0
    assert recall_at_precision(np.array([0.9, 0.8, 0.7, 0.6]), found("x.xx"), 3, precision=0.75) == 1.0, "just enough"


def test_of_more_relevant_than_ranks_the_best_that_could_be_fills_the_ranks():
    assert ndcg_at_k(found("xx"), 9, 2) == pytest.approx(1.0)


def test_no_hits_at_all_are_no_error():
    nothing = np.zeros(0)
    assert micro_average_precision(nothing, found(""), 3) == recall_at_precision(nothing, found(""), 3) == 0.0
    assert calibration_error(nothing, found("")) == 0.0


def test_neighbours_are_compared_as_sets():
    assert neighbor_recall_at_k(["b", "a", "x"], ["a", "b", "c"], 2) == 1.0
    assert neighbor_recall_at_k(["b", "x", "y"], ["a", "b", "c"], 3) == 1 / 3
    assert neighbor_recall_at_k(["x", "b", "a"], ["a", "b"], 2) == 1 / 2, "what comes later was not found"
    assert neighbor_recall_at_k([], [], 3) == 1.0


def test_who_is_right_as_often_as_said_has_no_calibration_error():
    confidences = np.array([0.25] * 4 + [0.75] * 4)
    assert calibration_error(confidences, found("x...xxx.")) == pytest.approx(0)
    assert calibration_error(confidences, found("........")) == pytest.approx(0.5)
    assert [one.count for one in reliability(confidences, found("x...xxx."))] == [4, 4]


def test_the_surest_and_the_least_sure_fall_into_the_outer_bins():
    bins = reliability(np.array([0.0, 1.0]), found(".x"), bins=2)
    assert [(one.confidence, one.right, one.count) for one in bins] == [(0.0, 0.0, 1), (1.0, 1.0, 1)]


def rankings(seed):
    random = np.random.default_rng(seed)
    for _ in range(20):
        scores = random.permutation(50) / 50
        yield scores, random.random(50) < random.uniform(0.05, 0.6)


@pytest.mark.slow
def test_scikit_learn_says_the_same():
    metrics = pytest.importorskip("sklearn.metrics")
    for scores, right in rankings(1):
        relevant, ranked = int(right.sum()), right[np.argsort(-scores)]
        expected = metrics.average_precision_score(right, scores) if relevant else 0.0
        assert average_precision(ranked, relevant) == pytest.approx(expected)
        assert micro_average_precision(scores, right, relevant) == pytest.approx(expected)
        tied = np.round(scores, 1)
        if relevant:
            assert micro_average_precision(tied, right, relevant) == pytest.approx(
                metrics.average_precision_score(right, tied)
            )
            assert ndcg_at_k(ranked, relevant, 10) == pytest.approx(metrics.ndcg_score([right], [scores], k=10))
            precisions, recalls, _ = metrics.precision_recall_curve(right, tied)
            assert recall_at_precision(tied, right, relevant, 0.5) == pytest.approx(recalls[precisions >= 0.5].max())


@pytest.mark.slow
def test_ranx_says_the_same(monkeypatch):
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")  # compiling takes a minute
    pytest.importorskip("ranx")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # those of the packages that it brings
        from ranx import Qrels, Run, evaluate

        for scores, right in rankings(2):
            relevant, ranked = int(right.sum()), right[np.argsort(-scores)]
            if not relevant:
                continue
            truth = Qrels({"q": {str(n): 1 for n in np.flatnonzero(right)}})
            run = Run({"q": {str(n): float(score) for n, score in enumerate(scores)}})
            names = ["map", "map@10", "mrr", "ndcg@10", "precision@10", "recall@10", "hit_rate@10"]
            expected = evaluate(truth, run, names)
            ours = [
                average_precision(ranked, relevant),
                average_precision(ranked, relevant, 10),
                reciprocal_rank(ranked),
                ndcg_at_k(ranked, relevant, 10),
                precision_at_k(ranked, 10),
                recall_at_k(ranked, relevant, 10),
                success_at_k(ranked, 10),
            ]
            assert ours == pytest.approx([expected[name] for name in names])


@pytest.mark.torch
def test_torchmetrics_says_the_same():
    torch = pytest.importorskip("torch")
    import fitting_torchvision  # noqa: F401 - before what imports torchvision

    metrics = pytest.importorskip("torchmetrics.functional")
    retrieval = pytest.importorskip("torchmetrics.functional.retrieval")
    for evenly, right in rankings(3):
        confidences = 0.99 * evenly + 0.0031  # none where two bins meet, which belongs to the lower one here
        relevant, ranked = int(right.sum()), right[np.argsort(-confidences)]
        scores, target = torch.tensor(confidences), torch.tensor(right.astype(np.int64))
        assert calibration_error(confidences, right) == pytest.approx(
            float(metrics.classification.binary_calibration_error(scores, target, n_bins=15)), abs=1e-6
        )
        if not relevant:
            continue
        for expected, ours in (
            (retrieval.retrieval_average_precision(scores, target), average_precision(ranked, relevant)),
            (retrieval.retrieval_normalized_dcg(scores, target, top_k=10), ndcg_at_k(ranked, relevant, 10)),
            (retrieval.retrieval_reciprocal_rank(scores, target), reciprocal_rank(ranked)),
            (retrieval.retrieval_recall(scores, target, top_k=10), recall_at_k(ranked, relevant, 10)),
            (retrieval.retrieval_precision(scores, target, top_k=10), precision_at_k(ranked, 10)),
            (retrieval.retrieval_hit_rate(scores, target, top_k=3), success_at_k(ranked, 3)),
            (
                metrics.classification.binary_average_precision(scores, target),
                micro_average_precision(confidences, right, relevant),
            ),
        ):
            assert ours == pytest.approx(float(expected), abs=1e-6)
