"""The worker: it would take orders from a queue; here it says that it is there."""

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    def handle(self, *args: object, **options: object) -> None:
        self.stdout.write("waiting for orders")
