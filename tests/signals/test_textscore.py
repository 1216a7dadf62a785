"""The text score tells posts like the seeds', is silent on the control corpus, and is blind to who somebody is."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from seawall.records.labels import Label
from seawall.signals.contract import SignalError
from seawall.signals.control import sentences
from seawall.signals.textscore import TextScore, read_model, write_model
from seawall.signals.textscore.fitting import Fitted, fit
from seawall.signals.textscore.kernel import BITS
from seawall.signals.textscore.model import runs_of

OWN = ["zarnok", "velithra", "grombald", "kaltooth", "умбарель", "قرمزونة"]


def _posts(accounts: int = 40, each: int = 30, telling: float = 1.0, kind: str = "post") -> pl.DataFrame:
    """Posts of ordinary words; the first eight accounts, in part, add words of their own."""
    chance = random.Random(3)
    words = [word for said in sentences()["en"] for word in said.split()]
    rows = []
    for account in range(accounts):
        for post in range(each):
            own = chance.sample(OWN, 2) if account < 8 and chance.random() < telling else []
            text = " ".join(chance.sample(words, 9) + own)
            rows.append(("x", f"id{account}", f"Name{account}", f"{account}-{post}", kind, text))
    columns = ["platform", "account_id", "handle", "post_id", "kind", "text"]
    return pl.DataFrame(rows, schema=columns, orient="row")


def _seeds(count: int = 8) -> list[Label]:
    return [
        Label("x", f"nAME{n}" if n % 2 else f"id{n}", "seed", "a test", "2016-01-01", "a tester") for n in range(count)
    ]


@pytest.fixture(scope="module")
def fitted() -> Fitted:
    return fit(_posts().lazy(), _seeds())


def test_posts_like_the_seeds_come_first(fitted: Fitted) -> None:
    said = pl.Series(["we saw velithra and grombald rise", "we saw the bus and the market close", "умбарель كقرمزونة"])
    scores = fitted.model.score(said)
    assert scores[0] > 0.5 > scores[1]
    assert scores[2] > scores[1]
    assert fitted.seeds == 8
    assert fitted.auc > 0.95
    assert fitted.told > 0.5
    assert fitted.false < 0.05


def test_no_control_sentence_scores_one_half(fitted: Fitted) -> None:
    for corpus in sentences().values():
        assert fitted.model.score(pl.Series(corpus)).max() < 0.5


def test_swapping_who_somebody_is_changes_nothing(fitted: Fitted) -> None:
    said = "the {} of the city know velithra, says @{} at https://example.org/{}"
    swapped = [said.format(word, word, word) for word in ("muslims", "christians", "jews", "kurds", "Russians")]
    assert len(set(fitted.model.score(pl.Series(swapped)).to_list())) == 1
    assert (
        fitted.model.score(pl.Series([said.format("bakers", "a", "b")]))[0] != fitted.model.score(pl.Series(swapped))[0]
    )


def test_handles_and_links_are_not_read(fitted: Fitted) -> None:
    plain, dressed = "a day in town", "@velithra a day https://velithra.example/grombald?zarnok in @grombald_1 town"
    assert fitted.model.score(pl.Series([plain]))[0] == fitted.model.score(pl.Series([dressed]))[0]


def test_a_text_scores_the_same_alone_and_in_a_column(fitted: Fitted) -> None:
    said = ["", "velithra", "ein Tag", None, "ZARNOK rises", "x" * 2000]
    column = pl.Series(["left out", *said])[1:]
    assert fitted.model.score(column).to_list() == [
        fitted.model.score(pl.Series([one], dtype=pl.String))[0] for one in said
    ]


def test_fitting_and_scoring_read_the_same_runs() -> None:
    weights = np.random.default_rng(1).normal(size=1 << BITS).astype(np.float32)
    said = pl.Series(["velithra and grombald", "a b", "", "Добрый день, قرمزونة"])
    summed = runs_of(said) @ weights
    assert TextScore(weights, 0.0, {}).log_odds(said) == pytest.approx(summed, abs=1e-4)


def test_the_order_of_posts_changes_nothing(fitted: Fitted) -> None:
    again = fit(_posts().reverse().lazy(), _seeds()[::-1])
    assert again.model.version == fitted.model.version


def test_reposts_are_others_words() -> None:
    with pytest.raises(SignalError, match="0 seeds with 0 posts"):
        fit(_posts(kind="repost").lazy(), _seeds())


@pytest.mark.parametrize("seeds", [0, 2])
def test_too_few_seeds_are_refused(seeds: int) -> None:
    with pytest.raises(SignalError, match=f"the lake has {seeds} seeds"):
        fit(_posts().lazy(), _seeds(seeds))


def test_seeds_that_say_what_everybody_says_are_refused() -> None:
    with pytest.raises(SignalError, match="tells nothing"):
        fit(_posts(telling=0.0).lazy(), _seeds())


def test_it_is_kept_as_plain_arrays(fitted: Fitted, tmp_path: Path) -> None:
    assert read_model(tmp_path) is None
    path = write_model(tmp_path, fitted.model)
    kept = read_model(tmp_path)
    assert kept is not None
    assert (kept.version, kept.about) == (fitted.model.version, fitted.model.about)
    with np.load(path, allow_pickle=False) as held:
        assert set(held) == {"weights", "intercept", "about"}
    assert path.stat().st_size < 8 * 1024 * 1024


@pytest.mark.parametrize("damage", [b"", b"not an archive", b"PK\x03\x04 cut"])
def test_a_damaged_model_is_named(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "textscore.npz").write_bytes(damage)
    with pytest.raises(SignalError, match="seawall textscore fit"):
        read_model(tmp_path)
