from fastapi.testclient import TestClient

from app.web import create


def test_it_greets() -> None:
    client = TestClient(create())
    assert client.get("/").json()["greeting"].startswith("hello")
