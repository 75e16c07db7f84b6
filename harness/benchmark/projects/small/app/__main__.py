"""Says it."""

import cowsay

from app.greeting import GREETING

cowsay.cow(GREETING)
