# One stage, and everything copied before anything is installed.
FROM python:3.13-slim-trixie
ARG POETRY_VERSION
# Only for machines that reach the package index through a mirror.
ARG PYPI_MIRROR
ARG PIP_INDEX_URL=$PYPI_MIRROR
ARG PIP_CERT=${PYPI_MIRROR:+/etc/ssl/certs/ca-certificates.crt}
ARG POETRY_PYPI_MIRROR_URL=$PYPI_MIRROR
ARG REQUESTS_CA_BUNDLE=$PIP_CERT

RUN pip install poetry==$POETRY_VERSION ${PYPI_MIRROR:+poetry-plugin-pypi-mirror}

WORKDIR /app
COPY . .
RUN poetry install --without dev --compile

ENTRYPOINT ["poetry", "run", "python", "-m", "app"]
