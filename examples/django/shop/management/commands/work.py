"""The worker. A real one would process orders from a queue; this one only reports that it is waiting."""

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    def handle(self, *args: object, **options: object) -> None:
        self.stdout.write("waiting for orders")
