# The multi-stage Dockerfile of uv's Docker guide: the dependencies before the project, and an image without uv.
FROM python:3.13-slim-trixie AS builder
COPY --from=org/uv /uv /bin/
# Only for machines that reach the package index through a mirror.
ARG PYPI_MIRROR
ARG UV_DEFAULT_INDEX=$PYPI_MIRROR
ARG SSL_CERT_FILE=${PYPI_MIRROR:+/etc/ssl/certs/ca-certificates.crt}

ENV UV_COMPILE_BYTECODE=1 \
    UV_LINK_MODE=copy \
    UV_PYTHON_DOWNLOADS=0
WORKDIR /app
RUN --mount=type=cache,target=/root/.cache/uv \
    --mount=type=bind,source=uv.lock,target=uv.lock \
    --mount=type=bind,source=pyproject.toml,target=pyproject.toml \
    uv sync --locked --no-install-project --no-dev
COPY . /app
RUN --mount=type=cache,target=/root/.cache/uv \
    uv sync --locked --no-dev --no-editable

FROM python:3.13-slim-trixie
ENV PATH=/app/.venv/bin:$PATH
WORKDIR /app
COPY --from=builder /app/.venv /app/.venv
ENTRYPOINT ["python", "-m", "app"]
