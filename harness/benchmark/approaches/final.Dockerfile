# The multi-stage build with a cache that outlives the step, so that nothing is downloaded twice.
FROM python:3.13-slim-trixie AS builder
ARG POETRY_VERSION
# Only for machines that reach the package index through a mirror.
ARG PYPI_MIRROR
ARG PIP_INDEX_URL=$PYPI_MIRROR
ARG PIP_CERT=${PYPI_MIRROR:+/etc/ssl/certs/ca-certificates.crt}
ARG POETRY_PYPI_MIRROR_URL=$PYPI_MIRROR
ARG REQUESTS_CA_BUNDLE=$PIP_CERT

RUN pip install poetry==$POETRY_VERSION ${PYPI_MIRROR:+poetry-plugin-pypi-mirror}

ENV POETRY_NO_INTERACTION=1 \
    POETRY_VIRTUALENVS_CREATE=1 \
    POETRY_VIRTUALENVS_IN_PROJECT=1 \
    POETRY_CACHE_DIR=/tmp/poetry_cache
WORKDIR /app
COPY pyproject.toml poetry.lock ./
# Poetry asks for the file that pyproject.toml names.
RUN touch README.md
RUN --mount=type=cache,target=$POETRY_CACHE_DIR poetry install --without dev --compile --no-root

FROM python:3.13-slim-trixie AS runtime
ENV VIRTUAL_ENV=/app/.venv \
    PATH=/app/.venv/bin:$PATH
WORKDIR /app
COPY --from=builder $VIRTUAL_ENV $VIRTUAL_ENV
COPY app ./app
ENTRYPOINT ["python", "-m", "app"]
