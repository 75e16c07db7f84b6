from app.greeting import GREETING


def test_it_greets() -> None:
    assert GREETING.startswith("hello")
