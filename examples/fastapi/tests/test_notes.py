from fastapi.testclient import TestClient

from notes.main import app

client = TestClient(app)


def test_a_note_is_kept() -> None:
    assert client.post("/notes", json={"text": "milk"}).status_code == 201
    assert {"text": "milk"} in client.get("/notes").json()


def test_it_is_well() -> None:
    assert client.get("/health").json() == {"status": "well"}
