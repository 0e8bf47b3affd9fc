"""Settings: each has its purpose, a secret has no default, and the environment has one reader."""

import pytest
from pydantic_core import PydanticUndefined

from docs.house import declared
from shared.settings import PREFIX, Settings

CLASSES: list[type[Settings]] = sorted(
    {Settings, *(service.settings for service in declared())},
    key=lambda model: str(model.__name__),
)
REQUIRED = {"CHORALE_MONGO_URL": "mongodb://x/?replicaSet=r", "CHORALE_AMQP_URL": "amqp://x/"}


@pytest.mark.parametrize("model", CLASSES, ids=lambda model: model.__name__)
def test_every_setting_says_what_it_is_for(model: type[Settings]) -> None:
    for name, field in model.model_fields.items():
        assert field.description, f"{PREFIX}{name.upper()}"
        assert not field.description.endswith("."), name


@pytest.mark.parametrize("model", CLASSES, ids=lambda model: model.__name__)
def test_no_secret_has_a_default(model: type[Settings]) -> None:
    for name, field in model.model_fields.items():
        if any(word in name for word in ("password", "secret", "key")):
            assert field.default in (None, PydanticUndefined), name


@pytest.mark.parametrize("model", CLASSES, ids=lambda model: model.__name__)
def test_a_name_that_two_services_share_means_the_same(model: type[Settings]) -> None:
    for other in CLASSES:
        for name in set(model.model_fields) & set(other.model_fields):
            assert model.model_fields[name].description == other.model_fields[name].description


def test_every_fault_is_said_at_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CHORALE_PORT", "not-a-port")
    monkeypatch.delenv("CHORALE_MONGO_URL", raising=False)
    monkeypatch.delenv("CHORALE_AMQP_URL", raising=False)
    with pytest.raises(SystemExit) as stopped:
        Settings.read()
    said = capsys.readouterr().err
    assert stopped.value.code == 78
    for name in ("CHORALE_PORT", "CHORALE_MONGO_URL", "CHORALE_AMQP_URL"):
        assert f"{name}:" in said


def test_a_secret_may_lie_in_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("secrets") / "amqp"
    path.write_text("amqp://from-a-file/\n")
    monkeypatch.setenv("CHORALE_MONGO_URL", REQUIRED["CHORALE_MONGO_URL"])
    monkeypatch.setenv("CHORALE_AMQP_URL_FILE", str(path))
    monkeypatch.delenv("CHORALE_AMQP_URL", raising=False)
    assert Settings.read().amqp_url == "amqp://from-a-file/"
