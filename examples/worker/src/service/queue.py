"""The queue that the service writes to and the worker reads from: a file in a volume that both have."""

from huey import SqliteHuey

huey = SqliteHuey(filename="/app/data/queue.db")


@huey.task()
def count(text: str) -> int:
    return len(text.split())


def add(text: str) -> str:
    """Queues a text, and returns the ID to ask for its words with."""
    return count(text).id


def words(id: str) -> int | None:
    """The number of words, once the worker has counted them."""
    return huey.result(id, preserve=True)
