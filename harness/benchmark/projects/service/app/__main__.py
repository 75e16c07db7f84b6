"""Serves the application."""

import uvicorn

from app.settings import Settings
from app.web import create

settings = Settings()
uvicorn.run(create(), host=settings.host, port=settings.port)
