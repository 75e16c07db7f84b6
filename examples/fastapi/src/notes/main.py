"""The service: `GET /notes`, `POST /notes`, `GET /health`."""

import os

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel


class Note(BaseModel):
    text: str


app = FastAPI()
notes: list[Note] = []


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "well"}


@app.get("/notes")
def all_notes() -> list[Note]:
    return notes


@app.post("/notes", status_code=201)
def add(note: Note) -> Note:
    notes.append(note)
    return note


def serve() -> None:
    uvicorn.run(app, host="0.0.0.0", port=int(os.environ["PORT"]))
