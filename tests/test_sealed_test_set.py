"""The button that opens MNIST's test set once."""

import json

import pytest

from hwd_lib.network import SAVED_NN, Network
from hwd_lib.widgets.sealed_test_set import SealedTestSet


@pytest.fixture
def record(tmp_path, monkeypatch):
    monkeypatch.setenv("HWD_PROGRESS", str(tmp_path / "new" / "progress.json"))
    return tmp_path / "new" / "test_set.json"


def test_the_test_set_opens_once(record, mnist):
    path = SAVED_NN / "784-10.npz"
    sealed = SealedTestSet(path)
    assert "Sealed" in sealed.text.value
    assert not record.exists()
    sealed.button.click()
    network = Network.load(path)
    right = int((network.predict(mnist.test.images) == mnist.test.labels).sum())
    assert json.loads(record.read_text("utf-8"))["right"] == right
    assert f"{right:,} of 10,000" in sealed.text.value
    assert sealed.button.disabled

    other = SealedTestSet(SAVED_NN / "784-100-10.npz")  # another network, another day
    other.unseal()
    assert f"{right:,} of 10,000" in other.text.value
    assert "Opened for <code>784-10</code>" in other.text.value
    assert len((record.with_name("test_log.csv")).read_text("utf-8").splitlines()) == 2  # header, one opening


@pytest.mark.parametrize("content", ["", "[]", '{"right": 1}', "7"])
def test_a_broken_record_is_no_result(record, content):
    record.parent.mkdir()
    record.write_text(content, "utf-8")
    assert SealedTestSet(SAVED_NN / "784-10.npz").result is None
