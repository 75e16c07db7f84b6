"""The routes."""

import structlog
from fastapi import FastAPI
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from prometheus_client import Counter, make_asgi_app
from pydantic import BaseModel, PositiveInt
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.database import Order, connect
from app.greeting import GREETING

log = structlog.get_logger()
taken = Counter("orders_taken", "Orders that were taken")


class NewOrder(BaseModel):
    """What a customer sends."""

    article: str
    count: PositiveInt


def create() -> FastAPI:
    """Makes the application."""
    app = FastAPI(title="Orders")
    engine = connect()

    @app.get("/")
    def greet() -> dict[str, str]:
        return {"greeting": GREETING}

    @app.post("/orders", status_code=201)
    def take(new: NewOrder) -> dict[str, int]:
        with Session(engine) as session:
            order = Order(article=new.article, count=new.count)
            session.add(order)
            session.commit()
            taken.inc()
            log.info("taken", order=order.id)
            return {"id": order.id}

    @app.get("/orders")
    def orders() -> list[dict[str, str | int]]:
        with Session(engine) as session:
            return [
                {"id": order.id, "article": order.article, "count": order.count}
                for order in session.scalars(select(Order))
            ]

    app.mount("/metrics", make_asgi_app())
    FastAPIInstrumentor.instrument_app(app)
    return app
